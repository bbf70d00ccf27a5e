"""A partner reads a conversation: decided, read, withheld, recorded, looked at again, released."""

import dataclasses
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vestibule.connections import using
from vestibule.connections.grants import Scope
from vestibule.connections.listing import Connection
from vestibule.connections.opaque import PartnersIds
from vestibule.gate.admitting import Admitted, admit, digest
from vestibule.gate.errors import BadRequest
from vestibule.gate.ids import (
    conversation_ref,
    described,
    granted,
    ids_of,
    names_of,
    person_ref,
    position,
    unsealed,
)
from vestibule.gate.parts import Gate
from vestibule.gate.release import release
from vestibule.gate.selecting import agreed_among, chosen_by, has_strangers, others_in, visible, within
from vestibule.gate.tagging import entity_tag, is_known
from vestibule.inbox.extra import extra_of
from vestibule.inbox.message import Message
from vestibule.inbox.selected import page_of
from vestibule.partners.authentication import Signed
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Draft, Recorded

__all__ = [
    "digest",
    "find",
    "granted",
    "ids_of",
    "person_ref",
    "read_messages",
    "unsealed",
]

MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Released:
    """An answer that may leave, with a leaf for everybody of whom it carries anything.

    Attributes:
        messages: as the partner sees them, oldest first.
        withheld: whether some may be withheld, because somebody in the conversation has not agreed. It does
            not depend on messages: else asking again and again would show when that person writes.
        next: where to go on, None at the end.
        tag: the answer's entity tag.
        unchanged: whether the partner has all of it already; then nothing of it is to leave.
        recorded: the events, for receipts.
    """

    messages: tuple[dict[str, Any], ...]
    withheld: bool
    next: str | None
    tag: str
    unchanged: bool
    recorded: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a permitted request would be answered with, before anything is recorded."""

    shown: tuple[Message, ...]
    rendered: tuple[dict[str, Any], ...]
    digests: tuple[str, ...]
    withheld: bool
    next: str | None
    writers: dict[int, Account]
    agreed: frozenset[int]


async def read_messages(
    gate: Gate,
    signed: Signed,
    *,
    conversation: str,
    after: str | None,
    limit: int,
    known: frozenset[str] = frozenset(),
    now: int,
) -> Released:
    """Let a partner read messages of a conversation that its token reaches.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        conversation: the conversation's id as this connection knows it.
        after: the cursor of an earlier answer, None for the beginning.
        limit: how many messages at most, 1 to 200.
        known: entity tags of what the partner has; an answer it has is recorded, too, as one of no messages.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is decided.
        BadRequest: if limit or cursor cannot be understood; nothing is recorded.
        Refused: if it is not permitted; the refusal is recorded.
        LogUnavailable: if it cannot be recorded now; there is no answer then.
    """
    gate.rates.take(signed.partner_id, now)
    if not 1 <= limit <= MOST_MESSAGES:
        raise BadRequest(f"limit: expected 1 to {MOST_MESSAGES}, got {limit}")
    admitted = await admit(gate, signed, Scope.MESSAGES_READ, now, conversation)
    connection, conversation_id = admitted.connection, admitted.conversation_id
    found = await find(gate, connection, conversation_id, after=after, limit=limit)
    # Before the release: if this write fails, nothing is recorded; and nothing comes after the re-check.
    await using.note_use(gate.store, connection, now)

    async def unchanged() -> bool:
        others = await others_in(gate, connection, conversation_id)
        agreed = await agreed_among(gate, connection, others, conversation_id)
        return found.agreed <= agreed and await admitted.still(gate)

    # The conversation in our own spelling: only the request stands there as the partner wrote it.
    where = conversation_ref(gate, connection, conversation_id)
    tag = entity_tag(gate, admitted, [found.rendered, found.withheld, found.next])
    has_it = is_known(tag, known)
    nothing = admitted.event("access", 0, conversation=where)
    drafts = (nothing,) if has_it else _events(found, admitted, where)
    recorded = await release(gate.recorder, admitted.caller, drafts, unchanged)
    return Released(found.rendered, found.withheld, found.next, tag, has_it, recorded)


async def find(
    gate: Gate, connection: Connection, conversation_id: int, *, after: str | None, limit: int
) -> Found:
    """Read what the connection may see. Cursors do not move because of messages that it does not see."""
    ids = ids_of(gate, connection)
    start = 0 if after is None else position(ids, conversation_id, after)
    others = await others_in(gate, connection, conversation_id)
    agreed = await agreed_among(gate, connection, others, conversation_id)
    chosen = chosen_by(connection.grant, conversation_id, (connection.user_id, *agreed))
    reach = await page_of(gate.store, conversation_id, chosen, after=start, limit=limit + 1)
    shown, more = within(connection.grant, reach[:limit]), len(reach) > limit
    withheld = not agreed.issuperset(others) or await has_strangers(gate, conversation_id)
    writers = await accounts.by_ids(gate.store, {message.sender_id for message in shown})
    names = await names_of(gate, connection.partner_id, writers)
    replied = sorted({message.reply_to for message in shown if message.reply_to is not None})
    # Of a message that it may not see too, the partner does not hear that it was replied to.
    answerable = await visible(gate, connection, chosen, conversation_id, replied)
    known = {seq: ids.message(conversation_id, seq) for seq in (*answerable, *(one.seq for one in shown))}
    rendered = tuple(
        rendering(
            message,
            known[message.seq],
            names[message.sender_id],
            _answered(message, answerable, known),
            _files(ids, message),
        )
        for message in shown
    )
    digests = tuple(digest(fields) for fields in rendered)
    return Found(shown, rendered, digests, withheld, rendered[-1]["id"] if more else None, writers, agreed)


def _answered(message: Message, answerable: Container[int], known: Mapping[int, str]) -> str | None:
    seq = message.reply_to
    return known[seq] if seq is not None and seq in answerable else None


def rendering(
    message: Message,
    sealed: str,
    writer: str,
    reply_to: str | None = None,
    files: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Show a message as a partner sees it: time, words, what its files are, its own ids for all of it."""
    said = {"id": sealed, "from": writer, "sent_at": message.sent_at, "body": message.body}
    if reply_to is not None:
        said["reply_to"] = reply_to
    return {**said, "attachments": list(files)} if files else said


def _files(ids: PartnersIds, message: Message) -> tuple[dict[str, Any], ...]:
    place = message.conversation_id, message.seq
    files = extra_of(message).files
    return tuple(described(ids.attachment(*place, number), file) for number, file in enumerate(files))


def _events(found: Found, admitted: Admitted, conversation: str) -> tuple[Draft, ...]:
    """Make one event for the granting person, one for everybody else who wrote something in the answer."""
    access = admitted.event("access", len(found.shown), conversation=conversation, messages=found.digests)
    exposures = [
        dataclasses.replace(
            access,
            kind="exposure",
            subject=found.writers[writer].subject,
            n=1,
            items=len(digests),
            messages=digests,
        )
        for writer, digests in _by_writer(found).items()
        if writer != admitted.person.user_id
    ]
    return (access, *exposures)


def _by_writer(found: Found) -> dict[int, tuple[str, ...]]:
    digests: defaultdict[int, list[str]] = defaultdict(list)
    for message, of_message in zip(found.shown, found.digests, strict=True):
        digests[message.sender_id].append(of_message)
    return {writer: tuple(of_writer) for writer, of_writer in digests.items()}
