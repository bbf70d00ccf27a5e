"""A partner lists the conversations that she chose, and sees in which of them there is something new.

The newest message it may see is named by its id, as in a page of messages, so that what is withheld moves
nothing. One access event for her, and one exposure for everybody else who wrote a newest message.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vestibule.connections import using
from vestibule.connections.grants import Scope
from vestibule.connections.listing import Connection
from vestibule.connections.opaque import PartnersIds
from vestibule.gate.admitting import Admitted, admit
from vestibule.gate.errors import BadRequest
from vestibule.gate.ids import ids_of, unsealed
from vestibule.gate.parts import Gate
from vestibule.gate.release import release
from vestibule.gate.selecting import agreed_among, chosen_by, has_strangers, others_in, within
from vestibule.gate.tagging import entity_tag, is_known
from vestibule.inbox.message import Message
from vestibule.inbox.selected import newest_of
from vestibule.partners.authentication import Signed
from vestibule.people import accounts
from vestibule.recorder.drafts import Draft, Recorded

MOST_CONVERSATIONS = 100


@dataclass(frozen=True, slots=True)
class Conversations:
    """An answer that may leave, with a leaf for everybody of whom it carries anything.

    Attributes:
        conversations: `id`, `newest` (the id of the newest message in reach, None without one) and
            `withheld` (as in a page of messages), in the order of the grant.
        next: where to go on, None at the end.
        tag: the answer's entity tag.
        unchanged: whether the partner has all of it already; then nothing of it is to leave.
        recorded: the events, for receipts.
    """

    conversations: tuple[dict[str, Any], ...]
    next: str | None
    tag: str
    unchanged: bool
    recorded: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    conversation_id: int
    agreed: frozenset[int]
    withheld: bool
    newest: Message | None


async def list_conversations(
    gate: Gate, signed: Signed, *, after: str | None, limit: int, known: frozenset[str], now: int
) -> Conversations:
    """Let a partner see which of its token's conversations have something new.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        after: `next` of the page before, None for the beginning.
        limit: how many conversations at most, 1 to 100.
        known: entity tags of what the partner has.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is decided.
        BadRequest: if limit or cursor cannot be understood; nothing is recorded.
        Refused: if it is not permitted; the refusal is recorded.
        LogUnavailable: if it cannot be recorded now; there is no answer then.
    """
    gate.rates.take(signed.partner_id, now)
    if not 1 <= limit <= MOST_CONVERSATIONS:
        raise BadRequest(f"limit: expected 1 to {MOST_CONVERSATIONS}, got {limit}")
    admitted = await admit(gate, signed, Scope.MESSAGES_READ, now)
    connection, ids = admitted.connection, ids_of(gate, admitted.connection)
    left = _after(gate, admitted, after)
    found = [await _find(gate, connection, conversation_id) for conversation_id in left[:limit]]
    await using.note_use(gate.store, connection, now)

    async def unchanged() -> bool:
        again = [await _agreed(gate, connection, one.conversation_id) for one in found]
        kept = all(one.agreed <= agreed for one, (_, agreed) in zip(found, again, strict=True))
        return kept and await admitted.still(gate)

    shown = tuple(_rendering(ids, one) for one in found)
    further = ids.conversation(left[limit - 1]) if len(left) > limit else None
    tag = entity_tag(gate, admitted, [shown, further])
    drafts = (admitted.event("access", 0),) if is_known(tag, known) else await _events(gate, admitted, found)
    recorded = await release(gate.recorder, admitted.caller, drafts, unchanged)
    return Conversations(shown, further, tag, is_known(tag, known), recorded)


def _rendering(ids: PartnersIds, found: _Found) -> dict[str, Any]:
    place, newest = found.conversation_id, found.newest
    return {
        "id": ids.conversation(place),
        "newest": None if newest is None else ids.message(place, newest.seq),
        "withheld": found.withheld,
    }


def _after(gate: Gate, admitted: Admitted, after: str | None) -> tuple[int, ...]:
    """Return the chosen conversations that follow the cursor."""
    chosen = tuple(dict.fromkeys(admitted.connection.grant.selection.conversations))
    if after is None:
        return chosen
    last = unsealed(gate, admitted.ground, after)
    if last not in chosen:
        raise BadRequest(f"after: expected `next` of a page before, got {after[:60]!r}")
    return chosen[chosen.index(last) + 1 :]


async def _agreed(
    gate: Gate, connection: Connection, conversation_id: int
) -> tuple[tuple[int, ...], frozenset[int]]:
    others = await others_in(gate, connection, conversation_id)
    return others, await agreed_among(gate, connection, others, conversation_id)


async def _find(gate: Gate, connection: Connection, conversation_id: int) -> _Found:
    others, agreed = await _agreed(gate, connection, conversation_id)
    chosen = chosen_by(connection.grant, conversation_id, (connection.user_id, *agreed))
    newest = await newest_of(gate.store, conversation_id, chosen)
    withheld = not agreed.issuperset(others) or await has_strangers(gate, conversation_id)
    within_reach = within(connection.grant, [] if newest is None else [newest])
    return _Found(conversation_id, agreed, withheld, within_reach[0] if within_reach else None)


async def _events(gate: Gate, admitted: Admitted, found: Sequence[_Found]) -> tuple[Draft, ...]:
    """No message leaves, so that the count is 0; who wrote a newest one is told that she was seen to."""
    access = admitted.event("access", 0)
    wrote = Counter(one.newest.sender_id for one in found if one.newest is not None)
    del wrote[admitted.person.user_id]
    writers = await accounts.by_ids(gate.store, wrote)
    return (
        access,
        *(
            dataclasses.replace(access, kind="exposure", subject=writer.subject, n=1, items=wrote[user_id])
            for user_id, writer in writers.items()
        ),
    )
