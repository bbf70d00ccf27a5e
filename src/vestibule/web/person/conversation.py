"""The inbox, one conversation, and writing in it."""

import re
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter

from vestibule.connections import agreements, notices
from vestibule.inbox import conversations, messages
from vestibule.inbox.attachments import MOST_FILES
from vestibule.inbox.errors import BadBody, BadClientKey, BadReply, Blocked, KeyReused, NotAMember
from vestibule.inbox.extra import NOTHING, Extra
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.sharing import mutes
from vestibule.store.ids import decode, encode
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person import talk
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import LAST_NUMBER, see_other
from vestibule.web.platform import Platform

IN_INBOX = 100
IN_PAGE = 50
LONGEST_TIME = 18
"""Digits of a time in microseconds."""
SENTENCES: dict[type[Exception], str] = {
    BadBody: f"Write something, up to {messages.LONGEST_BODY:,} characters.",
    BadReply: "The message you reply to is not in this conversation.",
    BadClientKey: "This form was not complete. Please send again.",
    KeyReused: "This form was sent before with another text. Please send again.",
    Blocked: "You cannot write to this person.",
}

FILES_LEFT_OUT = "Nothing was sent yet. Choose the files again and press “Send with files”."

NUMBER = re.compile(r"[1-9][0-9]{0,17}")

