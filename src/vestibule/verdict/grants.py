"""Whether each event of a lane stands on a grant of its person: only she and the partner can check that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.ledger.counting import DIALOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.verdict.lane import CheckedLane
    from vestibule.verdict.period import Span

STANDS_ON_A_GRANT = frozenset({"access", "send", "delete"})
"""Not `exposure`: its grant is somebody else's."""


def unfounded(lane: CheckedLane, span: Span) -> Iterator[str]:
    """Name the events of the span that stand on no grant of this person's in force at their leaf."""
    given = {one.index: one.event.op for one in lane.opened if one.event.kind == "grant"}
    ended = [(one.private.grant, one.event.op, one.index) for one in lane.opened if one.event.kind == "end"]
    for one in lane.opened:
        event, grant = one.event, one.private.grant
        if one.index not in span or event.kind not in STANDS_ON_A_GRANT:
            continue
        if event.basis != "grant" or event.op == DIALOG:
            continue
        began = given.get(grant) == event.op and grant < one.index
        over = any(which == grant and op == event.op and at < one.index for which, op, at in ended)
        if not began or over:
            yield (
                f"leaf {one.index}: {event.kind} {event.op} names leaf {grant} as its grant, "
                "which is none of this person's in force there"
            )
