"""What the log holds of a company, line by line: the public's lines by day, a person's one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import request as signing
from vestibule.ledger.errors import LedgerError
from vestibule.verdict import wording
from vestibule.verdict.lane import check_lane
from vestibule.verdict.person_file import LANES

if TYPE_CHECKING:
    from vestibule.ledger.leaf import Event
    from vestibule.verdict.company import Company
    from vestibule.verdict.lane import Opened
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Period
    from vestibule.verdict.person_file import PersonFile


NOT_SIGNED = "a request not signed by a key in force"


@dataclass(frozen=True, slots=True)
class DayLine:
    """What the public log counts of one partner on one day.

    Attributes:
        day: UTC days since 1970.
        partner: partner id.
        what: kind and operation.
        basis: on whose word it was done.
        events: how many leaves.
        items: how many messages they say; none but for reads, sends and deletions.
    """

    day: int
    partner: str
    what: str
    basis: str
    events: int
    items: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One leaf about a person.

    Attributes:
        index: the leaf.
        event: what the public sees.
        at: when it was decided, in UTC, from her file; empty if the file does not open the leaf.
        items: the true number, from her file; the leaf's own if the file does not open it.
        signed_with: the partner's key under the request, whose signature was checked; NOT_SIGNED if it does
            not hold, empty if the partner did not ask for this.
        opened: whether her file opens the leaf.
        how: of a grant, how she agreed to it; empty where her file does not say.
    """

    index: int
    event: Event
    at: str
    items: int
    signed_with: str
    opened: bool
    how: str = ""

    @property
    def what(self) -> str:
        """Say it in plain words."""
        said = wording.event(self.event, self.items)
        return f"{said}, {self.how}" if self.how else said


def by_day(view: LogView, company: Company, period: Period | None) -> tuple[DayLine, ...]:
    """List what the log counts of the company in a period, by day, partner, kind and basis."""
    return tuple(
        DayLine(day, partner, f"{kind} {op}", basis, events, items)
        for (day, partner, kind, op, basis), (events, items) in sorted(view.history.daily.items())
        if partner in company.partners and (period is None or day in period)
    )


def of_person(
    view: LogView, company: Company, person: PersonFile, period: Period | None
) -> tuple[PersonLine, ...]:
    """List every leaf of the company's about a person in a period, in the order of the log.

    Raises:
        BadPersonFile: if the file contradicts the log.
    """
    lines: list[PersonLine] = []
    for partner in company.partners:
        for lane in LANES if partner in person.partners else ():
            checked = check_lane(view, person, partner, lane)
            lines += (_opened(view, one) for one in checked.opened)
            lines += (
                PersonLine(index, event, "", event.n, "", opened=False) for index, event in checked.unopened
            )
    asked = (line for line in lines if period is None or line.event.day in period)
    return tuple(sorted(asked, key=lambda line: line.index))


def _opened(view: LogView, one: Opened) -> PersonLine:
    private = one.private
    at = wording.moment(private.at)
    how = wording.how_agreed(private.extra)
    return PersonLine(one.index, one.event, at, private.n, _signed_with(view, one), opened=True, how=how)


def _signed_with(view: LogView, one: Opened) -> str:
    """Name the partner's key under the request, once the signature has been checked."""
    request, event = one.private.request, one.event
    if request is None:
        return ""
    key = view.history.key_at(event.partner, request.key_id, one.index, event.day)
    if key is None:
        return NOT_SIGNED
    try:
        signing.verify(request, key)
    except LedgerError:
        return NOT_SIGNED
    return request.key_id
