"""Whether a partner has signed that the log counts its requests as it does itself."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from vestibule.ledger.counting import is_own_request
from vestibule.ledger.leaf import Event

if TYPE_CHECKING:
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Span


def reconciled(view: LogView, company: Company, span: Span) -> bool:
    """Say whether every partner id of the company has counted as the log does, up to its last request there.

    Only then may its honesty be cited: a partner that never compared would not have noticed.
    """
    return all(_matches(view, partner, span.end) for partner in company.partners)


def _matches(view: LogView, partner: str, end: int) -> bool:
    """Say whether the newest counts that the partner validly signed match, and take in its last request."""
    mine = [found for found in view.history.reconciles if found.leaf.partner == partner]
    return bool(mine) and mine[-1].matches and not _asked_between(view, partner, mine[-1].leaf.size, end)


def _asked_between(view: LogView, partner: str, first: int, end: int) -> bool:
    indexes = view.history.events_by_partner.get(partner, ())
    later = (view.leaf(index) for index in indexes[bisect_left(indexes, first) : bisect_left(indexes, end)])
    return any(isinstance(event, Event) and is_own_request(f"{event.kind}/{event.op}") for event in later)
