"""Whether a partner has signed that the log counts its requests as it does itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.ledger.leaf import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.ledger.leaf import ReconcileLeaf
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView

OWN_KINDS = frozenset({"access", "refusal", "delete", "send"})
DIALOG = "dialog"


def own_request(event: Event) -> bool:
    """Say whether the event answers a request that the partner made itself, and so counted."""
    by_dialog = event.kind == "send" and event.op == DIALOG
    return event.kind in OWN_KINDS and event.basis == "grant" and not by_dialog


def reconciled(view: LogView, company: Company) -> bool:
    """Say whether every partner id of the company has counted as the log does, up to its last request.

    Only then may its honesty be cited: a partner that never compared would not have noticed.
    """
    return all(_matches(view, partner) for partner in company.partners)


def _matches(view: LogView, partner: str) -> bool:
    newest = _newest(view, partner)
    if newest is None:
        return False
    counted: dict[str, tuple[int, int]] = {}
    for index in view.history.events_by_partner.get(partner, ()):
        event = view.leaf(index)
        if isinstance(event, Event) and own_request(event):
            if index >= newest.size:
                return False
            name = f"{event.kind}/{event.op}"
            events, items = counted.get(name, (0, 0))
            counted[name] = events + 1, items + event.n
    return counted == _without_zeros(newest.counts)


def _newest(view: LogView, partner: str) -> ReconcileLeaf | None:
    """Find the partner's newest reconcile leaf among those that it validly signed."""
    mine = [found.leaf for found in view.history.reconciles if found.leaf.partner == partner]
    return mine[-1] if mine else None


def _without_zeros(counts: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {name: (events, items) for name, (events, items) in counts.items() if events or items}
