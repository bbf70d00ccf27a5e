"""How a verdict is printed, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vestibule.verdict import wording
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.log_view import LogView

EXIT_CODES = {Answer.PROVEN_YES: 0, Answer.PROVEN_NO: 1, Answer.RECORDED: 3, Answer.NOT_PROVABLE: 3}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def as_text(verdict: Verdict, view: LogView) -> str:
    """Write a verdict for people: whose keys, the answer, what was found, what it rests on."""
    return "\n".join(printable(line) for line in _lines(verdict, view))


def as_json(verdict: Verdict, view: LogView) -> str:
    """Write a verdict for programs."""
    value: dict[str, Any] = {"trusts": _trusts(view), **verdict.as_json()}
    return json.dumps(value | {"exit": EXIT_CODES[verdict.answer]}, indent=1)


def printable(text: str) -> str:
    """Replace what a terminal would act upon: names and purposes are other people's text."""
    return "".join(char if char.isprintable() else REPLACEMENT for char in text)


def _lines(verdict: Verdict, view: LogView) -> Iterator[str]:
    yield _trusts(view)
    yield ""
    yield verdict.headline
    yield ""
    yield f"covers {', '.join(verdict.company.partners)}: every partner id of {verdict.company.legal_entity}"
    if verdict.findings:
        yield "found"
        yield from (f"  {line}" for line in verdict.findings)
    yield "rests on"
    yield from (f"  {line}" for line in verdict.rests_on)


def _trusts(view: LogView) -> str:
    trusts = wording.trusts(view.trust.source)
    return trusts if view.verified.cosignatures else f"{trusts}; {wording.TIME_NOT_ATTESTED}"
