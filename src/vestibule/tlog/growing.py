"""A Merkle tree in memory that only grows: the newest nodes of every level, never the whole tree.

Not safe for several threads: whoever appends owns the tree.
"""

from hashlib import sha256
from typing import Self

from vestibule.tlog import merkle
from vestibule.tlog.errors import EvictedError, ProofError, TileError
from vestibule.tlog.merkle import HASH_SIZE, MAX_SIZE, ReadNode

WINDOW = 1 << 14
"""Newest nodes kept per level unless told otherwise; between one and two windows are in memory."""

MIN_WINDOW = 2  # append hashes the last two nodes of a level


class GrowingTree:
    """Append-only Merkle tree that keeps a window of nodes per level and the right edge.

    Args:
        window: nodes kept per level, at least 2. Older ones raise EvictedError.
    """

    __slots__ = ("_first", "_levels", "_size", "_window")

    def __init__(self, window: int = WINDOW) -> None:
        if window < MIN_WINDOW:
            raise ProofError(f"expected a window of at least 2 nodes, got {window}")
        self._window = window
        self._size = 0
        # Complete nodes only: level k holds the hashes of indexes _first[k] to (size >> k) - 1.
        self._levels: list[list[bytes]] = [[]]
        self._first: list[int] = [0]

    @classmethod
    def from_edge(cls, size: int, read: ReadNode, window: int = WINDOW) -> Self:
        """Continue a tree of `size` leaves from its right edge, one node per bit set in `size`.

        `read` is asked for those nodes alone. With another tree's `node` it makes a
        copy that can be thrown away.

        Raises:
            ProofError: `size` is out of range.
        """
        if not 0 <= size <= MAX_SIZE:
            raise ProofError(f"expected a tree size from 0 to 2**63 - 1, got {size}")
        tree = cls(window)
        counts = [size >> level for level in range(size.bit_length())] or [0]
        # A level with an even count has no node on the edge: its last two are under a parent already.
        tree._levels = [[read(level, count - 1)] if count & 1 else [] for level, count in enumerate(counts)]
        tree._first = [count - (count & 1) for count in counts]
        tree._size = size
        return tree

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    def append(self, leaf_hash: bytes) -> None:
        """Append a leaf hash, and complete every subtree it ends.

        Raises:
            ProofError: the hash is not 32 bytes.
        """
        if len(leaf_hash) != HASH_SIZE:
            raise ProofError(f"expected a hash of 32 bytes, got {len(leaf_hash)}")
        levels = self._levels
        nodes = levels[0]
        nodes.append(leaf_hash)
        count, level = self._size, 0
        self._size = count + 1
        while count & 1:
            parent = sha256(b"\x01" + nodes[-2] + nodes[-1]).digest()
            count >>= 1
            level += 1
            if level == len(levels):
                levels.append([])
                self._first.append(0)
            nodes = levels[level]
            nodes.append(parent)
        if self._size % self._window == 0:
            self._evict()

    def node(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree `index` of `2 ** level` leaves; a ReadNode.

        Raises:
            EvictedError: the node was complete before the window began.
            TileError: there is no such node, or it is not complete yet.
        """
        if 0 <= level < len(self._levels):
            offset = index - self._first[level]
            nodes = self._levels[level]
            if 0 <= offset < len(nodes):
                return nodes[offset]
            if offset < 0 <= index:
                raise EvictedError(
                    f"node {index} of level {level} is older than the window from {self._first[level]}"
                )
        raise TileError(
            f"there is no complete node {index} of level {level} in a tree of {self._size} leaves"
        )

    def root(self) -> bytes:
        """Root over all leaves."""
        return merkle.root(self._size, self.node)

    def _evict(self) -> None:
        for level, nodes in enumerate(self._levels):
            surplus = len(nodes) - self._window
            if surplus > 0:
                del nodes[:surplus]
                self._first[level] += surplus
