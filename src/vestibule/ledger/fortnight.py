"""Fortnights: the periods of engagement reports, each of two ISO 8601 weeks in UTC."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Self

from vestibule.ledger.errors import FortnightError

DAYS: Final = 14
GRACE: Final = 7
"""How many days after the last one a report can be filed in time."""

_EPOCH: Final = dt.date(1970, 1, 1)
_FIRST_MONDAY: Final = -3
"""1969-12-29, as a day number: from there on fortnights follow each other without a gap."""

_LAST: Final = 2_932_896
"""9999-12-31, the last day that has a name."""

_LABEL = re.compile(r"([0-9]{4})-W([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Fortnight:
    """Fourteen UTC days.

    Attributes:
        first: the UTC day number of its first day, a Monday; that of 2025-12-29, the Monday of 2026-W01,
            is one, and every fourteenth from there.
    """

    first: int

    def __post_init__(self) -> None:
        is_day = type(self.first) is int and 0 <= self.first <= _LAST - DAYS
        if not is_day or (self.first - _FIRST_MONDAY) % DAYS:
            raise FortnightError(f"expected the first day of a fortnight, got {self.first!r}")

    @property
    def last(self) -> int:
        """Its last day."""
        return self.first + DAYS - 1

    @property
    def over_on(self) -> int:
        """The first day on which it is over."""
        return self.first + DAYS

    @property
    def due(self) -> int:
        """The first day on which a report of it is late."""
        return self.over_on + GRACE

    @property
    def label(self) -> str:
        """The ISO 8601 week of its first day, such as 2026-W01."""
        year, week, _ = _date(self.first).isocalendar()
        return f"{year:04}-W{week:02}"

    @property
    def days(self) -> range:
        """Its day numbers."""
        return range(self.first, self.over_on)

    @classmethod
    def of(cls, day: int) -> Self:
        """Find the one that a day is in."""
        return cls(day - (day - _FIRST_MONDAY) % DAYS)

    @classmethod
    def parse(cls, label: str) -> Self:
        """Read a label.

        Raises:
            FortnightError: if it names no week, or the second one of a fortnight.
        """
        found = _LABEL.fullmatch(label)
        try:
            monday = dt.date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
        except ValueError:
            monday = None
        if monday is None or monday < _EPOCH:
            raise FortnightError(f"period: expected a week like 2026-W01, got {label[:40]!r}")
        day = (monday - _EPOCH).days
        fortnight = cls.of(day)
        if fortnight.first != day:
            expected = f"the first week of a fortnight, {fortnight.label}"
            raise FortnightError(f"period: expected {expected}, got {label}")
        return fortnight


def write_day(day: int) -> str:
    """Write a UTC day number as YYYY-MM-DD."""
    return _date(day).isoformat()


def read_day(text: str) -> int | None:
    """Read YYYY-MM-DD as a UTC day number; None if it is anything else."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return (date - _EPOCH).days if date.isoformat() == text else None


def _date(day: int) -> dt.date:
    return _EPOCH + dt.timedelta(days=day)
