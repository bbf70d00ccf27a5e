"""Public totals by day, and the bytes over which an epoch commits to them."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import TypeAlias

from vestibule.ledger.counting import COUNTS_ITEMS
from vestibule.ledger.event import Event

Row: TypeAlias = tuple[int, str, str, str, str]
"""(day, partner, kind, op, basis)"""

Daily: TypeAlias = dict[Row, tuple[int, int]]
"""Row to (events, items); items count on access, send and delete only."""

Totals: TypeAlias = dict[tuple[str, str, str, str], tuple[int, int]]
"""(partner, kind, op, basis) to (events, items), over all days."""

HEADER = b"ledger/totals/v1\n"


def count(daily: Daily, event: Event) -> None:
    """Count one event in its row."""
    row = (event.day, event.partner, event.kind, event.op, event.basis)
    events, items = daily.get(row, (0, 0))
    daily[row] = (events + 1, items + event.n if event.kind in COUNTS_ITEMS else items)


def table(daily: Mapping[Row, tuple[int, int]], days: Collection[int]) -> bytes:
    """Write the rows of these days, one a line: `DAY PARTNER KIND/OP BASIS EVENTS ITEMS`.

    No field can hold a space. The lines are sorted by day as a number, then by the other names.
    """
    rows = sorted(
        (day, partner, f"{kind}/{op}", basis, events, items)
        for (day, partner, kind, op, basis), (events, items) in daily.items()
        if day in days
    )
    return HEADER + "".join([" ".join(map(str, row)) + "\n" for row in rows]).encode()


def table_digest(daily: Mapping[Row, tuple[int, int]], days: Collection[int]) -> bytes:
    """Give the SHA-256 of the table of these days, 32 bytes."""
    return sha256(table(daily, days)).digest()


def over_all_days(daily: Mapping[Row, tuple[int, int]]) -> Totals:
    """Add the days up."""
    totals: Totals = {}
    for (_, *name), (more_events, more_items) in daily.items():
        partner, kind, op, basis = name
        events, items = totals.get((partner, kind, op, basis), (0, 0))
        totals[partner, kind, op, basis] = (events + more_events, items + more_items)
    return totals
