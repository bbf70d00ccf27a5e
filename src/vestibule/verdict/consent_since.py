"""What became of what a person agreed to: her later grants and ends with the partner, in a whole log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.ledger.consent import CONSENT
from vestibule.ledger.leaf import Event
from vestibule.tlog.growing import MIN_WINDOW, GrowingTree
from vestibule.tlog.merkle import leaf_hash
from vestibule.verdict.errors import BadConsentReceipt
from vestibule.verdict.lane import check_lane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.consent_receipt import Agreed
    from vestibule.verdict.lane import Opened
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile


@dataclass(frozen=True, slots=True)
class Again:
    """A later grant of a scope: the index and day of its leaf, and whether an earlier one was live then."""

    index: int
    day: int
    while_live: bool


@dataclass(frozen=True, slots=True)
class Since:
    """One scope of a consent receipt, at a later checkpoint.

    Attributes:
        scope: which.
        live: whether she lets this partner, by whichever agreement.
        by_this: whether she does by the receipt's agreement; None where the leaves alone do not say.
        again: the newest grant after that of the receipt, or, where her file says which, the one that it
            stands on; None if there is none.
        ended: index and day of the newest end; None if there is none.
        size: the checkpoint's size.
    """

    scope: str
    live: bool
    by_this: bool | None
    again: Again | None
    ended: tuple[int, int] | None
    size: int


def since(agreed: Agreed, view: LogView, person: PersonFile | None = None) -> tuple[Since, ...]:
    """Look in a log for what happened to each scope of a receipt.

    Args:
        agreed: the receipt, checked.
        view: the log.
        person: her own file, which says under which agreement a later grant stands.

    Raises:
        BadConsentReceipt: the log is older than the receipt, or did not grow out of the one it shows; or the
            file is another person's, or older than the log.
        BadPersonFile: the file contradicts the log.
    """
    _check_same_log(agreed, view)
    events = tuple(_in_lane(agreed, view))
    found = [
        _of_scope(allowed.scope, grant.index, events, view.size)
        for allowed, grant in zip(agreed.consent.allowed, agreed.grants, strict=True)
    ]
    if person is None:
        return tuple(found)
    opened, text = _opened(agreed, view, person), agreed.consent.encode().decode()
    grants = (grant.index for grant in agreed.grants)
    return tuple(_by_file(one, index, opened, text) for one, index in zip(found, grants, strict=True))


def _of_scope(scope: str, granted: int, events: tuple[tuple[int, Event], ...], size: int) -> Since:
    """Say what the leaves show of a scope, to whom the lane is known and the openings are not."""
    live, again, ended = 0, None, None
    for index, event in events:
        if (event.kind, event.op) == ("grant", scope):
            if index > granted:
                again = Again(index, event.day, live > 0)
            live += 1
        elif (event.kind, event.op) == ("end", scope):
            ended = index, event.day
            live -= 1
    by_this = None if live > 0 and again else live > 0
    return Since(scope, live > 0, by_this, again, ended, size)


def _by_file(found: Since, granted: int, opened: tuple[Opened, ...], consent: str) -> Since:
    """Say it of her openings: which grants have not ended, and which of these are in these very words."""
    of_scope = [one for one in opened if one.event.op == found.scope]
    over = {one.private.grant for one in of_scope if one.event.kind == "end"}
    live = [one for one in of_scope if one.event.kind == "grant" and one.index not in over]
    by_this = [one for one in live if one.private.extra.get(CONSENT) == consent]
    stands = max(by_this or live, key=lambda one: one.index, default=None)
    again = None
    if stands is not None and stands.index != granted:
        again = Again(stands.index, stands.event.day, while_live=False)
    return replace(found, live=bool(live), by_this=bool(by_this), again=again)


def _opened(agreed: Agreed, view: LogView, person: PersonFile) -> tuple[Opened, ...]:
    partner = agreed.consent.partner
    if partner not in person.partners:
        raise BadConsentReceipt(f"person file: expected the partner {partner} in it, got none")
    lane = check_lane(view, person, partner, tags.SHARED)
    if lane.key != agreed.lane_key:
        raise BadConsentReceipt("person file: expected that of the person who agreed, got another person's")
    if lane.unopened:
        raise BadConsentReceipt(
            f"person file: expected one that opens leaf {lane.unopened[0][0]}, got an older one; get it anew"
        )
    return lane.opened


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
