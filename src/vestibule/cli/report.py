"""How a verdict is printed, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vestibule.verdict import wording
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.vouched import Vouched

EXIT_CODES = {Answer.PROVEN_YES: 0, Answer.PROVEN_NO: 1, Answer.RECORDED: 3, Answer.NOT_PROVABLE: 3}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def as_text(verdict: Verdict, view: LogView) -> str:
    """Write a verdict for people: whose keys, the answer, what was found, what it rests on."""
    return "\n".join(printable(line) for line in _lines(verdict, view))


def as_json(verdict: Verdict, view: LogView) -> str:
    """Write a verdict for programs."""
    value: dict[str, Any] = {"trusts": trusts(view.trust, view.verified), **verdict.as_json()}
    return json.dumps(value | {"exit": EXIT_CODES[verdict.answer]}, indent=1)


def printable(text: str) -> str:
    """Replace what a terminal would act upon: names and purposes are other people's text."""
    return "".join(char if char.isprintable() else REPLACEMENT for char in text)


def _lines(verdict: Verdict, view: LogView) -> Iterator[str]:
    yield trusts(view.trust, view.verified)
    yield ""
    yield verdict.headline
    yield ""
    yield f"covers {', '.join(verdict.company.partners)}: every partner id of {verdict.company.legal_entity}"
    if verdict.findings:
        yield "found"
        yield from (f"  {line}" for line in verdict.findings)
    yield "rests on"
    yield from (f"  {line}" for line in verdict.rests_on)


def trusts(trust: Trust, verified: Vouched) -> str:
    """Say whose keys everything below trusts, and whether they attest a time."""
    whose = wording.trusts(trust.source)
    return f"{whose}; {wording.TIME_NOT_ATTESTED}" if verified.attested_at is None else whose
