"""The prefix map: tag to leaf index, under one root, with proofs that a tag is in it or is not.

The tree is defined by the set alone: no tag, 32 zero bytes; one tag, SHA256(0x02 || tag || u64be index);
more, SHA256(0x03 || those whose next bit is 0 || those whose next bit is 1), from the first bit of byte 0 on.
For one root and one tag there is exactly one provable answer, whatever the operator did to the tree.

In memory the tags lie in buckets of some six, by their first bits, and hashes are kept above the buckets
only: about 60 bytes a tag, and a change hashes one bucket and the path above it.
"""

from array import array
from collections.abc import Iterator
from hashlib import sha256

from vestibule.ledger.map_proof import EMPTY, MapProof, node_hash

MOST_IN_A_BUCKET = 8
"""Tags in a bucket, on average, from which there are twice as many buckets."""

_TAG = 32
_ROW = _TAG + 8


class PrefixMap:
    """A map that only grows. Not safe for several threads: whoever inserts owns it."""

    __slots__ = ("_bits", "_buckets", "_counts", "_dirty", "_hashes", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._bits = 0
        # Rows of tag and index, in the order they came; a bytes object costs less than any list of rows.
        self._buckets: list[bytes] = [b""]
        # Both as a heap: node 1 is the root, the children of node i are 2i and 2i + 1.
        self._hashes = bytearray(2 * _TAG)
        self._counts: array[int] = array("Q", (0, 0))
        self._dirty: set[int] = set()

    def __len__(self) -> int:
        return self._size

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, bytes) and self.get(tag) is not None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the tags, in no order that means anything."""
        return (row[:_TAG] for bucket in self._buckets for row in _rows(bucket))

    def get(self, tag: bytes) -> int | None:
        """Give the index a tag stands for, None if it is not there."""
        return _find(self._buckets[self._bucket_of(tag)], tag)

    def insert(self, tag: bytes, index: int) -> int | None:
        """Insert a tag, unless it is there: then change nothing and return the index it stands for.

        Args:
            tag: 32 bytes.
            index: of the leaf that bears it, below 2**64.
        """
        number = self._bucket_of(tag)
        bucket = self._buckets[number]
        found = _find(bucket, tag)
        if found is not None:
            return found
        self._buckets[number] = bucket + tag + index.to_bytes(8, "big")
        self._dirty.add(number)
        self._size += 1
        if self._size > MOST_IN_A_BUCKET << self._bits:
            self._split()
        return None

    def root(self) -> bytes:
        """Give the root over all tags, hashing only what changed since it was last asked for."""
        self._rehash()
        return bytes(self._hashes[_TAG : 2 * _TAG])

    def prove(self, tag: bytes) -> MapProof:
        """Prove that a tag is in the map, or that it is not."""
        self._rehash()
        first = 1 << self._bits
        node = 1
        siblings: list[bytes] = []
        while node < first:
            if self._counts[node] <= 1:
                return MapProof(tuple(siblings), self._only_row(node))
            depth = node.bit_length() - 1
            node = 2 * node + _bit(tag, depth)
            siblings.append(self._hash(node ^ 1))
        return _prove_below(_rows(self._buckets[node - first]), self._bits, tag, siblings)

    def _bucket_of(self, tag: bytes) -> int:
        return int.from_bytes(tag[:8], "big") >> (64 - self._bits)

    def _hash(self, node: int) -> bytes:
        return bytes(self._hashes[node * _TAG : (node + 1) * _TAG])

    def _only_row(self, node: int) -> tuple[bytes, int] | None:
        """Find the one tag below a node that has one at most."""
        if not self._counts[node]:
            return None
        first = 1 << self._bits
        while node < first:
            node = 2 * node + (self._counts[2 * node] == 0)
        return _parted(self._buckets[node - first])

    def _split(self) -> None:
        """Double the buckets: each is parted by the next bit of its tags."""
        bits = self._bits
        halves: list[bytes] = []
        for bucket in self._buckets:
            rows = _rows(bucket)
            halves.append(b"".join([row for row in rows if not _bit(row, bits)]))
            halves.append(b"".join([row for row in rows if _bit(row, bits)]))
        self._bits = bits + 1
        self._buckets = halves
        self._hashes = bytearray(2 * len(halves) * _TAG)
        self._counts = array("Q", bytes(16 * len(halves)))
        self._dirty = set(range(len(halves)))

    def _rehash(self) -> None:
        """Hash the buckets that changed, then level by level the nodes above them."""
        first = 1 << self._bits
        for number in self._dirty:
            rows = _rows(self._buckets[number])
            self._set(first + number, len(rows), _root(rows, self._bits))
        nodes = {(first + number) >> 1 for number in self._dirty}
        self._dirty.clear()
        while nodes and 0 not in nodes:
            for node in nodes:
                self._join(node)
            nodes = {node >> 1 for node in nodes}

    def _join(self, node: int) -> None:
        counts = self._counts
        left, right = counts[2 * node], counts[2 * node + 1]
        at = 2 * node * _TAG
        if left + right > 1:
            joined = sha256(b"\x03" + self._hashes[at : at + 2 * _TAG]).digest()
        else:
            joined = self._hash(2 * node + (left == 0))
        self._set(node, left + right, joined)

    def _set(self, node: int, count: int, digest: bytes) -> None:
        self._counts[node] = count
        self._hashes[node * _TAG : (node + 1) * _TAG] = digest


def _bit(tag: bytes, depth: int) -> int:
    return tag[depth >> 3] >> (7 - (depth & 7)) & 1


def _rows(bucket: bytes) -> list[bytes]:
    return [bucket[at : at + _ROW] for at in range(0, len(bucket), _ROW)]


def _parted(row: bytes) -> tuple[bytes, int]:
    return row[:_TAG], int.from_bytes(row[_TAG:], "big")


def _find(bucket: bytes, tag: bytes) -> int | None:
    at = bucket.find(tag)
    while at % _ROW and at > 0:  # the bytes may also occur across two fields
        at = bucket.find(tag, at + 1)
    return None if at < 0 else int.from_bytes(bucket[at + _TAG : at + _ROW], "big")


def _root(rows: list[bytes], depth: int) -> bytes:
    """Hash the subtree of these rows, which agree in their first `depth` bits."""
    if not rows:
        return EMPTY
    if len(rows) == 1:
        return sha256(b"\x02" + rows[0]).digest()
    left, right = _parting(rows, depth)
    return node_hash(_root(left, depth + 1), _root(right, depth + 1))


def _parting(rows: list[bytes], depth: int) -> tuple[list[bytes], list[bytes]]:
    byte, mask = depth >> 3, 0x80 >> (depth & 7)
    return [row for row in rows if not row[byte] & mask], [row for row in rows if row[byte] & mask]


def _prove_below(rows: list[bytes], depth: int, tag: bytes, siblings: list[bytes]) -> MapProof:
    """Go on from a bucket; `siblings` are those above it."""
    while len(rows) > 1:
        halves = _parting(rows, depth)
        way = _bit(tag, depth)
        depth += 1
        siblings.append(_root(halves[1 - way], depth))
        rows = halves[way]
    return MapProof(tuple(siblings), _parted(rows[0]) if rows else None)
