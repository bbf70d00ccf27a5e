"""Leaves replayed by an auditor, epochs included, beside the bare hashing of as many leaves and nodes."""

import secrets
import time
from hashlib import sha256
from statistics import median

from nacl.signing import SigningKey as Ed25519

from vestibule.ledger import leaf
from vestibule.ledger.commitments import Commitments
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.layout import bundle_files, tile_files
from vestibule.tlog.merkle import leaf_hash
from vestibule.witness.replaying import Replaying, Sighting

LEAVES = 100_000
EPOCH = 10_000
DAY = 20_000
READ = "messages.read"
LOG = SigningKey.from_seed("bench.localhost/log", bytes(32))


def measure(rounds: int) -> None:
    """Print the replay and the bare hashing in turn, and their ratio."""
    entries = _log()
    print(f"audit: {len(entries)} leaves, an epoch every {EPOCH}")
    files, checkpoint = _publish(entries)
    replayed, bare = [], []
    for _ in range(rounds):
        bare.append(_bare(entries))
        replayed.append(_replay(files, checkpoint))
    bare_rate = _line("bare SHA-256 of leaf and node", bare)
    rate = _line("audit: prove, parse, every rule, map, totals", replayed)
    print(f"  ratio {rate / bare_rate:.3f}")


def _line(name: str, seconds: list[float]) -> float:
    rate = LEAVES / median(seconds)
    print(f"  {name:<46} {rate:>9,.0f} leaves a second of one processor")
    return rate


def _log() -> list[bytes]:
    """Write a log of one partner's reads that breaks no rule."""
    partner = Ed25519(bytes(32))
    key = leaf.KeyLeaf("bench", "bench:1", bytes(partner.verify_key), DAY, None, DAY)
    unsigned = leaf.PrivilegeLeaf("bench", READ, "to measure", "ab" * 32, DAY, DAY, "bench:1", bytes(64))
    signature = partner.sign(unsigned.signed_text()).signature
    privilege = leaf.PrivilegeLeaf("bench", READ, "to measure", "ab" * 32, DAY, DAY, "bench:1", signature)
    home = leaf.PartnerLeaf("bench", "Bench Ltd", "Bench", "https://bench.localhost", DAY)
    genesis = leaf.Genesis(LOG.verifier.name, bytes(32), str(LOG.verifier), leaf.SUITE, DAY)
    entries = [leaf.encode(one) for one in (genesis, home, key, privilege)]
    commitments, covered = Commitments(), 0
    for index in range(len(entries), LEAVES):
        if index % EPOCH == 0:
            commitments.take_in(index)
            entries.append(leaf.encode(commitments.leaf(covered, DAY)))
            covered = index
            continue
        event = _event("access" if commitments else "grant", 3)
        commitments.add(index, event)
        entries.append(event.encode())
    return entries


def _event(kind: leaf.EventKind, items: int) -> leaf.Event:
    return leaf.Event(
        kind, READ, "bench", items, "grant", DAY, secrets.token_bytes(32), secrets.token_bytes(32)
    )


def _publish(entries: list[bytes]) -> tuple[dict[str, bytes], Checkpoint]:
    tree = GrowingTree(1 << 20)
    for entry in entries:
        tree.append(leaf_hash(entry))
    files = dict(tile_files(0, tree.size, tree.node)) | dict(bundle_files(0, entries))
    return files, Checkpoint(LOG.verifier.name, tree.size, tree.root())


def _replay(files: dict[str, bytes], checkpoint: Checkpoint) -> float:
    replaying = Replaying(LOG.verifier)
    started = time.process_time()
    replaying.extend(files.__getitem__, checkpoint, Sighting(), DAY * SECONDS_A_DAY)
    taken = time.process_time() - started
    assert replaying.breaches == ()
    return taken


def _bare(entries: list[bytes]) -> float:
    """Hash what a Merkle tree over these entries hashes at the least: each leaf, and a node for each."""
    node = bytes(32)
    started = time.process_time()
    for entry in entries:
        node = sha256(b"\x01" + node + sha256(b"\x00" + entry).digest()).digest()
    return time.process_time() - started
