"""Merkle tree hashes and proofs (RFC 6962, section 2.1), and their verifiers (RFC 9162, section 2.1)."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

from vestibule.tlog.errors import ProofError

HASH_SIZE = 32
"""Length of every hash, bytes."""

MAX_SIZE = 2**63 - 1
"""Largest tree size accepted; it bounds every loop over levels."""

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""

ReadNode: TypeAlias = Callable[[int, int], bytes]
"""Level and index to the hash of the complete subtree of `2 ** level` leaves from `index << level`."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry into a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent."""
    return sha256(b"\x01" + left + right).digest()


def root(size: int, read: ReadNode) -> bytes:
    """Compute the root of the tree over the first `size` leaves.

    Raises:
        ProofError: `size` is negative or above MAX_SIZE.
    """
    _check_size(size)
    return _ragged(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """Prove that leaf `index` is in the tree of `size` leaves.

    The leaf's sibling comes first, the root's child last.

    Raises:
        ProofError: there is no such leaf.
    """
    _check_index(index, size)
    path: list[bytes] = []
    level, last = 0, size - 1
    while last:
        if index & 1:
            path.append(read(level, index - 1))
        elif index + 1 < last:
            path.append(read(level, index + 1))
        elif index < last:
            # The sibling is the rightmost node, which may be incomplete. It happens at most once per proof.
            path.append(_ragged(last << level, size, read))
        index >>= 1
        last >>= 1
        level += 1
    return tuple(path)


def consistency_proof(old_size: int, new_size: int, read: ReadNode) -> tuple[bytes, ...]:
    """Prove that the tree of `new_size` leaves only appends to the tree of `old_size` leaves.

    The proof from size 0 and the proof between equal sizes are empty.

    Raises:
        ProofError: the sizes are not in order.
    """
    _check_size(new_size)
    if not 0 <= old_size <= new_size:
        raise ProofError(f"expected an old size from 0 to {new_size}, got {old_size}")
    if old_size == 0:
        return ()
    start, end = 0, new_size
    path: list[bytes] = []
    while old_size < end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_ragged(middle, end, read))
            end = middle
        else:
            path.append(_ragged(start, middle, read))
            start = middle
    if start:
        path.append(_ragged(start, end, read))
    return tuple(reversed(path))


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check an inclusion proof (RFC 9162, section 2.1.3.2).

    Raises:
        ProofError: the proof has the wrong length or does not lead to `root`.
    """
    _check_index(index, size)
    _check_hashes((leaf_hash, root, *proof))
    node, last, computed = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofError(f"inclusion proof is too long: got {len(proof)} hashes")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise ProofError(f"inclusion proof is too short: got {len(proof)} hashes")
    if computed != root:
        raise ProofError(f"inclusion proof of entry {index} leads to {computed.hex()}, expected {root.hex()}")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check a consistency proof (RFC 9162, section 2.1.4.2).

    Raises:
        ProofError: the proof has the wrong length, or does not lead from `old_root` to `new_root`.
    """
    _check_size(new_size)
    if not 0 <= old_size <= new_size:
        raise ProofError(f"expected an old size from 0 to {new_size}, got {old_size}")
    _check_hashes((old_root, new_root, *proof))
    if old_size in (0, new_size):
        _verify_trivial_consistency(old_size, old_root, new_size, new_root, proof)
        return
    old_computed, new_computed = _fold_consistency(old_size, old_root, new_size, proof)
    if old_computed != old_root:
        raise ProofError(f"old root of size {old_size} does not follow from the consistency proof")
    if new_computed != new_root:
        raise ProofError(f"new root of size {new_size} does not follow from the consistency proof")


def _verify_trivial_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise ProofError(f"expected an empty consistency proof, got {len(proof)} hashes")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise ProofError("old size is 0 and the old root is not that of the empty tree")
    if old_size == new_size and old_root != new_root:
        raise ProofError(f"two different roots for size {old_size}")


def _fold_consistency(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Compute old and new root from the proof, for 0 < old_size < new_size."""
    # The first component of a proof from a complete tree is the old root itself, which the prover leaves out.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        raise ProofError("consistency proof is too short: got 0 hashes")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_computed = new_computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError(f"consistency proof is too long: got {len(proof)} hashes")
        if node & 1 or node == last:
            old_computed = node_hash(sibling, old_computed)
            new_computed = node_hash(sibling, new_computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new_computed = node_hash(new_computed, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise ProofError(f"consistency proof is too short: got {len(proof)} hashes")
    return old_computed, new_computed


def _ragged(start: int, end: int, read: ReadNode) -> bytes:
    """Hash the leaves from `start` to `end`, of which only the right side may be incomplete."""
    width = end - start
    computed = b""
    while width:
        level = (width & -width).bit_length() - 1
        width &= width - 1
        node = read(level, (start + width) >> level)
        computed = node_hash(node, computed) if computed else node
    return computed


def _split(size: int) -> int:
    """Largest power of two below `size` (RFC 6962, section 2.1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise ProofError(f"expected a tree size from 0 to 2**63 - 1, got {size}")


def _check_index(index: int, size: int) -> None:
    _check_size(size)
    if not 0 <= index < size:
        raise ProofError(f"expected an index from 0 to {size - 1}, got {index}")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for digest in hashes:
        if len(digest) != HASH_SIZE:
            raise ProofError(f"expected a hash of 32 bytes, got {len(digest)}")
