"""A partner asks what the log holds of itself: its receipts once more, and its counts by day.

No events: all of it is in the log already, as what it is. A receipt opens only what the partner was answered;
of an answer that was overtaken it gets the leaf alone, as everybody does.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.gate.errors import BadRequest
from vestibule.gate.parts import Gate
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners.authentication import Signed
from vestibule.recorder.drafts import Recorded

MOST_RECEIPTS = 100
MOST_DAYS = 366
USUAL_DAYS = 14

Counts = Mapping[str, tuple[int, int]]
"""`kind/op`, such as `access/messages.read`, to (events, items)."""


@dataclass(frozen=True, slots=True)
class OwnCounters:
    """What everybody can count of a partner in the first `size` leaves of the log, by UTC day.

    Attributes:
        size: how many leaves were counted.
        days: counts of each day with any, in order.
    """

    size: int
    days: tuple[tuple[int, Counts], ...]


async def own_receipts(
    gate: Gate, signed: Signed, *, after: int, limit: int, now: int
) -> tuple[Recorded, ...]:
    """Give a partner the receipts of its events in shared lanes, in the order of the log.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        after: the index of the last leaf it has, -1 for the beginning.
        limit: how many at most, 1 to 100.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is done.
        BadRequest: if limit or cursor cannot be understood.
    """
    gate.rates.take(signed.partner_id, now)
    if not 1 <= limit <= MOST_RECEIPTS:
        raise BadRequest(f"limit: expected 1 to {MOST_RECEIPTS}, got {limit}")
    if not -1 <= after < 2**53:
        raise BadRequest(f"after: expected the index of a leaf, got {after}")
    return await gate.recorder.receipts_of(signed.partner_id, after=after, limit=limit)


async def own_counters(
    gate: Gate, signed: Signed, *, first: int | None, last: int | None, now: int
) -> OwnCounters:
    """Count what the log holds of a partner, by day.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        first: the first UTC day (days since 1970); None for a fortnight up to the last.
        last: the last UTC day; None for today.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is done.
        BadRequest: if the days are no span of at most 366.
    """
    gate.rates.take(signed.partner_id, now)
    end = now // MICROSECONDS_A_DAY if last is None else last
    start = end - USUAL_DAYS + 1 if first is None else first
    if not 0 <= end - start < MOST_DAYS:
        raise BadRequest(f"from, to: expected 1 to {MOST_DAYS} days, got {end - start + 1}")
    record = await gate.recorder.public_record(signed.partner_id)
    days: defaultdict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for (day, kind, op, basis), count in sorted(record.daily.items()):
        if start <= day <= end and basis == "grant":
            days[day][f"{kind}/{op}"] = (count.events, count.items)
    return OwnCounters(record.size, tuple(days.items()))
