"""The second question, about one person: is any release recorded? From the public log and her own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger.replay import OPERATOR
from vestibule.verdict import meaning, wording
from vestibule.verdict.company import STAFF, company_of
from vestibule.verdict.found import Found, described, leaves_of
from vestibule.verdict.lane import CheckedLane, check_lane
from vestibule.verdict.period import provable, span_of
from vestibule.verdict.person_file import LANES
from vestibule.verdict.reconciled import reconciled
from vestibule.verdict.rests import breaches, rests_on
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Period, Span
    from vestibule.verdict.person_file import PersonFile

SOMEBODY = "this person"


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
        partner: a partner id on its register, or `operator` for its staff.
        person: her own file.
        called: her name, for the wording alone.
        period: the days asked about; the whole log if None.

    Raises:
        UnknownPartner: if the register has no such partner.
        BadPersonFile: if the file is of another log, contradicts this one, or the log skips a counter.
    """
    company = STAFF if partner == OPERATOR else company_of(view.history, partner)
    asked = _Asked(company, called, span_of(view, period))
    missing = tuple(one for one in company.partners if one not in person.partners)
    if missing:
        return _file_too_old(view, asked, missing)
    lanes = {(one, lane): check_lane(view, person, one, lane) for one in company.partners for lane in LANES}
    return _verdict(view, asked, lanes, leaves_of(lanes, asked.span))


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
        meaning=meaning.about_me(answer, company.name, asked.called),
        company=company,
        findings=(*described(lanes, found, span), *broken),
        rests_on=rests_on(view, company, span, *_assumptions(answer, whose, asked.called)),
    )


def _file_too_old(view: LogView, asked: _Asked, missing: tuple[str, ...]) -> Verdict:
    listed = ", ".join(missing)
    return Verdict(
        question=asked.question,
        answer=Answer.NOT_PROVABLE,
        summary=f"the person file says nothing about {listed}; download a newer one",
        meaning=meaning.UNCERTAIN,
        company=asked.company,
        findings=(),
        rests_on=rests_on(view, asked.company, asked.span),
    )


def _assumptions(answer: Answer, whose: str, called: str) -> tuple[str, ...]:
    if answer is Answer.PROVEN_YES:
        return (wording.SIGNED_ELSEWHERE,)
    return (f"honesty: {whose}", wording.subject(called))
