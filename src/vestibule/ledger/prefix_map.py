"""The prefix map: tag to leaf index, under one root, with proofs that a tag is in it or is not.

The tree is defined by the set alone: no tag, 32 zero bytes; one tag, SHA256(0x02 || tag || u64be index);
more, SHA256(0x03 || those whose next bit is 0 || those whose next bit is 1), from the first bit of byte 0 on.
For one root and one tag there is exactly one provable answer, whatever the operator did to the tree.

In memory the rows of tag and index lie sorted in pages of some 50, and hashes are kept down to buckets of
some three tags: about 70 bytes a tag. A change hashes one bucket and the path above it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import sha256

from vestibule.ledger.map_proof import EMPTY, MapProof

MOST_IN_A_BUCKET = 4
"""Tags in a bucket, on average, from which there are twice as many buckets."""

MOST_IN_A_PAGE = 64
"""Rows in a page, on average, from which there are twice as many pages."""

_TAG = 32
_TAG_BITS = 8 * _TAG
_ROW = _TAG + 8


class PrefixMap:
    """A map that only grows. Not safe for several threads: whoever inserts owns it."""

    __slots__ = ("_bits", "_counts", "_dirty", "_hashes", "_page_bits", "_pages", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._page_bits = 0
        self._pages = [bytearray()]
        # Both as a heap: node 1 is the root, the children of node i are 2i and 2i + 1, and the last
        # 2 ** _bits are the buckets.
        self._bits = 0
        self._hashes = bytearray(2 * _TAG)
        self._counts: array[int] = array("I", (0, 0))
        self._dirty: set[int] | range = set()

    def __len__(self) -> int:
        return self._size

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, bytes) and self.get(tag) is not None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the tags in their order as bytes."""
        return (bytes(page[at : at + _TAG]) for page in self._pages for at in range(0, len(page), _ROW))

    def get(self, tag: bytes) -> int | None:
        """Give the index a tag stands for, None if it is not there."""
        page = self._pages[_prefix(tag, self._page_bits)]
        at = _place(page, tag)
        return int.from_bytes(page[at + _TAG : at + _ROW], "big") if page[at : at + _TAG] == tag else None

    def insert(self, tag: bytes, index: int) -> int | None:
        """Insert a tag, unless it is there: then change nothing and return the index it stands for.

        Args:
            tag: 32 bytes.
            index: of the leaf that bears it, below 2**64.
        """
        page = self._pages[_prefix(tag, self._page_bits)]
        at = _place(page, tag)
        if page[at : at + _TAG] == tag:
            return int.from_bytes(page[at + _TAG : at + _ROW], "big")
        page[at:at] = tag + index.to_bytes(8, "big")
        self._size += 1
        if isinstance(self._dirty, set):
            self._dirty.add(_prefix(tag, self._bits))
        if self._size > MOST_IN_A_BUCKET << self._bits:
            self._double_buckets()
        if self._size > MOST_IN_A_PAGE << self._page_bits:
            self._double_pages()
        return None

    def root(self) -> bytes:
        """Give the root over all tags, hashing only what changed since it was last asked for."""
        self._rehash()
        return self._hash(1)

    def prove(self, tag: bytes) -> MapProof:
        """Prove that a tag is in the map, or that it is not."""
        self._rehash()
        first = 1 << self._bits
        node = 1
        siblings: list[bytes] = []
        while node < first:
            if self._counts[node] <= 1:
                return MapProof(tuple(siblings), self._only_row(node))
            node = 2 * node + _bit(tag, node.bit_length() - 1)
            siblings.append(self._hash(node ^ 1))
        return _prove_below(self._rows(node - first), self._bits, tag, siblings)

    def _hash(self, node: int) -> bytes:
        return bytes(self._hashes[node * _TAG : (node + 1) * _TAG])

    def _rows(self, bucket: int) -> list[bytes]:
        """Read the rows of a bucket, in their order."""
        page = self._pages[bucket >> (self._bits - self._page_bits)]
        lowest = bucket << (_TAG_BITS - self._bits)
        found: list[bytes] = []
        for at in range(_place(page, lowest.to_bytes(_TAG, "big")), len(page), _ROW):
            row = bytes(page[at : at + _ROW])
            if _prefix(row, self._bits) != bucket:
                break
            found.append(row)
        return found

    def _only_row(self, node: int) -> tuple[bytes, int] | None:
        """Find the one tag below a node that has one at most."""
        if not self._counts[node]:
            return None
        first = 1 << self._bits
        while node < first:
            node = 2 * node + (self._counts[2 * node] == 0)
        return _pair(self._rows(node - first)[0])

    def _double_buckets(self) -> None:
        self._bits += 1
        buckets = 1 << self._bits
        self._hashes = bytearray(2 * buckets * _TAG)
        self._counts = array("I", bytes(8 * buckets))
        self._dirty = range(buckets)

    def _double_pages(self) -> None:
        """Part each page by the next bit of its tags."""
        self._page_bits += 1
        parted: list[bytearray] = []
        for number, page in enumerate(self._pages):
            middle = (2 * number + 1) << (_TAG_BITS - self._page_bits)
            at = _place(page, middle.to_bytes(_TAG, "big"))
            parted += (page[:at], page[at:])
            page.clear()
        self._pages = parted

    def _rehash(self) -> None:
        """Hash the buckets that changed, then level by level the nodes above them."""
        first = 1 << self._bits
        for bucket in self._dirty:
            rows = self._rows(bucket)
            self._set(first + bucket, len(rows), _root(rows, self._bits))
        if isinstance(self._dirty, range):
            for node in range(first - 1, 0, -1):
                self._join(node)
        else:
            self._rehash_above({first + bucket for bucket in self._dirty})
        self._dirty = set()

    def _rehash_above(self, nodes: set[int]) -> None:
        while nodes := {node >> 1 for node in nodes} - {0}:
            for node in nodes:
                self._join(node)

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


