"""A verdict for programs: the answer under the line that says whose keys it trusts, and its exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from vestibule.verdict import wording
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.verdict.consent_receipt import Agreed
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.short_history import ShortHistory
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.vouched import Vouched

    Vouching: TypeAlias = LogView | ShortHistory | Agreed

EXIT_CODES = {Answer.PROVEN_YES: 0, Answer.PROVEN_NO: 1, Answer.RECORDED: 3, Answer.NOT_PROVABLE: 3}


def trusts(trust: Trust, verified: Vouched) -> str:
    """Say whose keys everything below trusts, and whether they attest a time."""
    whose = wording.trusts(trust.source)
    return f"{whose}; {wording.TIME_NOT_ATTESTED}" if verified.attested_at is None else whose


def as_json(verdict: Verdict, view: Vouching) -> str:
    """Write a verdict for programs."""
    value: dict[str, Any] = {"trusts": trusts(view.trust, view.verified), **verdict.as_json()}
    return json.dumps(value | {"exit": EXIT_CODES[verdict.answer]}, indent=1)
