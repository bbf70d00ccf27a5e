"""A partner reads a conversation: decided, read, withheld, recorded, looked at again, released."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from vestibule.connections import agreements, using
from vestibule.connections.grants import Refusal, Scope
from vestibule.connections.listing import Connection
from vestibule.gate.decide import Standing, ask_for, decide, withhold
from vestibule.gate.errors import BadRequest
from vestibule.gate.opaque import Sealer
from vestibule.gate.parts import Gate
from vestibule.gate.release import Caller, refuse, release
from vestibule.gate.standing import person_of, standing_of, subject_of
from vestibule.inbox import conversations, messages
from vestibule.inbox.messages import Message
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
        withheld: whether some are withheld; never how many.
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
    standing = await standing_of(gate.store, signed, Scope.MESSAGES_READ)
    person = await person_of(gate.store, standing)
    caller = Caller(signed.partner_id, subject_of(person), Scope.MESSAGES_READ.value, signed.request)
    conversation_id = unsealed(gate, standing, conversation)
    refusal = decide(standing, ask_for(Scope.MESSAGES_READ, conversation_id, now), now)
    if refusal is not None or person is None or standing.connection is None or conversation_id is None:
        raise await refuse(gate.recorder, caller, refusal or Refusal("dead_token", "the person is gone"))
    found = await find(gate, standing.connection, conversation_id, after=after, limit=limit)

    async def unchanged() -> bool:
        again = await standing_of(gate.store, signed, Scope.MESSAGES_READ)
        return again.versions == standing.versions

    drafts = _events(found, person, standing, caller, conversation)
    recorded = await release(gate.recorder, caller, drafts, unchanged)
    await using.note_use(gate.store, standing.connection, now)
    return Released(found.rendered, found.withheld, found.next, recorded)


async def find(
    gate: Gate, connection: Connection, conversation_id: int, *, after: str | None, limit: int
) -> Found:
    """Read what the connection may see. Cursors do not move because of withheld messages."""
    sealer = _sealer(gate, connection, f"message/{conversation_id}")
    position = 0 if after is None else sealer.unseal(after)
    agreed = await _agreed(gate, connection, conversation_id)
    shown, withheld, more = await _collect(
        gate, connection, conversation_id, position=position, agreed=agreed, limit=limit
    )
    writers = await accounts.by_ids(gate.store, {message.sender_id for message in shown})
    names = {
        writer: tags.partner_person_id(await gate.recorder.lane_key(connection.partner_id, account.subject))
        for writer, account in writers.items()
    }
    rendered = tuple(
        rendering(message, sealer.seal(message.seq), names[message.sender_id]) for message in shown
    )
    digests = tuple(digest(fields) for fields in rendered)
    return Found(shown, rendered, digests, withheld, rendered[-1]["id"] if more else None, writers)


def conversation_ref(gate: Gate, connection: Connection, conversation_id: int) -> str:
    """Return the id by which a connection knows a conversation."""
    return _sealer(gate, connection, "conversation").seal(conversation_id)


def _sealer(gate: Gate, connection: Connection, what: str) -> Sealer:
    return Sealer.of(gate.secret, f"{what}/{connection.partner_id}/{connection.user_id}")


def unsealed(gate: Gate, standing: Standing, conversation: str) -> int | None:
    """Read a conversation's id as the connection knows it; None if it is not one of its own."""
    if standing.connection is None:
        return None
    try:
        return _sealer(gate, standing.connection, "conversation").unseal(conversation)
    except BadRequest:
        return None


async def _agreed(gate: Gate, connection: Connection, conversation_id: int) -> frozenset[int]:
    others = [
        member
        for member in await conversations.members(gate.store, conversation_id)
        if member != connection.user_id
    ]
    return await agreements.agreed_among(gate.store, others, connection.partner_id)


async def _collect(
    gate: Gate,
    connection: Connection,
    conversation_id: int,
    *,
    position: int,
    agreed: Collection[int],
    limit: int,
) -> tuple[tuple[Message, ...], bool, bool]:
    """Gather up to `limit` messages that may be shown; also whether some are withheld, and more follow."""
    shown: list[Message] = []
    withheld = False
    while len(shown) <= limit:
        page = await messages.page(
            gate.store, conversation_id, after=position, since=connection.grant.since, limit=MOST_MESSAGES
        )
        visible, some = withhold(page, connection.user_id, agreed)
        shown += visible
        withheld = withheld or some
        if len(page) < MOST_MESSAGES:
            break
        position = page[-1].seq
    return tuple(shown[:limit]), withheld, len(shown) > limit


def rendering(message: Message, sealed: str, writer: str) -> dict[str, Any]:
    """Show a message as a partner sees it: its own ids for message and writer, the time and the words."""
    return {"id": sealed, "from": writer, "sent_at": message.sent_at, "body": message.body}


def digest(rendered: dict[str, Any]) -> str:
    """Return the hex SHA-256 of a message's canonical JSON as it was released; the opening carries it."""
    return hashlib.sha256(canonical.encode(rendered)).hexdigest()


def _events(
    found: Found, person: Account, standing: Standing, caller: Caller, conversation: str
) -> tuple[Draft, ...]:
    """Make one event for the granting person, one for everybody else who wrote something in the answer."""
    connection, privilege = standing.connection, standing.privilege
    if connection is None or privilege is None or connection.leaf_index is None:
        raise BadRequest("expected a connection with a published grant")
    access = Draft(
        "access",
        Scope.MESSAGES_READ.value,
        connection.partner_id,
        tags.SHARED,
        person.subject,
        len(found.shown),
        grant=connection.leaf_index,
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
    return [conversation_ref(gate, connection, chosen) for chosen in connection.grant.conversations]


async def person_ref(gate: Gate, connection: Connection) -> str:
    """Return the id by which the partner knows the connection's person."""
    person = await accounts.by_id(gate.store, connection.user_id)
    if person is None:
        raise BadRequest("the connection's person is gone")
    return tags.partner_person_id(await gate.recorder.lane_key(connection.partner_id, person.subject))
