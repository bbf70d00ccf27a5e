"""Beginning a conversation: with one friend, or a group of them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from vestibule.inbox import conversations, messages
from vestibule.inbox.errors import BadBody, BadClientKey, BadMembers, BadTitle, Blocked, KeyReused, NotFriends
from vestibule.people import accounts, friends
from vestibule.people.accounts import Account
from vestibule.store.ids import encode
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.conversation import fresh_key
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform

COMPLAINTS: dict[type[Exception], tuple[str, str]] = {
    BadMembers: ("to", f"Choose 1 to {conversations.MOST_MEMBERS - 1} friends."),
    NotFriends: ("to", "Conversations are opened among friends. Somebody you chose is not one any more."),
    Blocked: ("to", "You cannot write to this person."),
    BadTitle: ("title", "Give the group a name of up to 80 letters."),
    BadBody: ("body", f"Write something, up to {messages.LONGEST_BODY:,} characters."),
    BadClientKey: ("body", "This form was not complete. Please send again."),
    KeyReused: ("body", "This form was sent before with another text. Please send again."),
}


async def _friends(platform: Platform, person: Account) -> list[Account]:
    ties = await friends.friends_of(platform.store, person.user_id)
    people = await accounts.by_ids(platform.store, [tie.friend_id for tie in ties if tie.state == "friends"])
    return sorted(people.values(), key=lambda account: (account.name.casefold(), account.handle))


async def _compose_page(
    platform: Platform, person: Account, form: Fields, errors: dict[str, str]
) -> Response[str]:
    return page(
        "person/compose.html",
        person=person,
        status=422 if errors else 200,
        here="inbox",
        friends=await _friends(platform, person),
        chosen=form.all("to"),
        form=form,
        errors=errors,
        key=form.word("key") or fresh_key(),
    )


@get("/new", include_in_schema=False)
async def compose(platform: GivenPlatform, person: GivenPerson, to: FromQuery[str] = "") -> Response[str]:
    """Show the form; `to` ticks one friend."""
    return await _compose_page(platform, person, Fields({"to": [to]}), {})


@post("/new", include_in_schema=False, request_max_body_size=LARGEST)
async def begin(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Open the conversation and send its first message; nothing is opened if the message cannot be sent."""
    form = await fields_of(request)
    try:
        messages.check_body(form.text("body").strip())
        messages.check_client_key(form.word("key"))
        conversation_id = await _opened(platform, person, form)
        await messages.send(
            platform.store,
            platform.live,
            conversation_id=conversation_id,
            sender_id=person.user_id,
            client_key=form.word("key"),
            body=form.text("body").strip(),
            now=platform.clock(),
        )
    except tuple(COMPLAINTS) as error:
        field, sentence = COMPLAINTS[type(error)]
        return await _compose_page(platform, person, form, {field: sentence})
    return see_other(f"/c/{encode(conversation_id)}#newest")


async def _opened(platform: Platform, person: Account, form: Fields) -> int:
    chosen = [await accounts.by_handle(platform.store, handle) for handle in form.all("to") if handle]
    others = [account.user_id for account in chosen if account is not None]
    if not others or None in chosen:
        raise BadMembers("expected friends, got none or unknown ones")
    store, outbox, now = platform.store, platform.outbox, platform.clock()
    if len(others) == 1 and not form.word("title"):
        return await conversations.open_pair(store, outbox, person.user_id, others[0], now)
    return await conversations.create_group(store, outbox, person.user_id, others, form.word("title"), now)


handlers = (compose, begin)
