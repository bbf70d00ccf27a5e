"""What the log says in public of each partner, counted leaf by leaf. No store and no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vestibule.ledger.counting import COUNTS_ITEMS, PartnerCount, is_own_request
from vestibule.ledger.history import Epoch, Reconciliation
from vestibule.ledger.leaf import EpochLeaf, Event, Leaf, ReconcileLeaf, RegisterLeaf

DayKey = tuple[int, str, str, str]
"""(day, kind, op, basis)."""


@dataclass(frozen=True, slots=True)
class Count:
    """Events of one kind, operation and basis.

    Attributes:
        events: how many.
        items: of how many items; counted on access, send and delete only.
        first: index of the first of them.
        last: index of the last.
    """

    events: int
    items: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """Everything public about one partner in the first `size` leaves.

    Attributes:
        size: how many leaves were counted.
        daily: its events by (day, kind, op, basis).
        lives: live connections by scope: now, and the most there were at any leaf.
        register: index and leaf of what the register says of it, in order.
        reconciliations: what it counted itself, in order, and whether the log counts the same.
    """

    size: int
    daily: Mapping[DayKey, Count]
    lives: Mapping[str, tuple[int, int]]
    register: tuple[tuple[int, RegisterLeaf], ...]
    reconciliations: tuple[Reconciliation, ...] = ()


@dataclass(slots=True)
class _Partner:
    daily: dict[DayKey, Count] = field(default_factory=dict)
    lives: dict[str, tuple[int, int]] = field(default_factory=dict)
    register: list[tuple[int, RegisterLeaf]] = field(default_factory=list)
    reconciliations: list[Reconciliation] = field(default_factory=list)
    requests: PartnerCount = field(default_factory=PartnerCount)


class Tally:
    """The running count; takes every leaf once, in order.

    Attributes:
        size: how many leaves it has taken.
        totals: (partner, kind, op, basis) to (events, items).
        epoch: the newest.
    """

    def __init__(self) -> None:
        self.size = 0
        self.totals: dict[tuple[str, str, str, str], tuple[int, int]] = {}
        self.epoch: Epoch | None = None
        self._partners: dict[str, _Partner] = {}

    def take(self, leaf: Leaf) -> None:
        """Count the next leaf."""
        index = self.size
        self.size += 1
        if isinstance(leaf, Event):
            self._event(index, leaf)
        elif isinstance(leaf, EpochLeaf):
            self.epoch = Epoch(index, leaf)
        elif partner := getattr(leaf, "partner", None):
            found = self._partners.setdefault(partner, _Partner())
            found.register.append((index, leaf))
            if isinstance(leaf, ReconcileLeaf):
                matches = found.requests.agrees(leaf.size, leaf.counts)
                found.reconciliations.append(Reconciliation(index, leaf, matches))

    def of(self, partner: str) -> PartnerRecord:
        """Give one partner's record, empty if no leaf names it."""
        found = self._partners.get(partner, _Partner())
        return PartnerRecord(
            size=self.size,
            daily=dict(found.daily),
            lives=dict(found.lives),
            register=tuple(found.register),
            reconciliations=tuple(found.reconciliations),
        )

    def _event(self, index: int, event: Event) -> None:
        items = event.n if event.kind in COUNTS_ITEMS else 0
        key = (event.partner, event.kind, event.op, event.basis)
        total = self.totals.get(key, (0, 0))
        self.totals[key] = (total[0] + 1, total[1] + items)
        partner = self._partners.setdefault(event.partner, _Partner())
        if is_own_request(f"{event.kind}/{event.op}"):
            partner.requests.add(index, event)
        day = (event.day, event.kind, event.op, event.basis)
        before = partner.daily.get(day, Count(0, 0, index, index))
        partner.daily[day] = Count(before.events + 1, before.items + items, before.first, index)
        if event.kind in ("grant", "end"):
            now, most = partner.lives.get(event.op, (0, 0))
            now += 1 if event.kind == "grant" else -1
            partner.lives[event.op] = (now, max(now, most))
