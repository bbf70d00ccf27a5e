"""A log as far as an auditor has replayed it: every entry proven before it is believed, every rule checked.

It goes on as the log grows and can be cut off anywhere: what was taken in is the beginning of a signed tree.
"""

from dataclasses import dataclass
from typing import Final

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.history import Breach, History
from vestibule.ledger.leaf import Genesis, Leaf
from vestibule.ledger.replay import Replay
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.errors import EvictedError, TileError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import VerifierKey
from vestibule.tlog.merkle import EMPTY_ROOT, ReadNode, leaf_hash, root
from vestibule.tlog.tiles import Fetch, node_reader, proven_entries
from vestibule.witness.errors import Forked

TOLERANCE: Final = 1
"""Days that a leaf may be off the time at which it is known to be written, or known not to be written yet."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A tree that the auditor saw, and when: leaves behind it were written later.

    Attributes:
        size: number of leaves.
        root: over them.
        time: seconds since 1970, by the auditor's clock.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    time: int = 0

    @property
    def first_day(self) -> int:
        """The earliest UTC day that a leaf behind it may carry."""
        return self.time // SECONDS_A_DAY - TOLERANCE


class Replaying:
    """One log's replay.

    Args:
        key: of the log, which leaf 0 must name.
    """

    def __init__(self, key: VerifierKey) -> None:
        self._key = key
        self._replay = Replay()
        self._tree = GrowingTree()
        self._dated: list[Breach] = []

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """What breaks a rule, in order of index: the log's rules, and those of its days against the clock."""
        return tuple(sorted((*self._replay.breaches, *self._dated), key=lambda breach: breach.index))

    def history(self) -> History:
        """Say what the leaves replayed so far say."""
        return self._replay.history()

    def extend(self, fetch: Fetch, checkpoint: Checkpoint, seen: Sighting, latest: int) -> None:
        """Replay on, up to a checkpoint that the log has signed.

        Args:
            fetch: gets the log's files.
            checkpoint: how far.
            seen: what the auditor saw last; leaves behind it are not older than that.
            latest: when the checkpoint existed at the latest, seconds since 1970; no leaf is of a later day.

        Raises:
            Forked: the checkpoint is of another tree than what was replayed or seen before.
            TlogError: the log's files do not bear out the checkpoint, or cannot be compared any more.
        """
        read = node_reader(fetch, checkpoint)
        self._compare(read, checkpoint, seen)
        for entry in proven_entries(fetch, read, self._replay.size, checkpoint.size):
            index = self._replay.size
            leaf = self._replay.add(entry)
            self._tree.append(leaf_hash(entry))
            if leaf is not None:
                self._check_day(index, leaf, seen, latest)

    def _compare(self, read: ReadNode, checkpoint: Checkpoint, seen: Sighting) -> None:
        """Compare a checkpoint with what was replayed and with what was seen, whichever is the smaller."""
        if checkpoint.size < max(self._tree.size, seen.size):
            _same(checkpoint.size, self._root(checkpoint.size), checkpoint.root)
        else:
            _same(self._tree.size, self._tree.root(), root(self._tree.size, read))
            _same(seen.size, seen.root, root(seen.size, read))

    def _root(self, size: int) -> bytes:
        try:
            return root(size, self._tree.node)
        except (EvictedError, TileError):
            raise TileError(f"expected a newer checkpoint, got one of size {size}") from None

    def _check_day(self, index: int, leaf: Leaf, seen: Sighting, latest: int) -> None:
        last = latest // SECONDS_A_DAY + TOLERANCE
        if leaf.day > last:
            self._breach(index, f"expected a day up to {last}, before which it was seen, got {leaf.day}")
        if index >= seen.size and leaf.day < seen.first_day:
            behind = f"behind the {seen.size} leaves seen before"
            self._breach(index, f"expected day {seen.first_day} or later {behind}, got {leaf.day}")
        if isinstance(leaf, Genesis) and (leaf.origin, leaf.log) != (self._key.name, str(self._key)):
            self._breach(index, f"expected the log {self._key}, got {leaf.log!r} of {leaf.origin!r}")

    def _breach(self, index: int, message: str) -> None:
        self._dated.append(Breach(index, message))


def _same(size: int, before: bytes, now: bytes) -> None:
    if before != now:
        raise Forked(f"expected root {before.hex()} of size {size}, as seen before, got {now.hex()}")
