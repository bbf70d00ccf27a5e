"""What is found about a person: her leaves, and what of hers reached a partner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.ledger.replay import OPERATOR
from vestibule.verdict import wording
from vestibule.verdict.grants import unfounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vestibule.ledger.leaf import Event
    from vestibule.verdict.lane import CheckedLane, Opened
    from vestibule.verdict.period import Span

RELEASES = frozenset({"access", "exposure", "notify"})
"""Kinds by which something of a person reaches a partner. A dialog send reaches her, a refusal nobody."""


@dataclass(frozen=True, slots=True)
class Found:
    """A leaf about the person, and whether her file opens it.

    Attributes:
        how: how she agreed to a grant.
        why: which conversation the staff opened, and its reason.
    """

    index: int
    event: Event
    opened: bool
    how: str = ""
    why: str = ""

    @property
    def is_release(self) -> bool:
        """Whether something of hers reached the partner."""
        return self.event.kind in RELEASES


def leaves_of(lanes: Mapping[tuple[str, str], CheckedLane], span: Span) -> list[Found]:
    """List the leaves of all lanes within the span, in the order of the log."""
    found: list[Found] = []
    for lane in lanes.values():
        found += map(_opened, lane.opened)
        found += [Found(index, event, opened=False) for index, event in lane.unopened]
    return sorted((leaf for leaf in found if leaf.index in span), key=lambda leaf: leaf.index)


def described(lanes: Mapping[tuple[str, str], CheckedLane], found: list[Found], span: Span) -> Iterator[str]:
    """Say who knows her as whom, what each leaf is, and which stands on no grant of hers."""
    for (partner, lane), checked in lanes.items():
        if lane == tags.SHARED and partner != OPERATOR:
            yield f"{partner} knows this person as {tags.partner_person_id(checked.key)}"
    yield from map(_leaf, found)
    for checked in lanes.values():
        yield from unfounded(checked, span)


def _opened(one: Opened) -> Found:
    why = wording.reason(one.event, one.private.extra)
    return Found(
        one.index,
        one.event,
        opened=True,
        how=wording.how_agreed(one.private.extra),
        why=f"conversation {one.private.conversation}, for this reason: {why}" if why else "",
    )


def _leaf(leaf: Found) -> str:
    event = leaf.event
    what = f"leaf {leaf.index}: {event.kind} {event.op} by {event.partner} on {wording.day(event.day)}"
    counted = f"{what}, {wording.count(event.n, 'item')}"
    if event.kind == "grant" and leaf.how:
        return f"{what}: she agreed {leaf.how}"
    if leaf.why:
        return f"{counted}: {leaf.why}"
    return counted if leaf.opened else f"{counted}; not in the file, which may be older than the checkpoint"
