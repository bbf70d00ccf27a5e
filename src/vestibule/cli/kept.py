"""What a partner's program keeps, checked again: its file of receipts, or an answer that did not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.cli import options, report
from vestibule.cli.errors import BadUsage
from vestibule.sdk import evidence, receipts
from vestibule.sdk.counters import Counters
from vestibule.sdk.errors import SdkError
from vestibule.verdict import wording
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    from vestibule.sdk.evidence import Evidence
    from vestibule.verdict.trust import Trust

BY_ITSELF = (
    "by itself this answer holds: what was wrong shows only beside the other receipts that were kept with it"
)
ONE_SIDE = (
    "nobody but the partner signed what is in this file beside the receipts: it shows to others what the "
    "partner says it was answered, and to the partner that it must not use it"
)


def is_one(text: bytes) -> bool:
    """Tell whether a file is one of these."""
    return text.startswith(b"{")


def check(text: bytes, trusted: Trust) -> tuple[str, int]:
    """Check such a file; returns what to print, and the exit code.

    Raises:
        BadReceipt: a receipt in it does not hold.
        BadUsage: the file is something else.
    """
    try:
        if text.startswith(b'{"receipts"'):
            return "\n".join(map(report.printable, _of_receipts(text, trusted))), 0
        return _of_evidence(evidence.parse(text), trusted)
    except SdkError as error:
        raise BadUsage(str(error)) from error


def _of_receipts(text: bytes, trusted: Trust) -> list[str]:
    counters, number, size = Counters(), 0, 0
    lines = text.splitlines()
    for at, line in enumerate(lines, start=1):
        for kept in receipts.texts_of(line):
            try:
                size = max(size, open_receipt(kept, trusted).verified.checkpoint.size)
            except BadReceipt as error:
                raise BadReceipt(f"line {at}: {error}") from error
            number += 1
        for counted in receipts.opened(line):
            counters.add(*counted)
    where = f"in the log {trusted.policy.log.key.name} up to size {size}"
    all_of_it = f"{wording.count(number, 'receipt')} of {wording.count(len(lines), 'answer')}"
    said = [f"checked, and good: {all_of_it}, {where}"]
    for (day, pair), (events, items) in sorted(counters.by_day().items()):
        said.append(f"  {wording.day(day)}  {pair}: {events} with {items} items")
    return said


def _of_evidence(found: Evidence, trusted: Trust) -> tuple[str, int]:
    request, again = found.asked.request, found.again(trusted)
    lines = [
        f"{found.asked.partner} asked {request.method} {request.target_uri}, signed with {request.key_id}",
        f"about a person it knows as {found.asked.person or 'nobody'}; operation {found.operation}",
        f"not used because: {found.reason}",
        BY_ITSELF if again is None else f"checked again: {again}",
        ONE_SIDE,
    ]
    return "\n".join(map(report.printable, lines)), 0 if again is None else options.EXIT_BAD
