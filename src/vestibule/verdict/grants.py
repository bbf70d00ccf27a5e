"""Whether each event of a lane stands on a grant of its person: only she and the partner can check that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.lane import CheckedLane, Opened

STANDS_ON_A_GRANT = frozenset({"access", "send", "delete"})
DIALOG = "dialog"


def unfounded(lane: CheckedLane) -> Iterator[str]:
    """Name the events that stand on no grant of this person's in force at their leaf."""
    for one in lane.opened:
        event = one.event
        if event.kind not in STANDS_ON_A_GRANT or event.basis != "grant" or event.op == DIALOG:
            continue
        if not _in_force(lane, one):
            yield (
                f"leaf {one.index}: {event.kind} {event.op} names leaf {one.private.grant} as its grant, "
                "which is none of this person's in force there"
            )


def _in_force(lane: CheckedLane, one: Opened) -> bool:
    given = any(
        grant.index == one.private.grant and grant.index < one.index
        for grant in lane.opened
        if grant.event.kind == "grant" and grant.event.op == one.event.op
    )
    ended = any(
        end.private.grant == one.private.grant and end.index < one.index
        for end in lane.opened
        if end.event.kind == "end" and end.event.op == one.event.op
    )
    return given and not ended
