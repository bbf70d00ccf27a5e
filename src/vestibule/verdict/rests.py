"""What a verdict rests on, said in full every time."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from vestibule.verdict import wording

if TYPE_CHECKING:
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.period import Span
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.vouched import Vouched


def rests_on(view: LogView, company: Company, span: Span, *assumptions: str) -> tuple[str, ...]:
    """List checkpoint, witnesses, auditors, policy and assumptions, and what no log can say."""
    checkpoint = view.verified.checkpoint
    root = base64.b64encode(checkpoint.root).decode()
    return (
        f"checkpoint: {view.origin}, size {checkpoint.size}, root {root}",
        *_period(view, span),
        *who_vouches(view.verified, view.trust),
        f"replay: all {checkpoint.size} leaves were read and checked here",
        *_elsewhere(view, company),
        *assumptions,
        *(line.format(name=company.name) for line in wording.ALWAYS),
    )


def who_vouches(verified: Vouched, trust: Trust) -> tuple[str, ...]:
    """List the mode, every counted cosigner, the time attested, the keys that count as zero, the policy."""
    if verified.attested_at is None:
        time = f"witnesses: {wording.TIME_NOT_ATTESTED}"
    else:
        time = f"time: {wording.time(verified.attested_at)}, attested by quorum {verified.quorum}"
    return (
        f"mode: {wording.mode(trust.mode)}",
        *(f"witness: {wording.cosigner(one.name, one.run_by, one.at)}" for one in verified.witnesses),
        time,
        *(f"auditor: {wording.cosigner(one.name, one.run_by, one.at)}" for one in verified.auditors),
        *(() if verified.auditors else (f"auditors: {wording.NO_AUDITOR}",)),
        *(f"counts as zero: {wording.zero(name, why)}" for name, why in trust.zero),
        f"policy: SHA-256 {trust.digest}, from {trust.source}",
    )


def breaches(view: LogView, company: Company) -> tuple[str, ...]:
    """List where the company's own leaves break a rule of the log."""
    return tuple(
        f"leaf {breach.index} breaks a rule of the log: {breach.message}"
        for breach in view.breaches_of(company.partners)
    )


def _period(view: LogView, span: Span) -> tuple[str, ...]:
    if span.period is None:
        return ()
    held = wording.DAYS_AUDITED if view.verified.auditors else wording.DAYS_UNAUDITED
    return f"period: {wording.leaves(span)}", f"days: {wording.DAYS}; {held}"


def _elsewhere(view: LogView, company: Company) -> tuple[str, ...]:
    others = len(view.history.breaches) - len(view.breaches_of(company.partners))
    if not others:
        return ()
    leaves = wording.count(others, "rule is", "rules are")
    return (f"breaches: {leaves} broken by leaves that are none of this company's",)
