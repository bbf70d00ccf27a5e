"""Friends: asking, answering, ending, blocking."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from vestibule.people import accounts, blocks, friends
from vestibule.people.accounts import Account
from vestibule.people.errors import Blocked, NotAsked, Oneself, PeopleError, UnknownPerson
from vestibule.store import Store
from vestibule.store.outbox import Outbox
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform

Decision = Callable[[Store, Outbox, int, int, int], Awaitable[object]]

DECISIONS: dict[str, tuple[Decision, str]] = {
    "accept": (friends.accept, "accepted"),
    "decline": (friends.decline, "declined"),
    "end": (friends.unfriend, "unfriended"),
    "block": (blocks.block, "blocked"),
    "unblock": (blocks.unblock, "unblocked"),
}
"""What a person may decide about another, and the notice that follows; `decline` takes back a request too."""

SENTENCES: dict[type[PeopleError], str] = {
    Oneself: "That is you. Ask somebody else.",
    UnknownPerson: "There is nobody with this handle.",
    Blocked: "This person cannot be asked.",
    NotAsked: "There is no open request from this person.",
}


async def _friends_page(
    platform: Platform, person: Account, *, said: str | None = None, asked: str = "", wrong: str = ""
) -> Response[str]:
    ties = await friends.friends_of(platform.store, person.user_id)
    blocked = await blocks.blocked_by(platform.store, person.user_id)
    people = await accounts.by_ids(platform.store, [*(tie.friend_id for tie in ties), *blocked])
    by_state = {
        state: _by_name(
            people[tie.friend_id] for tie in ties if tie.state == state and tie.friend_id in people
        )
        for state in ("asking", "asked", "friends")
    }
    return page(
        "person/friends.html",
        person=person,
        status=422 if wrong else 200,
        said=said,
        here="friends",
        ties=by_state,
        blocked=_by_name(people[user_id] for user_id in blocked if user_id in people),
        asked=asked,
        wrong=wrong,
    )


def _by_name(people: Any) -> list[Account]:
    return sorted(people, key=lambda account: (account.name.casefold(), account.handle))


@get("/friends", include_in_schema=False)
async def show_friends(
    platform: GivenPlatform, person: GivenPerson, said: FromQuery[str | None] = None
) -> Response[str]:
    """Show friends, open requests and blocked people."""
    return await _friends_page(platform, person, said=said)


@post("/friends/ask", include_in_schema=False, request_max_body_size=LARGEST)
async def ask(request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson) -> Response[Any]:
    """Ask somebody for friendship."""
    handle = (await fields_of(request)).word("handle").removeprefix("@").lower()
    other = await accounts.by_handle(platform.store, handle)
    if other is None:
        return await _friends_page(platform, person, asked=handle, wrong=SENTENCES[UnknownPerson])
    try:
        state = await friends.ask(
            platform.store, platform.outbox, person.user_id, other.user_id, platform.clock()
        )
    except (Oneself, UnknownPerson, Blocked) as error:
        return await _friends_page(platform, person, asked=handle, wrong=SENTENCES[type(error)])
    return see_other(f"/friends?said={'accepted' if state == 'friends' else 'asked'}")


@post("/friends/{decision:str}", include_in_schema=False, request_max_body_size=LARGEST)
async def decide(
    decision: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Carry out one of the decisions about somebody."""
    if decision not in DECISIONS:
        raise NotFoundException("no such decision")
    carry_out, said = DECISIONS[decision]
    other = await accounts.by_handle(platform.store, (await fields_of(request)).word("handle"))
    if other is None:
        raise NotFoundException("there is no such person")
    try:
        await carry_out(platform.store, platform.outbox, person.user_id, other.user_id, platform.clock())
    except (Oneself, UnknownPerson, NotAsked, Blocked) as error:
        return await _friends_page(platform, person, wrong=SENTENCES[type(error)])
    return see_other(f"/friends?said={said}")


handlers = (show_friends, ask, decide)
