"""The third question: what did it do afterwards? Never provable, and said so every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.verdict import meaning, wording
from vestibule.verdict.company import company_of
from vestibule.verdict.period import span_of
from vestibule.verdict.rests import rests_on
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.verdict.log_view import LogView


def afterwards(view: LogView, partner: str) -> Verdict:
    """What did the partner's company do with what it was served?

    Raises:
        UnknownPartner: if the register has no such partner.
    """
    company = company_of(view.history, partner)
    return Verdict(
        question=wording.afterwards(company),
        answer=Answer.NOT_PROVABLE,
        summary="",
        meaning=meaning.afterwards(company.name),
        company=company,
        findings=(),
        rests_on=rests_on(view, company, span_of(view, None)),
    )
