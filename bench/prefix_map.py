"""The prefix map beside the tree as it is defined: build, updates, proofs, and what a million tags weigh.

Each map is measured in a fresh process. Times are processor time of its one thread.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from statistics import mean, median
from typing import Protocol

from vestibule.ledger.map_proof import EMPTY, MapProof, leaf_hash, node_hash, verify_absent, verify_present
from vestibule.ledger.prefix_map import PrefixMap

TAGS = 1_000_000
BATCHES = (1, 100, 1000, 10_000)
BATCHES_HAVE = 20_000
"""Tags inserted for each size of batch, or two batches if that is more."""

PROOFS = 1000


class AMap(Protocol):
    """What both trees can do."""

    def insert(self, tag: bytes, index: int) -> int | None: ...

    def root(self) -> bytes: ...


class Plain:
    """The tree as it is defined, with a dictionary of its nodes: [hash, or None until it is asked for]."""

    def __init__(self) -> None:
        # (depth, first bits) to the tag that is alone there, or to nothing: then there are more below.
        self._alone: dict[tuple[int, int], tuple[bytes, int] | None] = {}
        self._hashes: dict[tuple[int, int], bytes] = {}

    def insert(self, tag: bytes, index: int) -> int | None:
        bits = int.from_bytes(tag, "big")
        depth = 0
        while True:
            node = (depth, bits >> (256 - depth))
            self._hashes.pop(node, None)
            if node not in self._alone:
                self._alone[node] = (tag, index)
                return None
            other = self._alone[node]
            if other is not None:
                if other[0] == tag:
                    return other[1]
                self._alone[node] = None
                self._alone[depth + 1, int.from_bytes(other[0], "big") >> (255 - depth)] = other
            depth += 1

    def root(self) -> bytes:
        return self._hash(0, 0)

    def _hash(self, depth: int, bits: int) -> bytes:
        node = (depth, bits)
        if node not in self._alone:
            return EMPTY
        found = self._hashes.get(node)
        if found is None:
            alone = self._alone[node]
            below = depth + 1, 2 * bits
            found = (
                node_hash(self._hash(*below), self._hash(below[0], below[1] + 1))
                if alone is None
                else leaf_hash(*alone)
            )
            self._hashes[node] = found
        return found


@dataclass(frozen=True, slots=True)
class Measured:
    """One map in numbers: seconds, tags a second by batch, MB a million tags, bytes, microseconds."""

    built: float
    updates: dict[int, float]
    weighs: float
    root: bytes
    proof_bytes: tuple[float, int] = (0.0, 0)
    prove: float = 0.0
    check: float = 0.0


def measure(tags: int = TAGS) -> None:
    """Print both maps at a million tags, or ours alone at more."""
    print(f"prefix map: {tags:,} tags")
    ours = _in_a_new_process(measure_ours, tags)
    _print("ours", ours, tags)
    if tags <= TAGS:
        plain = _in_a_new_process(measure_plain, tags)
        _print("as defined, a dictionary of nodes", plain, tags)
        assert ours.root == plain.root
        print(f"  ratio built {plain.built / ours.built:.2f}, weight {ours.weighs / plain.weighs:.2f}")
    size, most = ours.proof_bytes
    print(
        f"  a proof: {size:.0f} bytes on average, {most} at most;"
        f" made in {ours.prove:.0f} us, checked in {ours.check:.0f} us"
    )


def measure_ours(tags: int) -> Measured:
    found = PrefixMap()
    built, weighs, root = _build(found, tags)
    proofs = [_a_proof(found, root, number, tags) for number in range(PROOFS)]
    sizes = [len(proof.encode()) for proof, _, _ in proofs]
    return Measured(
        built,
        _updates(found),
        weighs,
        root,
        (mean(sizes), max(sizes)),
        median(prove for _, prove, _ in proofs) * 1e6,
        median(check for _, _, check in proofs) * 1e6,
    )


def measure_plain(tags: int) -> Measured:
    found = Plain()
    built, weighs, root = _build(found, tags)
    return Measured(built, _updates(found), weighs, root)


def _build(found: AMap, tags: int) -> tuple[float, float, bytes]:
    """Insert the tags with a root every 10,000, as a log grows; give seconds, MB a million, the root."""
    before, started = _resident(), time.process_time()
    root = EMPTY
    for index in range(tags):
        found.insert(_tag(index), index)
        if index % 10_000 == 0:
            root = found.root()
    root = found.root()
    return time.process_time() - started, (_resident() - before) / tags, root


def _updates(found: AMap) -> dict[int, float]:
    rates: dict[int, float] = {}
    number = 2**40
    for batch in BATCHES:
        rounds = max(2, BATCHES_HAVE // batch // (10 if batch == 1 else 1))
        started = time.process_time()
        for _ in range(rounds):
            for _ in range(batch):
                number += 1
                found.insert(_tag(number), number)
            found.root()
        rates[batch] = rounds * batch / (time.process_time() - started)
    return rates


def _a_proof(found: PrefixMap, root: bytes, number: int, tags: int) -> tuple[MapProof, float, float]:
    """Prove a tag that is there, or one that is not; give the proof, and seconds to make and to check."""
    present = number % 2 == 0
    index = number * (tags // PROOFS) if present else 2**50 + number
    tag = _tag(index)
    started = time.process_time()
    proof = found.prove(tag)
    made = time.process_time()
    if present:
        verify_present(root, tag, index, proof)
    else:
        verify_absent(root, tag, proof)
    return proof, made - started, time.process_time() - made


def _tag(number: int) -> bytes:
    return sha256(number.to_bytes(8, "big")).digest()


def _resident() -> int:
    """Give the bytes of memory this process holds."""
    with open("/proc/self/statm") as file:  # noqa: PTH123  (not a path of ours)
        return int(file.read().split()[1]) * 4096


def _in_a_new_process(work: Callable[[int], Measured], tags: int) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (tags,))


def _print(name: str, one: Measured, tags: int) -> None:
    rates = ", ".join(f"{rate:,.0f} by {batch:,}" for batch, rate in one.updates.items())
    print(
        f"  {name:<34} built in {one.built:6.1f} s ({tags / one.built:,.0f}/s)"
        f"   {one.weighs:4.0f} MB a million   updates/s: {rates}"
    )
