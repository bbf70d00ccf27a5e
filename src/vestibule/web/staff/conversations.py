"""The staff opens a conversation: a form for the reason, and what is shown once the reason is in the log."""

import logging
import re
from typing import Any

from litestar import Request, Response, get, post

from vestibule.gate.errors import BadRequest
from vestibule.gate.operations import staff_reading
from vestibule.store.errors import BadId
from vestibule.store.ids import decode
from vestibule.web.person import talk
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.staff.door import GivenActing, GivenInside, Inside

FIELDS = ("conversation", "kind", "reason", "before")
NUMBER = re.compile(r"[0-9]{1,15}")

logger = logging.getLogger(__name__)


@get("/conversations")
async def show_form(inside: GivenInside) -> Response[str]:
    """Ask which conversation, and why."""
    return _form(inside)


@post("/conversations", status_code=200, request_max_body_size=LARGEST)
async def open_conversation(request: Request[Any, Any, Any], acting: GivenActing) -> Response[str]:
    """Show the newest messages of a conversation, each time on record for everybody in it."""
    form = await fields_of(request)
    asked = {name: form.word(name) for name in FIELDS}
    try:
        opened = await staff_reading.open_conversation(
            acting.platform.gate,
            conversation_id=_conversation(asked["conversation"]),
            kind=asked["kind"],
            reason=asked["reason"],
            before=_before(asked["before"]),
        )
    except BadRequest as error:
        return _form(acting, asked, str(error))
    logger.info("staff %s opened a conversation, leaves %s", acting.person.handle, opened.indexes)
    return acting.page(
        "conversation",
        "conversations",
        opened=opened,
        asked=asked,
        kinds=staff_reading.KINDS,
        cards={one.seq: talk.card_of(one.card) for one in opened.messages if one.card is not None},
        older=opened.messages[0].seq if len(opened.messages) == staff_reading.MOST_MESSAGES else None,
    )


def _form(inside: Inside, asked: dict[str, str] | None = None, wrong: str = "") -> Response[str]:
    return inside.page(
        "conversations",
        "conversations",
        status=422 if wrong else 200,
        asked=asked or dict.fromkeys(FIELDS, ""),
        wrong=wrong,
        kinds=staff_reading.KINDS,
        fewest=staff_reading.FEWEST_CHARACTERS,
        most=staff_reading.MOST_CHARACTERS,
    )


def _conversation(text: str) -> int:
    """Read a conversation's id, or its address, as its members see it."""
    try:
        return decode(text.strip().rstrip("/").rpartition("/c/")[2])
    except BadId as error:
        raise BadRequest(f"conversation: expected its address, as .../c/..., got {text[:80]!r}") from error


def _before(text: str) -> int | None:
    if not text:
        return None
    if NUMBER.fullmatch(text) is None:
        raise BadRequest(f"before: expected a message's number, got {text[:40]!r}")
    return int(text)


handlers = (show_form, open_conversation)
