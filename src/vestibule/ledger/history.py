"""What a replay finds: the register over time, live connections, totals, tags and breaches."""

from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.ledger.register import Genesis, KeyLeaf, PartnerLeaf, PrivilegeLeaf, ReconcileLeaf, Withdrawal


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

    def covers(self, index: int) -> bool:
        """Say whether it was in force at a leaf."""
        return self.from_index <= index and (self.until_index is None or index < self.until_index)


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
class History:
    """The outcome of a replay; a pure function of the entries.

    Attributes:
        genesis: leaf 0, None if it is not a genesis leaf.
        size: how many entries were read.
        day: the last day any leaf carries.
        partners: the register by partner id.
        keys: by (partner, key id), in the order registered.
        privileges: by (partner, scope), in the order given; only those with a valid signature.
        withdrawals: (index, leaf), in order.
        totals: (partner, kind, op, basis) to (events, items); items count on access, send and delete only.
        tags: tag to index of the first event that bears it.
        events_by_partner: the indexes of its events, ascending.
        reconciles: the counts partners signed, in order.
        breaches: in order of index; an honest log has none.
    """

    genesis: Genesis | None
    size: int
    day: int
    partners: Mapping[str, PartnerLeaf]
    keys: Mapping[tuple[str, str], tuple[RegisteredKey, ...]]
    privileges: Mapping[tuple[str, str], tuple[HeldPrivilege, ...]]
    withdrawals: tuple[tuple[int, Withdrawal], ...]
    totals: Mapping[tuple[str, str, str, str], tuple[int, int]]
    tags: Mapping[bytes, int]
    events_by_partner: Mapping[str, tuple[int, ...]]
    reconciles: tuple[Reconciliation, ...]
    breaches: tuple[Breach, ...]
    lives: Mapping[tuple[str, str], tuple[int, int]]

    def live(self, partner: str, scope: str) -> int:
        """Count grants minus ends at the end of the log: an upper bound on connected people."""
        return self.lives.get((partner, scope), (0, 0))[0]

    def most_live(self, partner: str, scope: str) -> int:
        """Give the largest `live` at any index."""
        return self.lives.get((partner, scope), (0, 0))[1]

    def privilege_at(self, partner: str, scope: str, index: int) -> HeldPrivilege | None:
        """Find the privilege in force at a leaf."""
        return next((held for held in self.privileges.get((partner, scope), ()) if held.covers(index)), None)

    def key_at(self, partner: str, key_id: str, index: int, day: int) -> bytes | None:
        """Find the public key registered under an id for a leaf at `index` with day `day`."""
        spans = self.keys.get((partner, key_id), ())
        return next((span.leaf.key for span in spans if span.covers(index, day)), None)
