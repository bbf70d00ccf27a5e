"""How a verdict is printed, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.verdict.stated import EXIT_CODES, as_json, trusts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.stated import Vouching
    from vestibule.verdict.verdict import Verdict

__all__ = ["EXIT_CODES", "as_json", "as_text", "printable", "trusts"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def as_text(verdict: Verdict, view: Vouching) -> str:
    """Write a verdict for people: whose keys, the answer, what was found, what it rests on."""
    return "\n".join(printable(line) for line in _lines(verdict, view))


def printable(text: str) -> str:
    """Replace what a terminal would act upon: names and purposes are other people's text."""
    return "".join(char if char.isprintable() else REPLACEMENT for char in text)


def _lines(verdict: Verdict, view: Vouching) -> Iterator[str]:
    yield trusts(view.trust, view.verified)
    yield ""
    yield verdict.headline
    yield ""
    yield verdict.company.covers
    if verdict.findings:
        yield "found"
        yield from (f"  {line}" for line in verdict.findings)
    yield "rests on"
    yield from (f"  {line}" for line in verdict.rests_on)
