"""A prefix map of which only the ways to some tags are left, and one hash for each part that is cut off.

It says of these tags what all their proofs say together, each hash once. In bytes, from the root, left before
right: 0 an empty part; 1 a tag (32) and its leaf index (8); 2 a node, then its two parts; 3 the hash (32) of
a part that is cut off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vestibule.ledger.errors import MapError
from vestibule.ledger.map_proof import EMPTY, leaf_hash, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vestibule.ledger.map_proof import MapProof

_EMPTY: Final = b"\0"
_TAG: Final = b"\1"
_NODE: Final = b"\2"
_CUT: Final = b"\3"
_BITS: Final = 256
_HASH: Final = 32
_INDEX: Final = 8


@dataclass(frozen=True, slots=True)
class _Node:
    left: _Part
    right: _Part


_Part = _Node | tuple[bytes, int] | bytes | None


@dataclass(frozen=True, slots=True)
class PrunedMap:
    """Part of a prefix map.

    Attributes:
        root: what everything left of it hashes to.
    """

    root: bytes
    _whole: _Part

    def get(self, tag: bytes) -> int | None:
        """Give the leaf index a tag stands for, None if it is not in the map.

        Raises:
            MapError: if the way to this tag is cut off.
        """
        part, depth = self._whole, 0
        while isinstance(part, _Node):
            part = part.right if _bit(tag, depth) else part.left
            depth += 1
        if isinstance(part, bytes):
            raise MapError(f"expected the way to tag {tag.hex()}, got one cut off at bit {depth}")
        return part[1] if part is not None and part[0] == tag else None


def prune(proofs: Iterable[tuple[bytes, MapProof]]) -> bytes:
    """Put the proofs of several tags in one map together; `read` reads the bytes."""
    cut: dict[tuple[int, int], bytes] = {}
    ends: dict[tuple[int, int], tuple[bytes, int] | None] = {}
    nodes: set[tuple[int, int]] = set()
    for tag, proof in proofs:
        way = int.from_bytes(tag, "big")
        for depth, sibling in enumerate(proof.siblings):
            nodes.add((depth, way >> (_BITS - depth)))
            below = way >> (_BITS - 1 - depth)
            cut[depth + 1, below ^ 1] = sibling
        depth = len(proof.siblings)
        ends[depth, way >> (_BITS - depth)] = proof.terminal

    def write(depth: int, way: int) -> bytes:
        if (depth, way) in nodes:
            return _NODE + write(depth + 1, 2 * way) + write(depth + 1, 2 * way + 1)
        if (depth, way) in ends:
            end = ends[depth, way]
            return _EMPTY if end is None else _TAG + end[0] + end[1].to_bytes(_INDEX, "big")
        digest = cut[depth, way]
        return _EMPTY if digest == EMPTY else _CUT + digest

    return write(0, 0)


def read(data: bytes) -> PrunedMap:
    """Read a pruned map, and compute its root.

    Raises:
        MapError: if the bytes are no pruned map, or a tag stands where it cannot be.
    """
    reader = _Reader(data)
    root, whole = reader.part(0, 0)
    if reader.at != len(data):
        raise MapError(f"pruned map: expected {reader.at} bytes, got {len(data)}")
    return PrunedMap(root, whole)


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = field(default=0)

    def part(self, depth: int, way: int) -> tuple[bytes, _Part]:
        match self._take(1):
            case b"\0":
                return EMPTY, None
            case b"\1":
                return self._tag(depth, way)
            case b"\2" if depth < _BITS:
                left_hash, left = self.part(depth + 1, 2 * way)
                right_hash, right = self.part(depth + 1, 2 * way + 1)
                return node_hash(left_hash, right_hash), _Node(left, right)
            case b"\3":
                digest = self._take(_HASH)
                return digest, digest
            case kind:
                raise MapError(f"pruned map, byte {self.at - 1}: expected a part, got {kind.hex()}")

    def _tag(self, depth: int, way: int) -> tuple[bytes, _Part]:
        tag, index = self._take(_HASH), int.from_bytes(self._take(_INDEX), "big")
        if int.from_bytes(tag, "big") >> (_BITS - depth) != way:
            raise MapError(f"pruned map, byte {self.at}: tag {tag.hex()} stands where it cannot be")
        return leaf_hash(tag, index), (tag, index)

    def _take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if len(taken) < size:
            raise MapError(f"pruned map: ends at byte {len(self.data)}, expected {self.at + size} or more")
        self.at += size
        return taken


def _bit(tag: bytes, depth: int) -> int:
    return tag[depth >> 3] >> (7 - (depth & 7)) & 1
