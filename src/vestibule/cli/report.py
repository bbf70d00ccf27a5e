"""How a verdict is printed, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from vestibule.verdict import receipt_words
from vestibule.verdict.stated import EXIT_CODES, as_json, trusts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vestibule.verdict.receipt import Receipt
    from vestibule.verdict.stated import Vouching
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.verdict import Verdict

__all__ = ["EXIT_CODES", "as_json", "as_text", "of_receipt", "printable", "receipt_as_json", "trusts"]

WIDTH = 100
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def as_text(verdict: Verdict, view: Vouching) -> str:
    """Write a verdict for people: whose keys, the answer, what was found, what it rests on."""
    return "\n".join(printable(line) for line in _lines(verdict, view))


def of_receipt(receipt: Receipt, trust: Trust) -> str:
    """Write for people what a receipt shows: whose keys, the leaf, its private half, what it rests on."""
    checkpoint = receipt.verified.checkpoint
    lines = [
        trusts(trust, receipt.verified),
        f"leaf {receipt.index} is in {checkpoint.origin} at size {checkpoint.size}",
        *_block("everybody can see", receipt_words.public(receipt)),
        *_block("the receipt shows too", receipt_words.private(receipt)),
        *_block("rests on", receipt_words.rests_on(receipt, trust)),
    ]
    return "\n".join(map(printable, lines))


def receipt_as_json(receipt: Receipt, trust: Trust) -> str:
    """Write for programs what a receipt shows."""
    checkpoint = receipt.verified.checkpoint
    value = {
        "trusts": trusts(trust, receipt.verified),
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "index": receipt.index,
        "leaf": receipt.text,
        "public": receipt_words.public(receipt),
        "private": receipt_words.private(receipt),
        "rests_on": receipt_words.rests_on(receipt, trust),
        "exit": 0,
    }
    return json.dumps(value, indent=1)


def printable(text: str) -> str:
    """Replace what a terminal would act upon: names and purposes are other people's text."""
    return "".join(char if char.isprintable() else REPLACEMENT for char in text)


def _lines(verdict: Verdict, view: Vouching) -> Iterator[str]:
    yield trusts(view.trust, view.verified)
    yield ""
    yield verdict.headline
    yield ""
    yield from textwrap.wrap(verdict.meaning, WIDTH)
    yield ""
    yield verdict.company.covers
    yield from _block("found", verdict.findings)
    yield from _block("rests on", verdict.rests_on)


def _block(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  {line}" for line in lines)
