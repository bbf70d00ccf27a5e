"""What a replay finds: the register over time, live connections, totals, tags and breaches."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vestibule.ledger.commitments import Commitments
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.register import Genesis, KeyLeaf, PartnerLeaf, PrivilegeLeaf, ReconcileLeaf, Withdrawal
from vestibule.ledger.report import ReportLeaf
from vestibule.ledger.standing import RelationshipLeaf, SuspensionLeaf
from vestibule.ledger.totals import Daily, Totals


@dataclass(frozen=True, slots=True)
class Breach:
    """A leaf that breaks a rule everybody can check."""

    index: int
    message: str


@dataclass(frozen=True, slots=True)
class HeldPrivilege:
    """A privilege in force from its own leaf on, up to but not including `until_index` (None: still)."""

    leaf: PrivilegeLeaf
    from_index: int
    until_index: int | None


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A partner's key as registered from its own leaf on, up to but not including `until_index`."""

    leaf: KeyLeaf
    from_index: int
    until_index: int | None

    def covers(self, index: int, day: int) -> bool:
        """Say whether it may sign for a leaf at `index` with day `day`."""
        if index < self.from_index or (self.until_index is not None and index >= self.until_index):
            return False
        return self.leaf.from_day <= day and (self.leaf.until_day is None or day <= self.leaf.until_day)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A partner's signed counts, and whether the log's own counts up to that size are the same."""

    index: int
    leaf: ReconcileLeaf
    matches: bool


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch leaf that says what the leaves before it say."""

    index: int
    leaf: EpochLeaf


@dataclass(frozen=True, slots=True)
class History:
    """The outcome of a replay; a pure function of the entries.

    `tags` is the replay's own: it grows when that goes on.

    Attributes:
        genesis: leaf 0, None if it is not a genesis leaf.
        size: how many entries were read.
        day: the last day any leaf carries.
        partners: the register by partner id.
        keys: by (partner, key id), in the order registered.
        privileges: by (partner, scope), in the order given; only those with a valid signature.
        withdrawals: (index, leaf), in order.
        suspensions: (index, leaf) of partners as a whole and of their lifting, in order.
        relationships: (index, leaf), in order.
        totals: (partner, kind, op, basis) to (events, items); items count on access, send and delete only.
        daily: (day, partner, kind, op, basis) to (events, items), of which `totals` are the sums.
        tags: tag to index of the first event that bears it.
        events_by_partner: the indexes of its events, ascending.
        reconciles: the counts partners signed, in order.
        reports: (index, leaf), in order.
        breaches: in order of index; an honest log has none.
        epochs: those without a breach, in order.
        lives: (partner, scope) to the leaves at which the number of live connections changed, and to what.
    """

    genesis: Genesis | None
    size: int
    day: int
    partners: Mapping[str, PartnerLeaf]
    keys: Mapping[tuple[str, str], tuple[RegisteredKey, ...]]
    privileges: Mapping[tuple[str, str], tuple[HeldPrivilege, ...]]
    withdrawals: tuple[tuple[int, Withdrawal], ...]
    suspensions: tuple[tuple[int, SuspensionLeaf], ...]
    relationships: tuple[tuple[int, RelationshipLeaf], ...]
    totals: Totals
    daily: Daily
    tags: Commitments
    events_by_partner: Mapping[str, tuple[int, ...]]
    reconciles: tuple[Reconciliation, ...]
    reports: tuple[tuple[int, ReportLeaf], ...]
    breaches: tuple[Breach, ...]
    epochs: tuple[Epoch, ...]
    lives: Mapping[tuple[str, str], Sequence[tuple[int, int]]]

    @property
    def map(self) -> PrefixMap:
        """The prefix map to which the newest epoch commits."""
        return self.tags.map

    def closed_by(self, day: int) -> int | None:
        """Give the index of the first epoch leaf of a later day: no leaf behind it can be of `day`."""
        at = bisect_right(self.epochs, day, key=lambda epoch: epoch.leaf.day)
        return self.epochs[at].index if at < len(self.epochs) else None

    def live(self, partner: str, scope: str) -> int:
        """Count grants minus ends at the end of the log: an upper bound on connected people."""
        steps = self.lives.get((partner, scope))
        return steps[-1][1] if steps else 0

    def most_live(self, partner: str, scope: str, first: int = 0, end: int | None = None) -> int:
        """Give the largest `live` from just before the leaf `first` to just before the leaf `end`."""
        steps = self.lives.get((partner, scope), ())
        begin = bisect_left(steps, first, key=lambda step: step[0])
        stop = len(steps) if end is None else bisect_left(steps, end, key=lambda step: step[0])
        return max((live for _, live in steps[max(begin - 1, 0) : stop]), default=0)

    def key_at(self, partner: str, key_id: str, index: int, day: int) -> bytes | None:
        """Find the public key registered under an id for a leaf at `index` with day `day`."""
        spans = self.keys.get((partner, key_id), ())
        return next((span.leaf.key for span in spans if span.covers(index, day)), None)
