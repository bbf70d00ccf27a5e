"""The replay: one pass over the log's entries that checks every rule the public can check.

It never raises on what the entries contain. A leaf that breaks a rule is a Breach, and still counts: an event
without authority is an event all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from vestibule.ledger import ed25519
from vestibule.ledger.commitments import Commitments
from vestibule.ledger.counting import DIALOG, NEEDS_A_CONNECTION, LiveCount, PartnerCount
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.event import Event
from vestibule.ledger.history import Breach, Epoch, HeldPrivilege, History, Reconciliation, RegisteredKey
from vestibule.ledger.leaf import Leaf, RegisterLeaf, parse
from vestibule.ledger.register import (
    Genesis,
    KeyLeaf,
    PartnerLeaf,
    PrivilegeLeaf,
    ReconcileLeaf,
    Withdrawal,
)
from vestibule.ledger.report import MISSING, ReportLeaf
from vestibule.ledger.standing import STOPPED, RelationshipLeaf, SuspensionLeaf
from vestibule.ledger.totals import over_all_days

OPERATOR: Final = "operator"
"""The partner id of the operator's own staff tool; no partner may register it."""


def replay(entries: Iterable[bytes]) -> History:
    """Replay the log from its first entry.

    Args:
        entries: the raw entries in order, already checked against a checkpoint.

    Returns:
        The history; `breaches` is empty for an honest log.
    """
    run = Replay()
    for entry in entries:
        run.add(entry)
    return run.history()


