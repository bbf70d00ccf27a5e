"""A small log, ready to be read, proved and tampered with."""

from dataclasses import dataclass

import pytest

from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import inclusion_proof, leaf_hash
from vestibule.tlog.note import COSIGNATURE, Note, SigningKey
from vestibule.tlog.policy import Policy
from vestibule.tlog.proof import TlogProof
from vestibule.tlog.tiles import bundle_files, tile_files

SIZE = 70_000  # the size of which tlog-tiles spells out the layout


@dataclass(frozen=True, slots=True)
class PublishedLog:
    entries: tuple[bytes, ...]
    tree: GrowingTree
    checkpoint: Checkpoint
    files: dict[str, bytes]


def _publish(size: int) -> PublishedLog:
    entries = tuple(f"entry {index}".encode() for index in range(size))
    tree = GrowingTree(1 << 20)
    for entry in entries:
        tree.append(leaf_hash(entry))
    files = {**dict(tile_files(0, size, tree.node)), **dict(bundle_files(0, entries))}
    return PublishedLog(entries, tree, Checkpoint("log.example/2026", size, tree.root()), files)


@pytest.fixture(scope="session")
def big_log() -> PublishedLog:
    return _publish(SIZE)


@pytest.fixture(scope="session")
def small_log() -> PublishedLog:
    return _publish(600)


@pytest.fixture(scope="session")
def log_key() -> SigningKey:
    return SigningKey.from_seed("log.example/2026", bytes(32))


@pytest.fixture(scope="session")
def witnesses() -> tuple[SigningKey, ...]:
    return tuple(
        SigningKey.from_seed(f"witness{n}.example", bytes([n]) * 32, COSIGNATURE) for n in range(1, 5)
    )


@pytest.fixture(scope="session")
def policy(log_key: SigningKey, witnesses: tuple[SigningKey, ...]) -> Policy:
    lines = [f"witness W{n} {key.verifier}" for n, key in enumerate(witnesses, start=1)]
    rules = ["group friends 2 W1 W2 W3", "quorum friends"]
    return Policy.parse("\n".join([f"log {log_key.verifier}", *lines, *rules]) + "\n")


@pytest.fixture(scope="session")
def signed(small_log: PublishedLog, log_key: SigningKey, witnesses: tuple[SigningKey, ...]) -> str:
    note = Note.parse(sign_checkpoint(small_log.checkpoint, log_key))
    lines = [cosign(note.text, key, 1_800_000_000 + n) for n, key in enumerate(witnesses[:2])]
    return note.with_lines(*lines).render()


@pytest.fixture(scope="session")
def receipt(small_log: PublishedLog, signed: str) -> TlogProof:
    hashes = inclusion_proof(321, small_log.tree.size, small_log.tree.node)
    return TlogProof(321, hashes, signed, b"an opening")
