"""Receipts in a dispute bundle: those handed out, held against the log, and those of a person's grants."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vestibule.ledger import canonical, tags
from vestibule.ledger.errors import LedgerError
from vestibule.tlog.errors import TlogError
from vestibule.tlog.merkle import inclusion_proof, root
from vestibule.tlog.policy import NONE
from vestibule.tlog.proof import TlogProof
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.lane import check_lane
from vestibule.verdict.receipt import VERSION, open_receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vestibule.tlog.merkle import ReadNode
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile
    from vestibule.verdict.receipt import Receipt


LARGEST = 1 << 20
"""Bytes of one receipt: a leaf, an opening with 8 kB of request and its messages' digests, cosignatures."""
LARGEST_TOTAL = 1 << 26
"""Bytes of all receipts together; they are in memory at once."""


def bounded(receipts: Iterable[tuple[str, bytes]]) -> tuple[bytes, ...]:
    """Take receipts one by one, each with what to call it, while they are small enough to be held.

    Raises:
        BadReceipt: naming the first that is too large, or with which all are.
    """
    taken: list[bytes] = []
    total = 0
    for called, text in receipts:
        if len(text) > LARGEST:
            raise BadReceipt(f"{called}: expected at most {LARGEST} bytes, got {len(text)}")
        total += len(text)
        if total > LARGEST_TOTAL:
            raise BadReceipt(f"{called}: expected at most {LARGEST_TOTAL} bytes of receipts, got more")
        taken.append(text)
    return tuple(taken)


def named(view: LogView, read: ReadNode, receipts: Sequence[bytes]) -> dict[str, bytes]:
    """Check receipts against the log, and name each after its leaf; the same one twice is there once.

    Raises:
        BadReceipt: it does not hold, shows another log than the view, or is too large to be read again.
    """
    found: dict[str, bytes] = {}
    numbered = enumerate(sorted(set(receipts)), start=1)
    for text in bounded((f"receipt {number}", text) for number, text in numbered):
        index = check(view, read, text).index
        number = sum(name.startswith((f"leaf-{index}.", f"leaf-{index}-")) for name in found)
        found[f"leaf-{index}-{number + 1}.tlog-proof" if number else f"leaf-{index}.tlog-proof"] = text
    return found


def check(view: LogView, read: ReadNode, text: bytes) -> Receipt:
    """Check that a receipt shows a leaf of this log, and that the log it was made of grew into this one.

    Cosignatures under it do not count: the log under the view has been through the policy.

    Args:
        view: the verified log.
        read: nodes of its tree.
        text: the receipt.

    Raises:
        BadReceipt: naming leaf or size, what was expected and what was got.
    """
    unwitnessed = replace(view.trust.policy, witnesses=(), groups=(), quorum=NONE)
    receipt = open_receipt(text, replace(view.trust, policy=unwitnessed))
    checkpoint = receipt.verified.checkpoint
    where = f"receipt of leaf {receipt.index}"
    if checkpoint.size > view.size:
        raise BadReceipt(
            f"{where}: expected one of at most {view.size} leaves, got {checkpoint.size}; an older log?"
        )
    if (expected := root(checkpoint.size, read)) != checkpoint.root:
        raise BadReceipt(
            f"{where}: expected root {expected.hex()} at size {checkpoint.size}, "
            f"got {checkpoint.root.hex()}: the log has shown two histories"
        )
    return receipt


def shows_private_half(text: bytes) -> bool:
    """Say whether a receipt carries what only the person, the partner and the platform know."""
    try:
        return "private" in _extra(text)
    except (TlogError, LedgerError):
        return True  # until it is read, nobody knows


def private_half(text: bytes) -> bytes | None:
    """Take the private half out of a receipt, unchecked; None if it has none that can be read."""
    try:
        private = _extra(text).get("private")
    except (TlogError, LedgerError):
        return None
    return private.encode() if isinstance(private, str) else None


def _extra(text: bytes) -> dict[str, Any]:
    return canonical.decode(TlogProof.parse(text).extra or b"")


def of_grants(
    view: LogView, read: ReadNode, note: str, company: Company, person: PersonFile
) -> Iterator[bytes]:
    """Make the receipts of what the person agreed to with the company, of the log and her own file.

    Raises:
        BadPersonFile: if the file contradicts the log.
    """
    for partner in company.partners:
        if partner not in person.partners:
            continue
        openings = {one.index: one for one in person.partners[partner][tags.SHARED].openings}
        lane = check_lane(view, person, partner, tags.SHARED)
        for one in lane.opened:
            if one.event.kind == "grant":
                opening = openings[one.index]
                extra = {
                    "v": VERSION,
                    "leaf": view.entries[one.index].decode(),
                    "r": base64.b64encode(opening.r).decode(),
                    "private": opening.private.decode(),
                    "lane_key": base64.b64encode(lane.key).decode(),
                }
                hashes = inclusion_proof(one.index, view.size, read)
                yield TlogProof(one.index, hashes, note, canonical.encode(extra)).render().encode()
