"""Scopes: what a question can be about. A word that no log knows is asked about by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.ledger.counting import DIALOG
from vestibule.verdict.errors import UnknownScope

if TYPE_CHECKING:
    from vestibule.ledger.history import History

VOCABULARY = (
    "messages.read",
    "messages.send",
    "messages.delete",
    "friends.list",
    "recommendations.receive",
    "posts.create",
    DIALOG,
    "connection",
)
"""The scopes and operations that a log can speak of before it does (docs/log.md, section 3.2)."""


def check_scope(history: History, scope: str) -> None:
    """Refuse a scope that nothing could ever be recorded under: "proven no" would be true, and mislead.

    Raises:
        UnknownScope: if it is neither in the vocabulary nor on this log.
    """
    if scope in VOCABULARY:
        return
    seen = {op for _, _, op, _ in history.totals} | {given for _, given in history.privileges}
    if scope not in seen:
        known = ", ".join([*VOCABULARY, *sorted(seen.difference(VOCABULARY))])
        raise UnknownScope(f"no scope {scope!r} in this log's vocabulary; known: {known}")
