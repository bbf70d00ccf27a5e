"""The first question: could it? From public leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.verdict import meaning, wording
from vestibule.verdict.company import company_of
from vestibule.verdict.period import provable, span_of, totals_of
from vestibule.verdict.rests import breaches, rests_on
from vestibule.verdict.scopes import check_scope
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.ledger.history import HeldPrivilege
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Period, Span


def could(view: LogView, partner: str, scope: str, period: Period | None = None) -> Verdict:
    """Was the partner's company allowed to use this scope, ever or in a period?

    Raises:
        UnknownPartner: if the register has no such partner.
        UnknownScope: if no log knows the scope.
    """
    company = company_of(view.history, partner)
    check_scope(view.history, scope)
    span = span_of(view, period)
    held = _in_force(view, company, scope, span)
    found = breaches(view, company)
    answer, summary = provable(span, *_answer(view, company, scope, span, held=held, found=found))
    return Verdict(
        question=wording.could(company, scope, period),
        answer=answer,
        summary=summary if period else f"{summary}, to checkpoint {view.size}",
        meaning=meaning.could(answer, company.name),
        company=company,
        findings=(*map(_privilege, held), *found),
        rests_on=rests_on(view, company, span, *(_keys(company) if held else ()), wording.REGISTER),
    )


def _answer(
    view: LogView,
    company: Company,
    scope: str,
    span: Span,
    *,
    held: list[HeldPrivilege],
    found: tuple[str, ...],
) -> tuple[Answer, str]:
    if held:
        most = sum(
            view.history.most_live(partner, scope, span.first, span.end) for partner in company.partners
        )
        return (
            Answer.PROVEN_YES,
            f"{wording.count(len(held), 'privilege')}, {wording.connections(most)}",
        )
    grants = _grants(view, company, scope, span)
    answer = Answer.NOT_PROVABLE if grants or found else Answer.PROVEN_NO
    return answer, f"no privilege, {wording.count(grants, 'connection')}"


def _in_force(view: LogView, company: Company, scope: str, span: Span) -> list[HeldPrivilege]:
    """List the privileges that the partner signed and that were in force at some time of the span."""
    return [
        held
        for partner in company.partners
        for held in view.history.privileges.get((partner, scope), ())
        if held.until_index != held.from_index and _reaches(held, span)
    ]


def _reaches(held: HeldPrivilege, span: Span) -> bool:
    # One that the span's first leaf ends was in force until then, unless its own last day was over before.
    begun = held.from_index < span.end
    ended = held.until_index is not None and held.until_index < span.first
    expired = span.period is not None and held.leaf.until_day < span.period.first_day
    return begun and not ended and not expired


def _grants(view: LogView, company: Company, scope: str, span: Span) -> int:
    return sum(
        events
        for (partner, kind, op, _), (events, _) in totals_of(view, span).items()
        if partner in company.partners and kind == "grant" and op == scope
    )


def _privilege(held: HeldPrivilege) -> str:
    until = "still in force" if held.until_index is None else f"until leaf {held.until_index}"
    return (
        f"leaf {held.from_index}: privilege of {held.leaf.partner} for {held.leaf.scope}, {until}, "
        f"last day {wording.day(held.leaf.until_day)}, signed with {held.leaf.key_id}: {held.leaf.purpose}"
    )


def _keys(company: Company) -> tuple[str, ...]:
    return (wording.keys(company),)
