"""What ended while requests were under way, so that no leaf is placed behind the end it should have obeyed.

A request is decided, then recorded; between the two its grant may end or its privilege be withdrawn, and
the end's leaf may come first. Requests die with the process, so this memory may start empty.
"""

from vestibule.ledger.counting import DIALOG, NEEDS_A_CONNECTION
from vestibule.ledger.leaf import KeyLeaf, Leaf, PrivilegeLeaf, ReconcileLeaf, SuspensionLeaf, Withdrawal
from vestibule.ledger.standing import STOPPED
from vestibule.recorder.drafts import Append, Draft, Registration
from vestibule.recorder.errors import Overtaken


class Standing:
    """Grants and privileges that ended in this process's life, suspended partners, and counts they filed."""

    def __init__(self) -> None:
        self._ended: set[int] = set()
        self._last_day: dict[tuple[str, str], int] = {}
        self._counted: dict[str, int] = {}
        self._suspended: set[tuple[str, str]] = set()
        self._key_ends: dict[tuple[str, str], int] = {}

    def objection(self, append: Append, day: int) -> Overtaken | None:
        """Say why an append may no longer be recorded on this day; None if it may."""
        for item in append.items:
            objection = (
                self._to_registration(item, day)
                if isinstance(item, Registration)
                else self._to_event(item, day)
            )
            if objection is not None:
                return objection
        return None

    def note_events(self, append: Append) -> None:
        """Remember the ends among recorded events."""
        self._ended.update(
            draft.grant for draft in append.items if isinstance(draft, Draft) and draft.kind == "end"
        )

    def note_leaf(self, leaf: Leaf) -> None:
        """Remember until when a privilege is in force, and how far a partner has counted."""
        match leaf:
            case Withdrawal():
                self._last_day[leaf.partner, leaf.scope] = -1
            case PrivilegeLeaf():
                self._last_day[leaf.partner, leaf.scope] = leaf.until_day
            case KeyLeaf() if leaf.until_day is not None:
                self._key_ends[leaf.partner, leaf.key_id] = leaf.until_day
            case SuspensionLeaf():
                which = (leaf.partner, leaf.by)
                (self._suspended.discard if leaf.lifted else self._suspended.add)(which)
            case ReconcileLeaf():
                self._counted[leaf.partner] = leaf.size
            case _:
                pass

    def _to_event(self, draft: Draft, day: int) -> Overtaken | None:
        if draft.kind in STOPPED and any(partner == draft.partner for partner, _ in self._suspended):
            return Overtaken("the partner was suspended while the request was under way")
        if draft.last_day is not None and day > draft.last_day:
            return Overtaken(f"the grant ended with UTC day {draft.last_day}; it is day {day} now")
        needs_grant = draft.kind in NEEDS_A_CONNECTION and draft.op != DIALOG
        if needs_grant and draft.grant in self._ended:
            return Overtaken("the connection ended while the request was under way")
        if needs_grant or draft.kind == "grant":
            return self._to_privilege(draft.partner, draft.op, day)
        return None

    def _to_privilege(self, partner: str, scope: str, day: int) -> Overtaken | None:
        if self._last_day.get((partner, scope), day) < day:
            return Overtaken("the privilege was withdrawn or ended while the request was under way")
        return None

    def _to_registration(self, registration: Registration, day: int) -> Overtaken | None:
        leaf = registration.leaf_on(day)
        if isinstance(leaf, PrivilegeLeaf | ReconcileLeaf) and self._key_over(leaf, day):
            return Overtaken("the key that signed it ended while the request was under way")
        if isinstance(leaf, ReconcileLeaf) and leaf.size < self._counted.get(leaf.partner, 0):
            return Overtaken(
                f"expected a count of at least {self._counted[leaf.partner]} leaves, got {leaf.size}"
            )
        return None

    def _key_over(self, leaf: PrivilegeLeaf | ReconcileLeaf, day: int) -> bool:
        return self._key_ends.get((leaf.partner, leaf.key_id), day) < day
