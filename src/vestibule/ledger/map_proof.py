"""Proofs in the prefix map: the siblings on a tag's path, and what stands at its end."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from vestibule.ledger.errors import MapError

EMPTY: Final = bytes(32)
"""The hash of a subtree without tags."""

_HASH: Final = 32
_INDEX: Final = 8
_MOST: Final = 256


@dataclass(frozen=True, slots=True)
class MapProof:
    """The path from the root to where a tag would stand.

    Attributes:
        siblings: the hash beside each node of the path, the root's child first; 32 bytes each, at most 256.
        terminal: the only tag below the path's end and its leaf index; None if there is no tag.
    """

    siblings: tuple[bytes, ...]
    terminal: tuple[bytes, int] | None

    def encode(self) -> bytes:
        """Give the bytes: number of siblings (2), the siblings (32 each), the terminal (0 or 40)."""
        end = b"" if self.terminal is None else self.terminal[0] + self.terminal[1].to_bytes(_INDEX, "big")
        return len(self.siblings).to_bytes(2, "big") + b"".join(self.siblings) + end

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` wrote.

        Raises:
            MapError: for any other bytes.
        """
        number = int.from_bytes(data[:2], "big")
        end = 2 + number * _HASH
        rest = data[end:]
        if len(data) < end or number > _MOST or len(rest) not in (0, _HASH + _INDEX):
            raise MapError(f"expected a map proof of {end} or {end + 40} bytes, got {len(data)}")
        siblings = tuple(data[at : at + _HASH] for at in range(2, end, _HASH))
        terminal = (rest[:_HASH], int.from_bytes(rest[_HASH:], "big")) if rest else None
        return cls(siblings, terminal)


def leaf_hash(tag: bytes, index: int) -> bytes:
    """Hash a tag that is alone in its subtree."""
    return sha256(b"\x02" + tag + index.to_bytes(_INDEX, "big")).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash a node with two tags or more below it."""
    return sha256(b"\x03" + left + right).digest()


def verify_present(root: bytes, tag: bytes, index: int, proof: MapProof) -> None:
    """Check that `tag` stands for the leaf `index` in the map of this root.

    Raises:
        MapError: if the proof does not show that.
    """
    if proof.terminal != (tag, index):
        raise MapError(f"expected a proof that ends in tag {tag.hex()} of leaf {index}, got another end")
    _check_path(root, tag, proof)


def verify_absent(root: bytes, tag: bytes, proof: MapProof) -> None:
    """Check that `tag` is not in the map of this root.

    Raises:
        MapError: if the proof does not show that.
    """
    if proof.terminal is not None:
        other, _ = proof.terminal
        if other == tag:
            raise MapError(f"expected a proof without tag {tag.hex()}, got one that ends in it")
        depth = len(proof.siblings)
        if _prefix(other, depth) != _prefix(tag, depth):
            raise MapError(f"expected a tag with the first {depth} bits of {tag.hex()}, got {other.hex()}")
    _check_path(root, tag, proof)


def _prefix(tag: bytes, bits: int) -> int:
    return int.from_bytes(tag, "big") >> (8 * _HASH - bits)


def _check_path(root: bytes, tag: bytes, proof: MapProof) -> None:
    if len(tag) != _HASH or len(proof.siblings) > _MOST:
        raise MapError(f"expected a tag of 32 bytes and at most {_MOST} siblings")
    if any(len(sibling) != _HASH for sibling in proof.siblings):
        raise MapError("expected siblings of 32 bytes, got another length")
    computed = EMPTY if proof.terminal is None else leaf_hash(*proof.terminal)
    path = int.from_bytes(tag, "big")
    for depth in range(len(proof.siblings) - 1, -1, -1):
        sibling = proof.siblings[depth]
        goes_right = path >> (8 * _HASH - 1 - depth) & 1
        computed = node_hash(sibling, computed) if goes_right else node_hash(computed, sibling)
    if computed != root:
        raise MapError(f"expected the map root {root.hex()}, got {computed.hex()}")