@dataclass(slots=True)
class Replay:
    """A replay that goes on as the log grows.

    Attributes:
        size: how many entries were read.
        breaches: found so far, in order of index.
    """

    size: int = 0
    breaches: list[Breach] = field(default_factory=list)
    genesis: Genesis | None = None
    day: int = 0
    partners: dict[str, PartnerLeaf] = field(default_factory=dict)
    keys: dict[tuple[str, str], list[RegisteredKey]] = field(default_factory=dict)
    privileges: dict[tuple[str, str], list[HeldPrivilege]] = field(default_factory=dict)
    withdrawals: list[tuple[int, Withdrawal]] = field(default_factory=list)
    suspensions: list[tuple[int, SuspensionLeaf]] = field(default_factory=list)
    suspended: set[tuple[str, str]] = field(default_factory=set)
    relationships: list[tuple[int, RelationshipLeaf]] = field(default_factory=list)
    commitments: Commitments = field(default_factory=Commitments)
    epochs: list[Epoch] = field(default_factory=list)
    counts: dict[str, PartnerCount] = field(default_factory=dict)
    lives: dict[tuple[str, str], LiveCount] = field(default_factory=dict)
    reconciles: list[Reconciliation] = field(default_factory=list)
    reports: list[tuple[int, ReportLeaf]] = field(default_factory=list)
    editions: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, entry: bytes) -> Leaf | None:
        """Read the next entry and return its leaf, None if it is none."""
        index = self.size
        self.size = index + 1
        try:
            leaf = parse(entry)
        except LedgerError as error:
            self._breach(index, str(error))
            return None
        self._take(index, leaf)
        return leaf

    def _breach(self, index: int, message: str) -> None:
        self.breaches.append(Breach(index, message))

    def _take(self, index: int, leaf: Leaf) -> None:
        if index == 0 and not isinstance(leaf, Genesis):
            self._breach(index, "expected a genesis leaf at index 0, got another")
        self._turn_day(index, leaf.day)
        if isinstance(leaf, Event):
            self._event(index, leaf)
        else:
            self._register(index, leaf)

    def _turn_day(self, index: int, day: int) -> None:
        if day == self.day:
            return
        if day < self.day:
            self._breach(index, f"expected day {self.day} or later, got {day}")
            return
        self.day = day
        for spans in self.privileges.values():
            if spans[-1].until_index is None and spans[-1].leaf.until_day < day:
                spans[-1] = replace(spans[-1], until_index=index)

    def _register(self, index: int, leaf: RegisterLeaf) -> None:
        match leaf:
            case Genesis():
                self._genesis(index, leaf)
            case PartnerLeaf():
                self._partner(index, leaf)
            case KeyLeaf():
                self._key(index, leaf)
            case PrivilegeLeaf():
                self._privilege(index, leaf)
            case Withdrawal():
                self._withdrawal(index, leaf)
            case SuspensionLeaf():
                self._suspension(index, leaf)
            case RelationshipLeaf():
                self._relationship(index, leaf)
            case ReconcileLeaf():
                self._reconcile(index, leaf)
            case ReportLeaf():
                self._report(index, leaf)
            case EpochLeaf():
                self._epoch(index, leaf)

    def _event(self, index: int, event: Event) -> None:
        self._count(index, event)
        earlier = self.commitments.add(index, event)
        if earlier is not None:
            self._breach(index, f"expected a fresh tag, got the one of leaf {earlier}")
        if event.basis == OPERATOR:
            self._check_staff(index, event)
            return
        if event.partner not in self.partners:
            self._breach(index, f"expected a registered partner, got {event.partner!r}")
        self._check_suspension(index, event)
        self._check_authority(index, event)
        if event.kind == "grant":
            self._live(event).grant(index)
        elif event.kind == "end" and not self._live(event).end(index):
            self._breach(index, f"expected a live grant of {event.op} to end, got none")

    def _count(self, index: int, event: Event) -> None:
        count = self.counts.get(event.partner)
        if count is None:
            count = self.counts[event.partner] = PartnerCount()
        count.add(index, event)

    def _live(self, event: Event) -> LiveCount:
        return self.lives.setdefault((event.partner, event.op), LiveCount())

    def _check_staff(self, index: int, event: Event) -> None:
        if event.partner != OPERATOR or event.kind != "access":
            self._breach(index, f"expected basis grant, got operator on {event.kind} by {event.partner!r}")

    def _check_suspension(self, index: int, event: Event) -> None:
        if event.kind not in STOPPED or not self.suspended:
            return
        by = next((by for partner, by in self.suspended if partner == event.partner), None)
        if by is not None:
            self._breach(index, f"expected no {event.kind} by {event.partner}, suspended by {by}, got one")

    def _check_authority(self, index: int, event: Event) -> None:
        """A privilege in force and, but for the grant itself, a live connection; dialogs need neither."""
        needs_grant = event.kind in NEEDS_A_CONNECTION and event.op != DIALOG
        if not needs_grant and event.kind != "grant":
            return
        key = (event.partner, event.op)
        spans = self.privileges.get(key)
        if spans is None or spans[-1].until_index is not None:
            self._breach(index, f"expected a privilege of {event.partner} for {event.op} in force, got none")
        if needs_grant and (key not in self.lives or self.lives[key].now == 0):
            self._breach(index, f"expected a live grant of {event.op} to {event.partner}, got none")

    def _genesis(self, index: int, leaf: Genesis) -> None:
        if index != 0:
            self._breach(index, "expected genesis at index 0 only, got another")
            return
        self.genesis = leaf

    def _partner(self, index: int, leaf: PartnerLeaf) -> None:
        if leaf.partner in self.partners or leaf.partner == OPERATOR:
            self._breach(index, f"expected a new partner id, got {leaf.partner!r}")
            return
        self.partners[leaf.partner] = leaf

    def _key(self, index: int, leaf: KeyLeaf) -> None:
        if leaf.partner not in self.partners:
            self._breach(index, f"expected a registered partner, got {leaf.partner!r}")
            return
        spans = self.keys.setdefault((leaf.partner, leaf.key_id), [])
        if spans:
            if spans[-1].leaf.key != leaf.key:
                self._breach(index, f"expected the key already registered as {leaf.key_id!r}, got another")
                return
            spans[-1] = replace(spans[-1], until_index=index)
        spans.append(RegisteredKey(leaf, index, None))

    def _privilege(self, index: int, leaf: PrivilegeLeaf) -> None:
        if not self._is_signed(index, leaf):
            return
        spans = self.privileges.setdefault((leaf.partner, leaf.scope), [])
        if spans and spans[-1].until_index is None:
            spans[-1] = replace(spans[-1], until_index=index)
        spans.append(HeldPrivilege(leaf, index, index if leaf.until_day < self.day else None))

    def _withdrawal(self, index: int, leaf: Withdrawal) -> None:
        spans = self.privileges.get((leaf.partner, leaf.scope))
        if spans is None:
            self._breach(
                index, f"expected a privilege of {leaf.partner} for {leaf.scope} to withdraw, got none"
            )
            return
        if spans[-1].until_index is None:
            spans[-1] = replace(spans[-1], until_index=index)
        self.withdrawals.append((index, leaf))

    def _suspension(self, index: int, leaf: SuspensionLeaf) -> None:
        """Each of the two suspends once and then lifts; the leaf says what changes, so it has to."""
        if leaf.partner not in self.partners:
            self._breach(index, f"expected a registered partner, got {leaf.partner!r}")
            return
        which = (leaf.partner, leaf.by)
        if (which in self.suspended) != leaf.lifted:
            expected = "no suspension yet" if not leaf.lifted else "a suspension to lift"
            self._breach(index, f"expected {expected} of {leaf.partner} by the {leaf.by}, got the contrary")
            return
        (self.suspended.discard if leaf.lifted else self.suspended.add)(which)
        self.suspensions.append((index, leaf))

    def _relationship(self, index: int, leaf: RelationshipLeaf) -> None:
        if leaf.partner not in self.partners:
            self._breach(index, f"expected a registered partner, got {leaf.partner!r}")
            return
        self.relationships.append((index, leaf))

    def _reconcile(self, index: int, leaf: ReconcileLeaf) -> None:
        if not self._is_signed(index, leaf):
            return
        count = self.counts.setdefault(leaf.partner, PartnerCount())
        if not count.reconciled <= leaf.size <= index:
            self._breach(index, f"expected a size from {count.reconciled} to {index}, got {leaf.size}")
            return
        self.reconciles.append(Reconciliation(index, leaf, matches=count.agrees(leaf.size, leaf.counts)))

    def _report(self, index: int, leaf: ReportLeaf) -> None:
        """Editions of a fortnight count from 1; a missing one comes before them, once."""
        if leaf.partner not in self.partners:
            self._breach(index, f"expected a registered partner, got {leaf.partner!r}")
            return
        which = (leaf.partner, leaf.first)
        last = self.editions.get(which)
        expected = 0 if leaf.verdict == MISSING and last is None else (last or 0) + 1
        if leaf.edition != expected:
            label = leaf.fortnight.label
            self._breach(
                index, f"expected edition {expected} of {leaf.partner}'s {label}, got {leaf.edition}"
            )
            return
        self.editions[which] = leaf.edition
        self.reports.append((index, leaf))

    def _epoch(self, index: int, leaf: EpochLeaf) -> None:
        previous = self.epochs[-1].leaf.size if self.epochs else 0
        if not previous < leaf.size <= index:
            self._breach(index, f"expected an epoch over {previous + 1} to {index} leaves, got {leaf.size}")
            return
        self.commitments.take_in(leaf.size)
        expected = self.commitments.leaf(previous, leaf.day)
        if leaf != expected:
            self._breach(index, _difference(leaf, expected))
            return
        self.epochs.append(Epoch(index, leaf))

    def _is_signed(self, index: int, leaf: PrivilegeLeaf | ReconcileLeaf) -> bool:
        """Check the partner's signature by a key registered earlier and in force on the leaf's day."""
        spans = self.keys.get((leaf.partner, leaf.key_id))
        if spans is None or not spans[-1].covers(index, leaf.day):
            self._breach(index, f"expected a key of {leaf.partner} in force, got {leaf.key_id!r}")
            return False
        if not ed25519.is_valid(spans[-1].leaf.key, leaf.signed_text(), leaf.signature):
            self._breach(index, f"expected a signature by {leaf.partner} under {leaf.key_id!r}, got another")
            return False
        return True

    def history(self) -> History:
        """Say what the entries read so far say."""
        daily = self.commitments.daily_of_all()
        return History(
            genesis=self.genesis,
            size=self.size,
            day=self.day,
            partners=self.partners,
            keys={key: tuple(spans) for key, spans in self.keys.items()},
            privileges={key: tuple(spans) for key, spans in self.privileges.items()},
            withdrawals=tuple(self.withdrawals),
            suspensions=tuple(self.suspensions),
            relationships=tuple(self.relationships),
            totals=over_all_days(daily),
            daily=daily,
            tags=self.commitments,
            events_by_partner={partner: tuple(count.indexes) for partner, count in self.counts.items()},
            reconciles=tuple(self.reconciles),
            reports=tuple(self.reports),
            breaches=tuple(self.breaches),
            epochs=tuple(self.epochs),
            lives={key: tuple(live.steps) for key, live in self.lives.items()},
        )


def _difference(leaf: EpochLeaf, expected: EpochLeaf) -> str:
    """Name the first thing that an epoch leaf says otherwise than the leaves it covers."""
    if leaf.count != expected.count:
        return f"expected an epoch over {expected.count} tags, got {leaf.count}"
    if leaf.root != expected.root:
        return f"expected the map root {expected.root.hex()}, got {leaf.root.hex()}"
    return f"expected the totals' digest {expected.table.hex()}, got {leaf.table.hex()}"
