"""What became of what a person agreed to: her later grants and ends with the partner, in a whole log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.ledger.leaf import Event
from vestibule.tlog.growing import MIN_WINDOW, GrowingTree
from vestibule.tlog.merkle import leaf_hash
from vestibule.verdict.errors import BadConsentReceipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.consent_receipt import Agreed
    from vestibule.verdict.log_view import LogView


@dataclass(frozen=True, slots=True)
class Since:
    """One scope of a consent receipt, at a later checkpoint.

    Attributes:
        scope: which.
        live: her grants of it to this partner, less their ends.
        newer: how many grants of it came after that of the receipt.
        ended: index and day of the newest end; None if there is none.
        size: the checkpoint's size.
    """

    scope: str
    live: int
    newer: int
    ended: tuple[int, int] | None
    size: int


def since(agreed: Agreed, view: LogView) -> tuple[Since, ...]:
    """Look in a log for what happened to each scope of a receipt.

    Raises:
        BadConsentReceipt: the log is older than the receipt, or did not grow out of the one it shows.
    """
    _check_same_log(agreed, view)
    events = tuple(_in_lane(agreed, view))
    return tuple(
        _of_scope(allowed.scope, grant.index, events, view.size)
        for allowed, grant in zip(agreed.consent.allowed, agreed.grants, strict=True)
    )


def _of_scope(scope: str, granted: int, events: tuple[tuple[int, Event], ...], size: int) -> Since:
    grants = [index for index, event in events if (event.kind, event.op) == ("grant", scope)]
    ends = [(index, event.day) for index, event in events if (event.kind, event.op) == ("end", scope)]
    newer = sum(index > granted for index in grants)
    return Since(scope, len(grants) - len(ends), newer, max(ends, default=None), size)


def _check_same_log(agreed: Agreed, view: LogView) -> None:
    checkpoint = agreed.verified.checkpoint
    if checkpoint.size > view.size:
        raise BadConsentReceipt(
            f"consent receipt: expected a log of at least {checkpoint.size} leaves, got {view.size}; "
            "an older one?"
        )
    tree = GrowingTree(max(MIN_WINDOW, checkpoint.size))
    for index in range(checkpoint.size):
        tree.append(leaf_hash(view.entries[index]))
    if (root := tree.root()) != checkpoint.root:
        raise BadConsentReceipt(
            f"consent receipt: expected root {root.hex()} at size {checkpoint.size}, got "
            f"{checkpoint.root.hex()}: the log has shown two histories"
        )


def _in_lane(agreed: Agreed, view: LogView) -> Iterator[tuple[int, Event]]:
    for counter in range(view.events_of(agreed.consent.partner) + 1):
        index = view.history.tags.get(tags.tag(agreed.lane_key, counter))
        leaf = None if index is None else view.leaf(index)
        if index is not None and isinstance(leaf, Event):
            yield index, leaf
