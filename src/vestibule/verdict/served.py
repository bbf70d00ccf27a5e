"""The second question, about everybody: was it served? Public leaves count, signed requests prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.verdict import meaning, wording
from vestibule.verdict.company import company_of
from vestibule.verdict.evidence import signed_reads
from vestibule.verdict.period import provable, span_of, totals_of
from vestibule.verdict.reconciled import reconciled
from vestibule.verdict.rests import breaches, rests_on
from vestibule.verdict.scopes import check_scope
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.verdict.company import Company
    from vestibule.verdict.lane import Opened
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Period, Span
    from vestibule.verdict.person_file import PersonFile


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the log's own totals say."""

    reads: int
    messages: int
    most_connected: int

    @property
    def text(self) -> str:
        """The two numbers in words."""
        return f"{wording.count(self.reads, 'read')}, {wording.count(self.messages, 'message')}"


def was_served(
    view: LogView,
    partner: str,
    scope: str,
    person: PersonFile | None = None,
    period: Period | None = None,
) -> Verdict:
    """Was the partner's company served data under this scope, ever or in a period?

    Args:
        view: the verified log.
        partner: a partner id on its register.
        scope: such as `messages.read`.
        person: somebody's own file; its openings carry the partner's signed requests.
        period: the days asked about; the whole log if None.

    Raises:
        UnknownPartner: if the register has no such partner.
        UnknownScope: if no log knows the scope.
        BadPersonFile: if the file contradicts the log, or a request in it is not the partner's.
    """
    company = company_of(view.history, partner)
    check_scope(view.history, scope)
    span = span_of(view, period)
    recorded = _recorded(view, company, scope, span)
    signed = () if person is None else signed_reads(view, company, scope, person)
    signed = tuple(one for one in signed if one.index in span)
    found = breaches(view, company)
    answer, summary = provable(span, *_answer(company, recorded, signed, found))
    return Verdict(
        question=wording.was_served(company, scope, period),
        answer=answer,
        summary=summary,
        meaning=meaning.was_served(answer, company.name),
        company=company,
        findings=(*(_finding(one) for one in signed), *found),
        rests_on=rests_on(view, company, span, *_assumptions(view, company, span, answer)),
    )


def _recorded(view: LogView, company: Company, scope: str, span: Span) -> Recorded:
    totals = [
        total
        for (partner, kind, op, _), total in totals_of(view, span).items()
        if partner in company.partners and kind == "access" and op == scope
    ]
    most = sum(view.history.most_live(partner, scope, span.first, span.end) for partner in company.partners)
    return Recorded(sum(events for events, _ in totals), sum(items for _, items in totals), most)


def _answer(
    company: Company, recorded: Recorded, signed: tuple[Opened, ...], found: tuple[str, ...]
) -> tuple[Answer, str]:
    people = wording.connections(recorded.most_connected)
    if any(one.private.n for one in signed):
        return Answer.PROVEN_YES, f"{_signed(company, recorded, signed)}; {people}"
    if recorded.messages:
        return Answer.RECORDED, f"{recorded.text}, no request signed by {company.name} shown; {people}"
    return (Answer.NOT_PROVABLE if found else Answer.PROVEN_NO), f"{recorded.text} recorded; {people}"


def _signed(company: Company, recorded: Recorded, signed: tuple[Opened, ...]) -> str:
    shown = Recorded(len(signed), sum(one.private.n for one in signed), recorded.most_connected)
    if (shown.reads, shown.messages) == (recorded.reads, recorded.messages):
        return f"{shown.text}, signed by {company.name}"
    return f"{shown.text} of {recorded.text} recorded, signed by {company.name}"


def _finding(one: Opened) -> str:
    request = one.private.request
    shown = (
        ""
        if request is None
        else f", request {request.method} {request.target_uri} signed with {request.key_id}"
    )
    return (
        f"leaf {one.index}: {wording.count(one.private.n, 'message')} on {wording.day(one.event.day)}{shown}"
    )


def _assumptions(view: LogView, company: Company, span: Span, answer: Answer) -> tuple[str, ...]:
    if answer is Answer.PROVEN_YES:
        return (wording.keys(company), wording.DELIVERED)
    if answer is Answer.RECORDED:
        return (wording.PLATFORM_ALONE, wording.DELIVERED)
    return (f"honesty: {wording.honest(company, reconciled=reconciled(view, company, span))}",)
