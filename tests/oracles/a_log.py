"""A published log of 70,000 real leaves: every file that our code writes, without the store behind it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from vestibule.ledger import ed25519, tags
from vestibule.ledger.commitment import commit
from vestibule.ledger.leaf import (
    SUITE,
    Event,
    EventKind,
    Genesis,
    KeyLeaf,
    Leaf,
    PartnerLeaf,
    PrivilegeLeaf,
    encode,
)
from vestibule.ledger.vrf import VrfKey
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.layout import bundle_files, bundle_start, tile_files
from vestibule.tlog.merkle import inclusion_proof, leaf_hash
from vestibule.tlog.proof import TlogProof
from vestibule.tlog.tiles import node_reader

SIZES = (1, 255, 256, 257, 65_536, 70_000)
"""Published one after the other, each with its checkpoint and its partial tiles."""

ORIGIN = "vestibule.example/2026"
KEY = SigningKey.from_seed(ORIGIN, b"the log's secret, 32 bytes long.")
JUKEBOX = b"jukebox's secret, 32 bytes long."
PEOPLE = 50
DAY = 20_780
PER_DAY = 5_000


@dataclass(frozen=True, slots=True)
class PublishedLog:
    """Files in a folder, as they would be served, and the checkpoint note of each published size."""

    folder: Path
    notes: dict[int, str]

    def proof(self, index: int, size: int) -> str:
        """Prove an entry by nothing but the published tiles."""
        checkpoint = open_checkpoint(self.notes[size], KEY.verifier)
        read = node_reader(lambda path: (self.folder / path).read_bytes(), checkpoint)
        return TlogProof(index, inclusion_proof(index, size, read), self.notes[size]).render()


def publish(folder: Path) -> PublishedLog:
    """Write the log, growing from each of the sizes to the next."""
    entries = [encode(leaf) for leaf in leaves(SIZES[-1])]
    tree = GrowingTree(1 << 20)
    notes: dict[int, str] = {}
    for old, new in pairwise((0, *SIZES)):
        for entry in entries[old:new]:
            tree.append(leaf_hash(entry))
        start = bundle_start(old)
        for path, data in (*tile_files(old, new, tree.node), *bundle_files(start, entries[start:new])):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        notes[new] = sign_checkpoint(Checkpoint(ORIGIN, new, tree.root()), KEY)
    (folder / "checkpoint").write_text(notes[SIZES[-1]])
    return PublishedLog(folder, notes)


def leaves(count: int) -> Iterator[Leaf]:
    """Give a register, a connection for each person, and reads in turn until there are enough."""
    yield Genesis(ORIGIN, VrfKey.from_seed(bytes(32)).public, str(KEY.verifier), SUITE, DAY)
    yield PartnerLeaf("jukebox", "Jukebox GmbH", "Jukebox", "https://jukebox.example", DAY)
    yield KeyLeaf("jukebox", "jukebox:1", ed25519.public_of(JUKEBOX), DAY, None, DAY)
    yield _privilege()
    for number in range(count - 4):
        lane_key = hashlib.sha256(f"lane {number % PEOPLE}".encode()).digest()
        kind: EventKind = "grant" if number < PEOPLE else "access"
        tag = tags.tag(lane_key, number // PEOPLE)
        commitment = commit(tag, f"private half {number}".encode())
        n = number % 7 if kind == "access" else 0
        yield Event(kind, "messages.read", "jukebox", n, "grant", DAY + number // PER_DAY, tag, commitment)


def _privilege() -> PrivilegeLeaf:
    purpose = "Show a friend's music where you listen; für alle"
    unsigned = PrivilegeLeaf(
        "jukebox", "messages.read", purpose, "4d" * 32, DAY + 365, DAY, "jukebox:1", bytes(64)
    )
    return replace(unsigned, signature=ed25519.sign(JUKEBOX, unsigned.signed_text()))
