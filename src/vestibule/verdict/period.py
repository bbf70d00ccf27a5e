"""Periods: days that a question is about, and the part of the log that belongs to them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.totals import over_all_days
from vestibule.verdict import wording
from vestibule.verdict.errors import BadPeriod
from vestibule.verdict.verdict import Answer

if TYPE_CHECKING:
    from vestibule.ledger.totals import Totals
    from vestibule.verdict.log_view import LogView


@dataclass(frozen=True, slots=True)
class Period:
    """Whole UTC days, the first and the last included.

    Attributes:
        first_day: days since 1970-01-01.
        last_day: the same, not before `first_day`.
    """

    first_day: int
    last_day: int

    def __post_init__(self) -> None:
        if not 0 <= self.first_day <= self.last_day:
            raise BadPeriod(
                f"period: expected a last day from {wording.day(self.first_day)} on, "
                f"got {wording.day(self.last_day)}"
            )

    @classmethod
    def parse(cls, first: str, last: str) -> Self:
        """Read two dates of the form YYYY-MM-DD.

        Raises:
            BadPeriod: if one is no date, or the last is before the first.
        """
        return cls(_day(first), _day(last))

    @property
    def end(self) -> int:
        """When it is over, in seconds since 1970."""
        return (self.last_day + 1) * SECONDS_A_DAY

    def __contains__(self, day: object) -> bool:
        return isinstance(day, int) and self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        first, last = wording.day(self.first_day), wording.day(self.last_day)
        return f"on {first}" if first == last else f"from {first} to {last}"


@dataclass(frozen=True, slots=True)
class Span:
    """The leaves that a question is about.

    Attributes:
        period: the days asked about; None for the whole log up to the checkpoint.
        first: index of the first leaf.
        end: index behind the last leaf.
        closed_by: index of the epoch leaf that closes the period, None without period or while it is open.
        unproven: why nothing can be proven about the period; None if something can.
    """

    period: Period | None
    first: int
    end: int
    closed_by: int | None = None
    unproven: str | None = None

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and self.first <= index < self.end


def span_of(view: LogView, period: Period | None) -> Span:
    """Find the leaves of a period, and whether the log can say anything about it for good.

    It can once an epoch leaf of a later day has closed it and the policy's quorum has seen that log at or
    after its end: before, leaves could still be added to it, or an old state be passed off as today's.
    """
    if period is None:
        return Span(None, 0, view.size)
    first, end = (
        bisect_left(range(view.size), day, key=lambda index: view.leaf(index).day)
        for day in (period.first_day, period.last_day + 1)
    )
    return Span(period, first, end, view.history.closed_by(period.last_day), _unproven(view, period))


def provable(span: Span, answer: Answer, summary: str) -> tuple[Answer, str]:
    """Give an answer, or where the log cannot prove anything about these days yet, the reason instead."""
    if span.unproven is None:
        return answer, summary
    return Answer.NOT_PROVABLE, f"{span.unproven}; {summary}"


def totals_of(view: LogView, span: Span) -> Totals:
    """Add up the log's daily counts over the days asked about."""
    if span.period is None:
        return view.history.totals
    return over_all_days({row: total for row, total in view.history.daily.items() if row[0] in span.period})


def _unproven(view: LogView, period: Period) -> str | None:
    if period.first_day < view.genesis.day:
        return wording.BEGINS_LATER.format(day=wording.day(view.genesis.day))
    if view.history.closed_by(period.last_day) is None:
        return wording.NOT_CLOSED.format(day=wording.day(period.last_day))
    if (dated_back := _dated_back(view)) is not None:
        return wording.DATED_BACK.format(index=dated_back)
    attested = view.verified.attested_at
    if attested is None:
        return wording.NO_TIME
    if attested < period.end:
        return wording.TOO_EARLY.format(time=wording.time(attested))
    return None


def _dated_back(view: LogView) -> int | None:
    """Find a leaf of an earlier day than the one before it: then no range of leaves is a range of days."""
    indexes = (breach.index for breach in view.history.breaches if breach.index)
    return next((index for index in indexes if view.leaf(index).day < view.leaf(index - 1).day), None)


def _day(text: str) -> int:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadPeriod(f"period: expected a date like 2026-11-30, got {text!r}") from None
    return (found - wording.EPOCH).days
