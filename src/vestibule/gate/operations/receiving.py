"""A partner is told what was recommended to its token's person through it: what and when, never by whom.

One access event for her; nobody else is in the answer. What comes is kept for her connection by the effect of
the `send` event that recommended it.
"""

from dataclasses import dataclass
from typing import Any

from vestibule.connections import listing, using
from vestibule.connections.errors import UnknownId
from vestibule.connections.grants import Scope
from vestibule.connections.listing import Connection
from vestibule.connections.opaque import PartnersIds
from vestibule.connections.states import Status
from vestibule.gate.admitting import admit, digest
from vestibule.gate.errors import BadRequest
from vestibule.gate.ids import ids_of
from vestibule.gate.operations import notifying
from vestibule.gate.parts import Gate
from vestibule.gate.release import release
from vestibule.gate.tagging import entity_tag, is_known
from vestibule.partners.authentication import Signed
from vestibule.recorder.drafts import Recorded
from vestibule.sharing import recommended
from vestibule.sharing.recommended import Recommendation
from vestibule.store import Store

MOST_RECOMMENDATIONS = 100


@dataclass(frozen=True, slots=True)
class Received:
    """An answer that may leave.

    Attributes:
        recommendations: oldest first: `id`, `card` and `day`.
        next: where to go on, None at the end.
        tag: the answer's entity tag.
        unchanged: whether the partner has all of it already; then nothing of it is to leave.
        recorded: the event, for its receipt.
    """

    recommendations: tuple[dict[str, Any], ...]
    next: str | None
    tag: str
    unchanged: bool
    recorded: tuple[Recorded, ...]


async def list_recommendations(
    gate: Gate, signed: Signed, *, after: str | None, limit: int, known: frozenset[str], now: int
) -> Received:
    """Let a partner see what was recommended to its token's person while she let it.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        after: the id of the last that it has, None for the beginning.
        limit: how many at most, 1 to 100.
        known: entity tags of what the partner has.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is decided.
        BadRequest: if limit or cursor cannot be understood; nothing is recorded.
        Refused: if it is not permitted; the refusal is recorded.
        LogUnavailable: if it cannot be recorded now; there is no answer then.
    """
    gate.rates.take(signed.partner_id, now)
    if not 1 <= limit <= MOST_RECOMMENDATIONS:
        raise BadRequest(f"limit: expected 1 to {MOST_RECOMMENDATIONS}, got {limit}")
    admitted = await admit(gate, signed, Scope.RECOMMENDATIONS_RECEIVE, now)
    connection, ids = admitted.connection, ids_of(gate, admitted.connection)
    start = 0 if after is None else _start(ids, after)
    found = await recommended.page_of(
        gate.store, connection.user_id, connection.connection_id, after=start, limit=limit + 1
    )
    shown = tuple(rendering(ids, one) for one in found[:limit])
    await using.note_use(gate.store, connection, now)
    further = shown[-1]["id"] if len(found) > limit else None
    tag = entity_tag(gate, admitted, [shown, further])
    leaving = () if is_known(tag, known) else shown
    event = admitted.event("access", len(leaving), messages=tuple(digest(one) for one in leaving))
    recorded = await release(gate.recorder, admitted.caller, (event,), lambda: admitted.still(gate))
    return Received(shown, further, tag, is_known(tag, known), recorded)


def rendering(ids: PartnersIds, found: Recommendation) -> dict[str, Any]:
    """Show a recommendation as its partner sees it."""
    return {"id": ids.recommendation(found.place), "card": found.card, "day": found.day}


async def told(store: Store, user_id: int, partner_id: str) -> Connection | None:
    """Return the connection by which a partner is told what is recommended to a person, if there is one."""
    connection = await listing.connection_with(store, user_id, partner_id)
    if connection is None or connection.state != Status.ACTIVE:
        return None
    return connection if Scope.RECOMMENDATIONS_RECEIVE in connection.grant.scopes else None


async def arrived(
    store: Store, user_id: int, partner_id: str, *, event_index: int, card: dict[str, str], now: int
) -> None:
    """Keep for a partner what was recommended to a person through it, if she lets it know."""
    connection = await told(store, user_id, partner_id)
    if connection is not None:
        place = await recommended.add(
            store, user_id, connection.connection_id, event_index=event_index, card=card, now=now
        )
        await notifying.note_recommendation(store, connection, place, now)


def _start(ids: PartnersIds, after: str) -> int:
    try:
        return ids.recommendation_of(after)
    except UnknownId as error:
        raise BadRequest(str(error)) from error