Seq = Annotated[int | None, QueryParameter(ge=1, le=LAST_NUMBER)]
After = Annotated[int, QueryParameter(ge=0, le=LAST_NUMBER)]


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says: its idempotency key, the words, and the number of the message replied to or None."""

    key: str
    body: str
    reply_to: int | None


def fresh_key() -> str:
    """Make the idempotency key that a form carries, so that sending it twice writes one message."""
    return secrets.token_urlsafe(12)


async def member_of(platform: Platform, person: Account, spelled: str) -> int:
    """Read a conversation's id from an address and let only its members on.

    Raises:
        NotFoundException: there is none, or the person is not in it: which of the two is not said.
    """
    conversation_id = decode(spelled)
    try:
        await conversations.require_member(platform.store, conversation_id, person.user_id)
    except NotAMember:
        raise NotFoundException("no such conversation") from None
    return conversation_id


def place_of(spelled: str) -> tuple[int, int]:
    """Read a place in the inbox from an address: when its newest message was sent, a dot, the conversation.

    Raises:
        NotFoundException: it is not written like that.
        BadId: nor is the conversation.
    """
    at, _, conversation = spelled.partition(".")
    if not at.isdecimal() or not at.isascii() or len(at) > LONGEST_TIME:
        raise NotFoundException("no such place in the inbox")
    return int(at), decode(conversation)


@get("/inbox", include_in_schema=False)
async def show_inbox(
    platform: GivenPlatform, person: GivenPerson, before: FromQuery[str | None] = None
) -> Response[str]:
    """List the newest conversations, or those before a place."""
    place = None if before is None else place_of(before)
    found = await conversations.inbox_of(platform.store, person.user_id, before=place, limit=IN_INBOX + 1)
    lines, last = found[:IN_INBOX], found[IN_INBOX - 1 : IN_INBOX]
    return page(
        "person/inbox.html",
        person=person,
        here="inbox",
        lines=lines,
        before=before,
        older=f"{last[0].last_at}.{encode(last[0].conversation_id)}" if len(found) > IN_INBOX else None,
        partners=await talk.partner_names(platform.store),
        muted=await mutes.muted_by(platform.store, person.user_id),
        told=await talk.told_of(platform.store, person),
        now=platform.clock(),
    )


async def _conversation_page(
    platform: Platform,
    person: Account,
    conversation_id: int,
    *,
    before: int | None = None,
    reply_to: int | None = None,
    body: str = "",
    wrong: str = "",
) -> Response[str]:
    store = platform.store
    shown_messages = await messages.page(store, conversation_id, before=before, limit=IN_PAGE)
    if shown_messages and before is None:
        await conversations.mark_read(
            store, conversation_id=conversation_id, user_id=person.user_id, seq=shown_messages[-1].seq
        )
    told = (await talk.told_of(store, person)).get(conversation_id, ()) if before is None else ()
    await notices.seen(store, person.user_id, tuple(notice for notice, _ in told))
    members = await accounts.by_ids(store, await conversations.members(store, conversation_id))
    return page(
        "person/conversation.html",
        person=person,
        status=422 if wrong else 200,
        here="inbox",
        about=await conversations.about(store, conversation_id),
        title=await conversations.title_for(store, conversation_id, person.user_id),
        members=sorted(members.values(), key=lambda member: member.name.casefold()),
        readers=await talk.shown_readers(store, conversation_id, person),
        told=told,
        words_here=(await agreements.words_of(store, person.user_id)).here.get(conversation_id),
        talk=await talk.shown(store, conversation_id, shown_messages, person),
        replying=await _replying(platform, person, conversation_id, reply_to),
        older=shown_messages[0].seq if shown_messages and shown_messages[0].seq > 1 else None,
        before=before,
        key=fresh_key(),
        body=body,
        wrong=wrong,
        most_files=MOST_FILES,
    )


def number_of(written: str) -> int | None:
    """Read which message a form replies to; what is no number is the number of none."""
    if not written:
        return None
    return int(written) if NUMBER.fullmatch(written) else 0


async def _replying(
    platform: Platform, person: Account, conversation_id: int, reply_to: int | None
) -> talk.Quoted | None:
    if reply_to is None:
        return None
    found = await messages.numbered(platform.store, conversation_id, [reply_to])
    return talk.quote(found[reply_to], person) if reply_to in found else None


@get("/c/{conversation:str}", include_in_schema=False)
async def show_conversation(
    conversation: FromPath[str],
    platform: GivenPlatform,
    person: GivenPerson,
    before: Seq = None,
    reply_to: Seq = None,
) -> Response[str]:
    """Show the newest messages, or those before a number; with a form that replies to one of them."""
    conversation_id = await member_of(platform, person, conversation)
    return await _conversation_page(platform, person, conversation_id, before=before, reply_to=reply_to)


@get("/c/{conversation:str}/newer", include_in_schema=False)
async def newer(
    conversation: FromPath[str], platform: GivenPlatform, person: GivenPerson, after: After = 0
) -> Response[str]:
    """Give live.js the messages after a number as list items, from the template that drew the page."""
    conversation_id = await member_of(platform, person, conversation)
    start = max(0, after - 1)
    found = await messages.page(platform.store, conversation_id, after=start, limit=IN_PAGE)
    last = found[0] if found and found[0].seq == after else None
    new = found[1:] if last else found
    if new:
        await conversations.mark_read(
            platform.store, conversation_id=conversation_id, user_id=person.user_id, seq=new[-1].seq
        )
    return page(
        "person/messages.html",
        person=person,
        about=await conversations.about(platform.store, conversation_id),
        talk=await talk.shown(platform.store, conversation_id, new, person, after=last),
    )


@post("/c/{conversation:str}", include_in_schema=False, request_max_body_size=LARGEST)
async def write(
    conversation: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Send a message without files."""
    conversation_id = await member_of(platform, person, conversation)
    form = await fields_of(request)
    said = Said(form.word("key"), form.text("body"), number_of(form.word("reply_to")))
    if form.word("files"):  # a browser sends their names alone here
        return await say_again(platform, person, conversation_id, said, FILES_LEFT_OUT)
    return await send(platform, person, conversation_id, said)


async def send(
    platform: Platform, person: Account, conversation_id: int, said: Said, extra: Extra = NOTHING
) -> Response[Any]:
    """Send what a form says, and show the conversation; or show it with the form and what is wrong."""
    try:
        await messages.send(
            platform.store,
            platform.live,
            conversation_id=conversation_id,
            sender_id=person.user_id,
            client_key=said.key,
            body=said.body.strip(),
            now=platform.clock(),
            reply_to=said.reply_to,
            extra=extra,
        )
    except (BadBody, BadClientKey, BadReply, Blocked, KeyReused) as error:
        return await say_again(platform, person, conversation_id, said, SENTENCES[type(error)])
    return see_other(f"/c/{encode(conversation_id)}#newest")


async def say_again(
    platform: Platform, person: Account, conversation_id: int, said: Said, wrong: str
) -> Response[str]:
    """Show the conversation with the form as it was filled in, and what is wrong with it."""
    return await _conversation_page(
        platform, person, conversation_id, reply_to=said.reply_to, body=said.body, wrong=wrong
    )


handlers = (show_inbox, show_conversation, newer, write)
