"""A partner's own counts beside the log's, day by day. Pure functions and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.sdk import counters
from vestibule.sdk.errors import CountsDiffer
from vestibule.verdict import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.sdk.counters import Counters
    from vestibule.verdict.log_view import LogView


@dataclass(frozen=True, slots=True)
class Difference:
    """A day on which an operation is counted otherwise.

    Attributes:
        day: UTC, days since 1970.
        pair: `kind/op`, such as `access/messages.read`.
        ours: events and items by our receipts.
        theirs: events and items by the log.
    """

    day: int
    pair: str
    ours: tuple[int, int]
    theirs: tuple[int, int]

    def __str__(self) -> str:
        """Say it in words."""
        ours, theirs = (f"{events} with {items} items" for events, items in (self.ours, self.theirs))
        return f"{wording.day(self.day)}, {self.pair}: our receipts show {ours}, the log {theirs}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our own counts over the log's first `size` leaves, and where the log's are others.

    Attributes:
        size: how many leaves were compared.
        counts: our own: `kind/op` to events and items.
        differences: by day and operation; none if the log counts the same.
    """

    size: int
    counts: Mapping[str, tuple[int, int]]
    differences: tuple[Difference, ...]

    def agreed(self) -> Comparison:
        """Return this if the log counts the same; raises CountsDiffer if it does not."""
        if self.differences:
            raise CountsDiffer(self)
        return self


def compared(view: LogView, partner: str, own: Counters) -> Comparison:
    """Compare with a verified log.

    Raises:
        BadLog: if it skips a counter below one that a receipt bore, which hides an event from its person.
    """
    own.check_gaps(view.history.tags)
    ours, theirs = own.by_day(view.size), counters.of_log(view.history.daily, partner)
    differences = tuple(
        Difference(*row, ours.get(row, (0, 0)), theirs.get(row, (0, 0)))
        for row in sorted(ours.keys() | theirs.keys())
        if ours.get(row) != theirs.get(row)
    )
    return Comparison(view.size, counters.totals(ours), differences)
