"""The second question, about one person: is any release recorded? From the public log and her own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.verdict import wording
from vestibule.verdict.company import company_of
from vestibule.verdict.grants import unfounded
from vestibule.verdict.lane import CheckedLane, check_lane
from vestibule.verdict.period import provable, span_of
from vestibule.verdict.person_file import LANES
from vestibule.verdict.reconciled import reconciled
from vestibule.verdict.rests import breaches, rests_on
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.ledger.leaf import Event
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Period, Span
    from vestibule.verdict.person_file import PersonFile

RELEASES = frozenset({"access", "exposure", "notify"})
"""Kinds by which something of a person reaches a partner. A dialog send reaches her, a refusal nobody."""
SOMEBODY = "this person"


@dataclass(frozen=True, slots=True)
class Found:
    """A leaf about the person, and whether her file opens it."""

    index: int
    event: Event
    opened: bool

    @property
    def is_release(self) -> bool:
        """Whether something of hers reached the partner."""
        return self.event.kind in RELEASES


@dataclass(frozen=True, slots=True)
class _Asked:
    company: Company
    called: str
    span: Span

    @property
    def question(self) -> str:
        return wording.about_me(self.company, self.called, self.span.period)


def about_me(
    view: LogView,
    partner: str,
    person: PersonFile,
    called: str = SOMEBODY,
    period: Period | None = None,
) -> Verdict:
    """Is any release to the partner's company recorded about this person, ever or in a period?

    Args:
        view: the verified log.
        partner: a partner id on its register.
        person: her own file.
        called: her name, for the wording alone.
        period: the days asked about; the whole log if None.

    Raises:
        UnknownPartner: if the register has no such partner.
        BadPersonFile: if the file is of another log, contradicts this one, or the log skips a counter.
    """
    company = company_of(view.history, partner)
    asked = _Asked(company, called, span_of(view, period))
    missing = tuple(one for one in company.partners if one not in person.partners)
    if missing:
        return _file_too_old(view, asked, missing)
    lanes = {(one, lane): check_lane(view, person, one, lane) for one in company.partners for lane in LANES}
    found = [leaf for checked in lanes.values() for leaf in _leaves(checked) if leaf.index in asked.span]
    return _verdict(view, asked, lanes, found)


def _leaves(lane: CheckedLane) -> list[Found]:
    opened = [Found(one.index, one.event, opened=True) for one in lane.opened]
    return opened + [Found(index, event, opened=False) for index, event in lane.unopened]


def _verdict(
    view: LogView, asked: _Asked, lanes: dict[tuple[str, str], CheckedLane], found: list[Found]
) -> Verdict:
    company, span = asked.company, asked.span
    releases = [leaf for leaf in found if leaf.is_release]
    broken = breaches(view, company)
    whose = wording.honest(company, reconciled=reconciled(view, company, span))
    numbers = f"{len(releases)} of {asked.called}'s {wording.count(len(found), 'event')}"
    if releases:
        answer, summary = Answer.PROVEN_YES, numbers
    else:
        complete = not broken and all(leaf.opened for leaf in found)
        answer = Answer.PROVEN_NO if complete else Answer.NOT_PROVABLE
        summary = f"{numbers}; rests on {whose}"
    answer, summary = provable(span, answer, summary)
    return Verdict(
        question=asked.question,
        answer=answer,
        summary=summary,
        company=company,
        findings=(
            *_known_as(lanes),
            *map(_finding, sorted(found, key=lambda leaf: leaf.index)),
            *(line for checked in lanes.values() for line in unfounded(checked, span)),
            *broken,
        ),
        rests_on=rests_on(view, company, span, *_assumptions(answer, whose, asked.called)),
    )


def _file_too_old(view: LogView, asked: _Asked, missing: tuple[str, ...]) -> Verdict:
    listed = ", ".join(missing)
    return Verdict(
        question=asked.question,
        answer=Answer.NOT_PROVABLE,
        summary=f"the person file says nothing about {listed}; download a newer one",
        company=asked.company,
        findings=(),
        rests_on=rests_on(view, asked.company, asked.span),
    )


def _known_as(lanes: dict[tuple[str, str], CheckedLane]) -> tuple[str, ...]:
    return tuple(
        f"{partner} knows this person as {tags.partner_person_id(checked.key)}"
        for (partner, lane), checked in lanes.items()
        if lane == tags.SHARED
    )


def _finding(leaf: Found) -> str:
    event = leaf.event
    what = f"leaf {leaf.index}: {event.kind} {event.op} by {event.partner} on {wording.day(event.day)}"
    counted = f"{what}, {wording.count(event.n, 'item')}"
    return counted if leaf.opened else f"{counted}; not in the file, which may be older than the checkpoint"


def _assumptions(answer: Answer, whose: str, called: str) -> tuple[str, ...]:
    if answer is Answer.PROVEN_YES:
        return (wording.PLATFORM_ALONE,)
    return (f"honesty: {whose}", wording.subject(called))
