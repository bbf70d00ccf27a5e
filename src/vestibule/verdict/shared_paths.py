"""The inclusion proofs of several leaves in one tree, each hash once.

What is kept are the complete subtrees out of which the audit paths (RFC 6962, section 2.1.1) of these leaves
are made, by level and then by index. Which those are follows from the tree's size and the leaves' indexes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.tlog.errors import ProofError
from vestibule.tlog.merkle import HASH_SIZE, inclusion_proof

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vestibule.tlog.merkle import ReadNode


def collect(indexes: Iterable[int], size: int, read: ReadNode) -> bytes:
    """Give the hashes of the subtrees, one after the other.

    Raises:
        ProofError: a leaf is not in a tree of this size.
    """
    return b"".join(read(*place) for place in _places(indexes, size))


def reader(indexes: Iterable[int], size: int, hashes: bytes) -> ReadNode:
    """Give out the hashes that `collect` gave; nothing says that they are the tree's.

    Raises:
        ProofError: there are more or fewer than these leaves need.
    """
    places = _places(indexes, size)
    if len(hashes) != len(places) * HASH_SIZE:
        raise ProofError(f"expected {len(places)} hashes of 32 bytes, got {len(hashes)} bytes")
    held = {place: hashes[at * HASH_SIZE : (at + 1) * HASH_SIZE] for at, place in enumerate(places)}
    return lambda level, index: held[level, index]


def _places(indexes: Iterable[int], size: int) -> list[tuple[int, int]]:
    asked: set[tuple[int, int]] = set()

    def remember(level: int, index: int) -> bytes:
        asked.add((level, index))
        return bytes(HASH_SIZE)

    for index in indexes:
        inclusion_proof(index, size, remember)
    return sorted(asked)
