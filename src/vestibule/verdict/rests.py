"""What a verdict rests on, said in full every time."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vestibule.verdict import wording

if TYPE_CHECKING:
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView


def rests_on(view: LogView, company: Company, *assumptions: str) -> tuple[str, ...]:
    """List checkpoint, witnesses, policy and assumptions, and what no log can say."""
    checkpoint = view.verified.checkpoint
    root = base64.b64encode(checkpoint.root).decode()
    return (
        f"checkpoint: {view.origin}, size {checkpoint.size}, root {root}",
        f"witnesses: {_witnesses(view)}",
        f"policy: SHA-256 {view.trust.digest}, from {view.trust.source}",
        f"replay: all {checkpoint.size} leaves were read and checked here; no other auditor counted",
        *_elsewhere(view, company),
        *assumptions,
        *(line.format(name=company.name) for line in wording.ALWAYS),
    )


def _witnesses(view: LogView) -> str:
    if not view.verified.cosignatures:
        return wording.TIME_NOT_ATTESTED
    counted = ", ".join(f"{name} at {_time(at)}" for name, at in view.verified.cosignatures)
    return f"{counted} (quorum {view.verified.quorum})"


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return f"{seconds} s after 1970"


def breaches(view: LogView, company: Company) -> tuple[str, ...]:
    """List where the company's own leaves break a rule of the log."""
    return tuple(
        f"leaf {breach.index} breaks a rule of the log: {breach.message}"
        for breach in view.breaches_of(company.partners)
    )


def _elsewhere(view: LogView, company: Company) -> tuple[str, ...]:
    others = len(view.history.breaches) - len(view.breaches_of(company.partners))
    if not others:
        return ()
    leaves = wording.count(others, "rule is", "rules are")
    return (f"breaches: {leaves} broken by leaves of other partners",)
