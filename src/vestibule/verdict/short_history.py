"""A person's history by its short proof: complete up to an epoch, without reading the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.leaf import Leaf, parse
from vestibule.tlog.errors import TlogError
from vestibule.tlog.merkle import inclusion_proof, leaf_hash, verify_inclusion
from vestibule.verdict import history_proof, pruned_map, shared_paths
from vestibule.verdict.errors import BadHistoryProof, BadPersonFile
from vestibule.verdict.lane import CheckedLane, check_place, lane_key, open_leaf
from vestibule.verdict.log_view import genesis_of
from vestibule.verdict.vouched import Vouched, vouch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.ledger.leaf import Genesis
    from vestibule.tlog.merkle import ReadNode
    from vestibule.verdict.history_proof import HistoryProof, LaneProof
    from vestibule.verdict.pruned_map import PrunedMap
    from vestibule.verdict.trust import Trust


@dataclass(frozen=True, slots=True)
class ShortHistory:
    """What a short proof shows.

    Attributes:
        trust: the policy and who chose it.
        verified: the checkpoint and who vouches for it.
        audited: the checkpoint whose auditors replayed the epoch: that one, or the proof's own older one.
        genesis: leaf 0.
        epoch_index: place of the epoch leaf.
        epoch: what it commits to: the map of all tags among its first `size` leaves.
        lanes: by partner id and lane; every event among those leaves, and perhaps later ones.
    """

    trust: Trust
    verified: Vouched
    audited: Vouched
    genesis: Genesis
    epoch_index: int
    epoch: EpochLeaf
    lanes: Mapping[tuple[str, str], CheckedLane]

    @property
    def partners(self) -> tuple[str, ...]:
        """The partner ids it is about."""
        return tuple(dict.fromkeys(partner for partner, _ in self.lanes))


def read_short(data: bytes, trust: Trust) -> ShortHistory:
    """Check a short proof: checkpoint, inclusions, map, VRF proofs, openings, and that no tag is left out.

    That the map itself holds every event is not checked and cannot be, without the log: it is what an
    auditor's cosignature says.

    Raises:
        BadHistoryProof: naming the place, what was expected and what was got.
        BadLog: leaf 0 is not that of the log the policy trusts.
    """
    proof = history_proof.parse(data)
    try:
        verified = vouch(proof.note, trust)
        read = shared_paths.reader(proof.indexes(), verified.checkpoint.size, proof.tree)
        tree = _Tree(verified, read)
        genesis = genesis_of(tree.checked(0, proof.genesis), trust)
        epoch = _epoch(tree, proof)
        cut = pruned_map.read(proof.map)
        if cut.root != epoch.root:
            raise BadHistoryProof(
                f"history proof, map: expected root {epoch.root.hex()}, got {cut.root.hex()}"
            )
        shown = _Shown(proof, tree, genesis, epoch, cut)
        lanes = {
            (partner, name): shown.lane(partner, name, held)
            for partner, held_lanes in proof.partners.items()
            for name, held in held_lanes.items()
        }
    except (TlogError, LedgerError, BadPersonFile) as error:
        raise BadHistoryProof(f"history proof: {error}") from error
    return ShortHistory(trust, verified, verified, genesis, proof.epoch_index, epoch, lanes)


@dataclass(frozen=True, slots=True)
class _Tree:
    verified: Vouched
    read: ReadNode

    def checked(self, index: int, entry: bytes) -> bytes:
        """Give an entry back if it is the log's at this index."""
        checkpoint = self.verified.checkpoint
        verify_inclusion(
            leaf_hash=leaf_hash(entry),
            index=index,
            size=checkpoint.size,
            proof=inclusion_proof(index, checkpoint.size, self.read),
            root=checkpoint.root,
        )
        return entry

    def leaf(self, index: int, entry: bytes) -> Leaf:
        return parse(self.checked(index, entry))


def _epoch(tree: _Tree, proof: HistoryProof) -> EpochLeaf:
    leaf = tree.leaf(proof.epoch_index, proof.epoch)
    if not isinstance(leaf, EpochLeaf):
        raise BadHistoryProof(f"history proof, epoch: expected an epoch leaf, got {type(leaf).__name__}")
    return leaf


@dataclass(frozen=True, slots=True)
class _Shown:
    proof: HistoryProof
    tree: _Tree
    genesis: Genesis
    epoch: EpochLeaf
    map: PrunedMap

    def lane(self, partner: str, name: str, held: LaneProof) -> CheckedLane:
        where = f"partner {partner}, lane {name}"
        alpha = tags.alpha(self.genesis.origin, partner, name, self.proof.subject)
        key = lane_key(self.genesis, alpha, held.proof, where)
        opened = []
        for counter, event in enumerate(held.events):
            place = f"{where}, opening of leaf {event.opening.index}"
            leaf = self.tree.leaf(event.opening.index, event.leaf)
            one = open_leaf(leaf, event.opening, key, place)
            check_place(one, partner, name, counter, place)
            opened.append(one)
        indexes = [one.index for one in opened]
        if indexes != sorted(set(indexes)):
            raise BadHistoryProof(f"history proof: {where}: expected ascending leaves, got {indexes!s:.80}")
        self._check_complete(key, [index for index in indexes if index < self.epoch.size], where)
        return CheckedLane(key, tuple(opened), ())

    def _check_complete(self, key: bytes, indexes: list[int], where: str) -> None:
        """Check that the map holds the tags of these events, and not the next one."""
        for counter, index in enumerate([*indexes, None]):
            found = self.map.get(tags.tag(key, counter))
            if found != index:
                raise BadHistoryProof(
                    f"history proof: {where}: expected tag {counter} {_at(index)}, got it {_at(found)}"
                )


def _at(index: int | None) -> str:
    return "absent from the map" if index is None else f"in the map for leaf {index}"
