"""A partner's table beside the platform's, row by row. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vestibule.ledger.engagement import Counted, Placed, Table
from vestibule.ledger.report import AGREES, DIFFERS

HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Compared:
    """One count of both sides.

    Attributes:
        ours: the platform's.
        theirs: the partner's.
    """

    ours: int
    theirs: int

    @property
    def absolute(self) -> int:
        """How many more the partner counted; below zero: fewer."""
        return self.theirs - self.ours

    @property
    def percent(self) -> Fraction:
        """The difference's size in percent of the larger count; exact."""
        larger = max(self.ours, self.theirs)
        return Fraction(HUNDRED * abs(self.absolute), larger) if larger else Fraction(0)

    def is_within(self, tolerance: int) -> bool:
        """Say whether they differ by at most so many percent of the larger one."""
        return self.percent <= tolerance


@dataclass(frozen=True, slots=True)
class Row:
    """What both sides counted on one day in one place."""

    sends: Compared
    clicks: Compared

    def is_within(self, tolerance: int) -> bool:
        """Say whether both counts are."""
        return self.sends.is_within(tolerance) and self.clicks.is_within(tolerance)


def compare(ours: Table, theirs: Table) -> Mapping[Placed, Row]:
    """Put both side by side, sorted; where one side has no row it counted nothing."""
    nothing = Counted()
    return {
        placed: Row(Compared(mine.sends, yours.sends), Compared(mine.clicks, yours.clicks))
        for placed in sorted(ours.keys() | theirs.keys())
        for mine, yours in [(ours.get(placed, nothing), theirs.get(placed, nothing))]
    }


def verdict(rows: Mapping[Placed, Row], tolerance: int) -> str:
    """Say `agrees` if every count of every row is within the tolerance, in percent; else `differs`."""
    return AGREES if all(row.is_within(tolerance) for row in rows.values()) else DIFFERS
