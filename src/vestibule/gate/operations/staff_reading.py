"""The operator's staff opens a conversation, with a written reason that everybody in it reads."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from vestibule.connections.names import inert
from vestibule.gate.admitting import digest
from vestibule.gate.errors import BadRequest
from vestibule.gate.parts import Gate
from vestibule.inbox import conversations, messages
from vestibule.inbox.errors import InboxError
from vestibule.inbox.message import Message
from vestibule.ledger import tags
from vestibule.ledger.replay import OPERATOR
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.errors import LogUnavailable
from vestibule.store.ids import encode

KINDS: Final = {
    "abuse": "Somebody reported abuse",
    "safety": "Somebody's life or health may be in danger",
    "legal": "A court or an authority demands it",
    "support": "A member of the conversation asked for help",
}
"""What a reason can be of, by the word that stands in the public log after `staff.`"""
FEWEST_CHARACTERS: Final = 20
MOST_CHARACTERS: Final = 500
FEWEST_LETTERS: Final = 8
"""Different ones: what is of fewer is no sentence, but a key held down or characters that nobody sees."""
MOST_MESSAGES: Final = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """What the staff sees.

    Attributes:
        messages: the newest ones, oldest first.
        people: who is in it or wrote one of them, by row id.
        indexes: the leaves that say so, one for each of them.
    """

    messages: tuple[Message, ...]
    people: dict[int, Account]
    indexes: tuple[int, ...]


async def open_conversation(
    gate: Gate, *, conversation_id: int, kind: str, reason: str, before: int | None = None
) -> Opened:
    """Read the newest messages of a conversation, once it is in the log for everybody concerned.

    Each time is an event of its own for each member, and for whoever else wrote something of it: in the lane
    that no partner sees, with the reason in the opening, where nobody can change it later.

    Args:
        gate: what the gate works with.
        conversation_id: which one.
        kind: one of `KINDS`.
        reason: why, in words of the staff.
        before: a message's number; those before it instead of the newest.

    Raises:
        BadRequest: if kind or reason will not do, or there is no such conversation; nothing is recorded.
        LogUnavailable: if it cannot be recorded now; nothing is shown then.
    """
    why = _checked(kind, reason)
    try:
        await conversations.about(gate.store, conversation_id)
    except InboxError as error:
        raise BadRequest("conversation: expected one that there is, got another") from error
    shown = await messages.page(gate.store, conversation_id, before=before, limit=MOST_MESSAGES)
    concerned = {*await conversations.members(gate.store, conversation_id), *(one.sender_id for one in shown)}
    people = await accounts.by_ids(gate.store, sorted(concerned))
    draft = Draft(
        "access",
        f"staff.{kind}",
        OPERATOR,
        tags.OWN,
        tags.NOBODY,
        len(shown),
        basis="operator",
        items=len(shown),
        conversation=encode(conversation_id),
        messages=tuple(digest(rendering(message)) for message in shown),
        extra={"why": why},
    )
    drafts = [replace(draft, subject=one.subject) for one in people.values() if one.deleted_at is None]
    if not drafts:
        raise BadRequest("conversation: expected somebody in it who could be told, got nobody")
    recorded = await gate.recorder.append(Append(tuple(drafts)))
    if len(recorded) != len(drafts):
        raise LogUnavailable(f"expected {len(drafts)} leaves, got {len(recorded)}")
    return Opened(shown, people, tuple(sorted(one.index for one in recorded)))


def _checked(kind: str, reason: str) -> str:
    if kind not in KINDS:
        raise BadRequest(f"kind: expected one of {', '.join(KINDS)}, got {kind[:40]!r}")
    why = inert(reason)
    if not FEWEST_CHARACTERS <= len(why) <= MOST_CHARACTERS:
        expected = f"{FEWEST_CHARACTERS} to {MOST_CHARACTERS} characters, which its members will read"
        raise BadRequest(f"reason: expected {expected}, got {len(why)}")
    letters = {one.casefold() for one in why if unicodedata.category(one).startswith("L")}
    if len(letters) < FEWEST_LETTERS:
        raise BadRequest(
            f"reason: expected a sentence, of {FEWEST_LETTERS} different letters or more, got {len(letters)}"
        )
    return why


def rendering(message: Message) -> dict[str, str | int]:
    """Give what the digest in the opening is of: the message's number, time, writer's name and words."""
    return {
        "id": str(message.seq),
        "from": message.sender_name,
        "sent_at": message.sent_at,
        "body": message.body,
    }
