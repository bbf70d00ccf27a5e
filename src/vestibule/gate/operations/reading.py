"""A partner reads a conversation: decided, read, withheld, recorded, looked at again, released."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vestibule.connections import agreements, using
from vestibule.connections.errors import UnknownId
from vestibule.connections.grants import Grant, Reach, Refusal, Scope, Seen, reaches
from vestibule.connections.listing import Connection
from vestibule.connections.opaque import PartnersIds
from vestibule.gate.decide import Ground, ask_for, decide
from vestibule.gate.errors import BadRequest
from vestibule.gate.parts import Gate
from vestibule.gate.release import Caller, refuse, release
from vestibule.gate.standing import person_of, standing_of, subject_of
from vestibule.inbox import conversations, messages
from vestibule.inbox.message import Message
from vestibule.inbox.selected import Chosen, page_of
from vestibule.ledger import canonical, tags
from vestibule.partners.authentication import Signed
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Draft, Recorded

MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Released:
    """An answer that may leave, with a leaf for everybody of whom it carries anything.

    Attributes:
        messages: as the partner sees them, oldest first.
        withheld: whether some may be withheld, because somebody in the conversation has not agreed. It does
            not depend on messages: else asking again and again would show when that person writes.
        next: where to go on, None at the end.
        recorded: the events, for receipts.
    """

    messages: tuple[dict[str, Any], ...]
    withheld: bool
    next: str | None
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
    gate: Gate, signed: Signed, *, conversation: str, after: str | None, limit: int, now: int
) -> Released:
    """Let a partner read messages of a conversation that its token reaches.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        conversation: the conversation's id as this connection knows it.
        after: the cursor of an earlier answer, None for the beginning.
        limit: how many messages at most, 1 to 200.
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
    ground = await standing_of(gate.store, signed, Scope.MESSAGES_READ)
    person = await person_of(gate.store, ground)
    subject = subject_of(ground, person, now)
    caller = Caller(signed.partner_id, subject, Scope.MESSAGES_READ.value, signed.request)
    conversation_id = unsealed(gate, ground, conversation)
    refusal = decide(ground, ask_for(Scope.MESSAGES_READ, conversation_id, now), now)
    if refusal is not None or person is None or ground.connection is None or conversation_id is None:
        raise await refuse(gate.recorder, caller, refusal or Refusal("dead_token", "the person is gone"))
    found = await find(gate, ground.connection, conversation_id, after=after, limit=limit)

    connection = ground.connection
    # Before the release: if this write fails, nothing is recorded; and nothing comes after the re-check.
    await using.note_use(gate.store, connection, now)

    async def unchanged() -> bool:
        agreed = await _agreed(gate, connection, await _others(gate, connection, conversation_id))
        again = await standing_of(gate.store, signed, Scope.MESSAGES_READ)
        return found.agreed <= agreed and again.versions == ground.versions

    # The conversation in our own spelling: only the request stands there as the partner wrote it.
    drafts = _events(found, person, ground, caller, conversation_ref(gate, connection, conversation_id))
    recorded = await release(gate.recorder, caller, drafts, unchanged)
    return Released(found.rendered, found.withheld, found.next, recorded)


async def find(
    gate: Gate, connection: Connection, conversation_id: int, *, after: str | None, limit: int
) -> Found:
    """Read what the connection may see. Cursors do not move because of messages that it does not see."""
    ids = ids_of(gate, connection)
    position = 0 if after is None else _position(ids, conversation_id, after)
    others = await _others(gate, connection, conversation_id)
    agreed = await _agreed(gate, connection, others)
    chosen = chosen_by(connection.grant, conversation_id, (connection.user_id, *agreed))
    reach = await page_of(gate.store, conversation_id, chosen, after=position, limit=limit + 1)
    shown, more = within(connection.grant, reach[:limit]), len(reach) > limit
    withheld = not agreed.issuperset(others) or await _has_strangers(gate, conversation_id)
    writers = await accounts.by_ids(gate.store, {message.sender_id for message in shown})
    names = {
        writer: tags.partner_person_id(await gate.recorder.lane_key(connection.partner_id, account.subject))
        for writer, account in writers.items()
    }
    answerable = await _answerable(gate, connection, chosen, shown)
    known = {seq: ids.message(conversation_id, seq) for seq in (*answerable, *(one.seq for one in shown))}
    rendered = tuple(
        rendering(
            message, known[message.seq], names[message.sender_id], _answered(message, answerable, known)
        )
        for message in shown
    )
    digests = tuple(digest(fields) for fields in rendered)
    return Found(shown, rendered, digests, withheld, rendered[-1]["id"] if more else None, writers, agreed)


def chosen_by(grant: Grant, conversation_id: int, senders: tuple[int, ...]) -> Chosen:
    """Say for the inbox which messages a grant is about: those that `reaches` lets through."""
    selection = grant.selection
    through = grant.partner if selection.reach is Reach.THROUGH_PARTNER else None
    picked = tuple(seq for conversation, seq in selection.picked if conversation == conversation_id)
    return Chosen(senders, selection.since, through, picked if selection.reach is Reach.PICKED else None)


