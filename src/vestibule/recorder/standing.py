"""What ended while requests were under way, so that no event is placed behind the end it should have obeyed.

A request is decided, then recorded; between the two its grant may end or its privilege be withdrawn, and
the end's leaf may come first. Requests die with the process, so this memory may start empty.
"""

from vestibule.ledger.leaf import Leaf, PrivilegeLeaf, Withdrawal
from vestibule.recorder.drafts import Append, Draft, Registration
from vestibule.recorder.errors import Overtaken

NEED_A_GRANT = frozenset({"access", "exposure", "delete"})


class Standing:
    """Grants and privileges that ended in this process's life."""

    def __init__(self) -> None:
        self._ended: set[int] = set()
        self._withdrawn: set[tuple[str, str]] = set()

    def objection(self, append: Append, day: int) -> Overtaken | None:
        """Say why an append may no longer be recorded on this day; None if it may."""
        for draft in append.items:
            if isinstance(draft, Registration):
                continue
            if draft.last_day is not None and day > draft.last_day:
                return Overtaken(f"the grant ended with UTC day {draft.last_day}; it is day {day} now")
            if draft.kind in NEED_A_GRANT and draft.grant in self._ended:
                return Overtaken("the connection ended while the request was under way")
            if draft.kind in NEED_A_GRANT | {"grant"} and (draft.partner, draft.op) in self._withdrawn:
                return Overtaken("the privilege was withdrawn while the request was under way")
        return None

    def note_events(self, append: Append) -> None:
        """Remember the ends among recorded events."""
        self._ended.update(
            draft.grant for draft in append.items if isinstance(draft, Draft) and draft.kind == "end"
        )

    def note_leaf(self, leaf: Leaf) -> None:
        """Remember a recorded withdrawal, and forget it when the privilege is given again."""
        if isinstance(leaf, Withdrawal):
            self._withdrawn.add((leaf.partner, leaf.scope))
        elif isinstance(leaf, PrivilegeLeaf):
            self._withdrawn.discard((leaf.partner, leaf.scope))
