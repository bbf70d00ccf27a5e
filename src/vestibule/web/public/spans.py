"""Privileges over time: from which day to which each was in force, from the register's own leaves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vestibule.ledger.leaf import PrivilegeLeaf, RegisterLeaf, Withdrawal


@dataclass(frozen=True, slots=True)
class Span:
    """One privilege while it was in force.

    Attributes:
        leaf: what the register says of it.
        index: where that stands.
        last_day: the last UTC day on which it counted, or will.
        ended_by: index of the withdrawal or of the privilege that took its place; None if its date ends it.
        withdrawn: whether a withdrawal ended it.
    """

    leaf: PrivilegeLeaf
    index: int
    last_day: int
    ended_by: int | None = None
    withdrawn: bool = False

    def in_force(self, day: int) -> bool:
        """Say whether it counts at the end of a UTC day."""
        return self.ended_by is None and day <= self.last_day


def spans_of(register: Iterable[tuple[int, RegisterLeaf]]) -> tuple[Span, ...]:
    """List the privileges that a partner has held, in the order of their leaves."""
    spans: list[Span] = []
    newest: dict[str, int] = {}
    for index, leaf in register:
        if not isinstance(leaf, PrivilegeLeaf | Withdrawal):
            continue
        at = newest.get(leaf.scope)
        if at is not None and spans[at].in_force(leaf.day):
            withdrawn = isinstance(leaf, Withdrawal)
            spans[at] = replace(spans[at], last_day=leaf.day, ended_by=index, withdrawn=withdrawn)
        if isinstance(leaf, PrivilegeLeaf):
            newest[leaf.scope] = len(spans)
            spans.append(Span(leaf, index, leaf.until_day))
    return tuple(spans)
