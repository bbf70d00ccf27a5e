"""The first question: could it? From public leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.verdict import wording
from vestibule.verdict.company import company_of
from vestibule.verdict.rests import breaches, rests_on
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.ledger.history import HeldPrivilege
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView


def could(view: LogView, partner: str, scope: str) -> Verdict:
    """Was the partner's company ever allowed to use this scope?

    Raises:
        UnknownPartner: if the register has no such partner.
    """
    company = company_of(view.history, partner)
    held = _ever_in_force(view, company, scope)
    found = breaches(view, company)
    answer, numbers = _answer(view, company, scope, held, found)
    return Verdict(
        question=wording.could(company, scope),
        answer=answer,
        summary=f"{numbers}, to checkpoint {view.size}",
        company=company,
        findings=(*map(_privilege, held), *found),
        rests_on=rests_on(view, company, *(_keys(company) if held else ()), wording.REGISTER),
    )


def _answer(
    view: LogView, company: Company, scope: str, held: list[HeldPrivilege], found: tuple[str, ...]
) -> tuple[Answer, str]:
    if held:
        privileges = wording.count(len(held), "privilege")
        return (
            Answer.PROVEN_YES,
            f"{privileges}, {wording.connections(_most_connected(view, company, scope))}",
        )
    grants = _grants(view, company, scope)
    answer = Answer.NOT_PROVABLE if grants or found else Answer.PROVEN_NO
    return answer, f"no privilege, {wording.count(grants, 'connection')}"


def _ever_in_force(view: LogView, company: Company, scope: str) -> list[HeldPrivilege]:
    """List the privileges that the partner signed and that did not end where they began."""
    return [
        held
        for partner in company.partners
        for held in view.history.privileges.get((partner, scope), ())
        if held.until_index != held.from_index
    ]


def _grants(view: LogView, company: Company, scope: str) -> int:
    return sum(
        events
        for (partner, kind, op, _), (events, _) in view.history.totals.items()
        if partner in company.partners and kind == "grant" and op == scope
    )


def _most_connected(view: LogView, company: Company, scope: str) -> int:
    return sum(view.history.most_live(partner, scope) for partner in company.partners)


def _privilege(held: HeldPrivilege) -> str:
    until = "still in force" if held.until_index is None else f"until leaf {held.until_index}"
    return (
        f"leaf {held.from_index}: privilege of {held.leaf.partner} for {held.leaf.scope}, {until}, "
        f"last day {wording.day(held.leaf.until_day)}, signed with {held.leaf.key_id}: {held.leaf.purpose}"
    )


def _keys(company: Company) -> tuple[str, ...]:
    return (wording.keys(company),)