def _prefix(tag: bytes, bits: int) -> int:
    """Give the first bits of a tag as a number; at most 64 of them."""
    return int.from_bytes(tag[:8], "big") >> (64 - bits)


def _place(page: bytearray, tag: bytes | bytearray) -> int:
    """Find where in a page a tag's row begins, or would begin."""
    return _ROW * bisect_left(
        range(len(page) // _ROW), tag, key=lambda row: page[row * _ROW : row * _ROW + _TAG]
    )


def _bit(tag: bytes, depth: int) -> int:
    return tag[depth >> 3] >> (7 - (depth & 7)) & 1


def _pair(row: bytes) -> tuple[bytes, int]:
    return row[:_TAG], int.from_bytes(row[_TAG:], "big")


def _root(rows: list[bytes], depth: int) -> bytes:
    """Hash the subtree of these rows, sorted, which agree in their first `depth` bits."""
    if not rows:
        return EMPTY
    if len(rows) == 1:
        return sha256(b"\x02" + rows[0]).digest()
    left, right = _parted(rows, depth)
    if left and right:
        return sha256(b"\x03" + _root(left, depth + 1) + _root(right, depth + 1)).digest()
    # Whoever chooses the tags may choose them alike: what they agree in costs a hash a bit, and no more.
    fork = _agreed(rows)
    joined = _root(rows, fork)
    for level in range(fork - 1, depth - 1, -1):
        joined = sha256(b"\x03" + (EMPTY + joined if _bit(rows[0], level) else joined + EMPTY)).digest()
    return joined


def _agreed(rows: list[bytes]) -> int:
    """Count the first bits in which sorted rows of different tags agree."""
    first, last = (int.from_bytes(row[:_TAG], "big") for row in (rows[0], rows[-1]))
    return _TAG_BITS - (first ^ last).bit_length()


def _parted(rows: list[bytes], depth: int) -> tuple[list[bytes], list[bytes]]:
    """Part sorted rows where the bit at `depth` turns to 1."""
    byte, mask = depth >> 3, 0x80 >> (depth & 7)
    at = bisect_left(rows, mask, key=lambda row: row[byte] & mask)
    return rows[:at], rows[at:]


def _prove_below(rows: list[bytes], depth: int, tag: bytes, siblings: list[bytes]) -> MapProof:
    """Go on from a bucket; `siblings` are those above it."""
    while len(rows) > 1:
        halves = _parted(rows, depth)
        way = _bit(tag, depth)
        depth += 1
        siblings.append(_root(halves[1 - way], depth))
        rows = halves[way]
    return MapProof(tuple(siblings), _pair(rows[0]) if rows else None)