def within(grant: Grant, found: Sequence[Message]) -> tuple[Message, ...]:
    """Let through what the grant is about, whatever the store gave."""
    return tuple(message for message in found if reaches(grant, seen_of(message)))


def seen_of(message: Message) -> Seen:
    """Say of a message what a selection has to know."""
    return Seen(
        message.conversation_id, message.seq, message.sent_at, message.via_partner, message.answers_via
    )


def conversation_ref(gate: Gate, connection: Connection, conversation_id: int) -> str:
    """Return the id by which a connection knows a conversation."""
    return ids_of(gate, connection).conversation(conversation_id)


def ids_of(gate: Gate, connection: Connection) -> PartnersIds:
    """Return the ids by which a connection's partner knows what is its person's."""
    return PartnersIds(gate.secret, connection.partner_id, connection.user_id)


def _position(ids: PartnersIds, conversation_id: int, after: str) -> int:
    try:
        return ids.message_of(conversation_id, after)
    except UnknownId as error:
        raise BadRequest(str(error)) from error


def unsealed(gate: Gate, ground: Ground, conversation: str) -> int | None:
    """Read a conversation's id as the connection knows it; None if it is not one of its own."""
    if ground.connection is None:
        return None
    try:
        return ids_of(gate, ground.connection).conversation_of(conversation)
    except UnknownId:
        return None


async def _others(gate: Gate, connection: Connection, conversation_id: int) -> tuple[int, ...]:
    members = await conversations.members(gate.store, conversation_id)
    return tuple(member for member in members if member != connection.user_id)


async def _agreed(gate: Gate, connection: Connection, others: Collection[int]) -> frozenset[int]:
    return await agreements.agreed_among(gate.store, others, connection.partner_id)


async def _has_strangers(gate: Gate, conversation_id: int) -> bool:
    """Say whether an imported thread has writers without an account here; they can agree to nothing."""
    return bool(await page_of(gate.store, conversation_id, Chosen(senders=(0,)), after=0, limit=1))


async def _answerable(
    gate: Gate, connection: Connection, chosen: Chosen, shown: Sequence[Message]
) -> frozenset[int]:
    """Say which of the messages that these reply to this connection may see too; it hears of no other."""
    replied = sorted({message.reply_to for message in shown if message.reply_to is not None})
    if not replied:
        return frozenset()
    found = await messages.numbered(gate.store, shown[0].conversation_id, replied)
    return frozenset(
        message.seq for message in within(connection.grant, tuple(found.values())) if chosen.has(message)
    )


def _answered(message: Message, answerable: Container[int], known: Mapping[int, str]) -> str | None:
    seq = message.reply_to
    return known[seq] if seq is not None and seq in answerable else None


def rendering(message: Message, sealed: str, writer: str, reply_to: str | None = None) -> dict[str, Any]:
    """Show a message as a partner sees it: time and words, and its own ids for the message and the writer."""
    said = {"id": sealed, "from": writer, "sent_at": message.sent_at, "body": message.body}
    return said if reply_to is None else {**said, "reply_to": reply_to}


def digest(rendered: dict[str, Any]) -> str:
    """Return the hex SHA-256 of a message's canonical JSON as it was released; the opening carries it."""
    return hashlib.sha256(canonical.encode(rendered)).hexdigest()


def _events(
    found: Found, person: Account, ground: Ground, caller: Caller, conversation: str
) -> tuple[Draft, ...]:
    """Make one event for the granting person, one for everybody else who wrote something in the answer."""
    connection, privilege = ground.connection, ground.privilege
    if connection is None or privilege is None or Scope.MESSAGES_READ not in connection.leaves:
        raise BadRequest("expected a connection with a published grant")
    access = Draft(
        "access",
        Scope.MESSAGES_READ.value,
        connection.partner_id,
        tags.SHARED,
        person.subject,
        len(found.shown),
        grant=connection.leaves[Scope.MESSAGES_READ],
        last_day=min(connection.grant.until_day, privilege.until_day),
        conversation=conversation,
        messages=found.digests,
        request=caller.request,
    )
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
        if writer != person.user_id
    ]
    return (access, *exposures)


def _by_writer(found: Found) -> dict[int, tuple[str, ...]]:
    digests: defaultdict[int, list[str]] = defaultdict(list)
    for message, of_message in zip(found.shown, found.digests, strict=True):
        digests[message.sender_id].append(of_message)
    return {writer: tuple(of_writer) for writer, of_writer in digests.items()}


def granted(gate: Gate, connection: Connection) -> Sequence[str]:
    """List the chosen conversations by the ids that the connection knows them by."""
    return [conversation_ref(gate, connection, chosen) for chosen in connection.grant.selection.conversations]


async def person_ref(gate: Gate, connection: Connection) -> str:
    """Return the id by which the partner knows the connection's person."""
    person = await accounts.by_id(gate.store, connection.user_id)
    if person is None:
        raise BadRequest("the connection's person is gone")
    return tags.partner_person_id(await gate.recorder.lane_key(connection.partner_id, person.subject))
