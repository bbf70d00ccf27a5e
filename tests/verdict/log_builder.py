"""A small log in memory, with everything its operator, its partners and its people hold."""

import base64
import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey as Ed25519

from vestibule.ledger import canonical, leaf, request, tags
from vestibule.ledger.commitment import Opening, commit
from vestibule.ledger.opening import NO_GRANT, Private
from vestibule.ledger.replay import Replay
from vestibule.ledger.vrf import VrfKey, proof_to_hash
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.tlog.layout import bundle_files, tile_files
from vestibule.tlog.merkle import inclusion_proof, leaf_hash
from vestibule.tlog.proof import TlogProof
from vestibule.verdict.person_file import LANES, LaneFile, PersonFile

ORIGIN = "vestibule.example/log"
DAY = 20_780
NOW = DAY * 86_400 + 3_600
READ = "messages.read"
TARGET = "https://vestibule.example/v1/conversations/abc/messages?limit=50"

ALICE = b"alice".ljust(16, b"\x01")
BOB = b"bob".ljust(16, b"\x02")


def seed(name: str) -> bytes:
    """Give everybody a key of their own, the same in every run."""
    return name.encode().ljust(32, b".")


def digests(number: int) -> tuple[str, ...]:
    return tuple(f"{at:064x}" for at in range(number))


@dataclass
class LogBuilder:
    origin: str = ORIGIN
    signing: SigningKey = field(default_factory=lambda: SigningKey.from_seed(ORIGIN, seed("log")))
    vrf: VrfKey = field(default_factory=lambda: VrfKey.from_seed(seed("vrf")))
    entries: list[bytes] = field(default_factory=list)
    openings: dict[tuple[str, str, bytes], list[Opening]] = field(default_factory=dict)
    witness: SigningKey | None = None
    nonces: int = 0
    day: int = DAY

    def __post_init__(self) -> None:
        self.add(leaf.Genesis(self.origin, self.vrf.public, str(self.signing.verifier), leaf.SUITE, self.day))

    @property
    def now(self) -> int:
        """An hour into the day, in seconds since 1970."""
        return NOW + (self.day - DAY) * 86_400

    def add(self, one: leaf.Leaf) -> int:
        self.entries.append(leaf.encode(one))
        return len(self.entries) - 1

    def partner(self, partner: str, *, legal_entity: str = "", name: str = "") -> None:
        name = name or partner.capitalize()
        home = f"https://{partner}.example"
        self.add(leaf.PartnerLeaf(partner, legal_entity or f"{name} Ltd", name, home, self.day))
        public = bytes(Ed25519(seed(partner)).verify_key)
        self.add(leaf.KeyLeaf(partner, "k1", public, self.day, None, self.day))

    def privilege(
        self, partner: str, *, scope: str = READ, signer: str = "", until_day: int = DAY + 30
    ) -> int:
        unsigned = leaf.PrivilegeLeaf(
            partner, scope, "to suggest songs", "ab" * 32, until_day, self.day, "k1", bytes(64)
        )
        signature = Ed25519(seed(signer or partner)).sign(unsigned.signed_text()).signature
        return self.add(replace(unsigned, signature=signature))

    def reconcile(
        self, partner: str, counts: Mapping[str, tuple[int, int]], *, size: int | None = None
    ) -> int:
        size = len(self.entries) if size is None else size
        unsigned = leaf.ReconcileLeaf(partner, size, counts, self.day, "k1", bytes(64))
        signature = Ed25519(seed(partner)).sign(unsigned.signed_text()).signature
        return self.add(replace(unsigned, signature=signature))

    def epoch(self, *, size: int | None = None, day: int | None = None, **lie: Any) -> int:
        """Record what the leaves so far commit to, or a lie about it; a later day begins with it."""
        self.day = self.day if day is None else day
        following = Replay()
        for entry in self.entries:
            following.add(entry)
        epochs = following.history().epochs
        following.commitments.take_in(len(self.entries) if size is None else size)
        leaf = following.commitments.leaf(epochs[-1].leaf.size if epochs else 0, self.day)
        return self.add(replace(leaf, **lie))

    def signed(self, partner: str, *, signer: str = "", **changes: Any) -> request.SignedRequest:
        self.nonces += 1
        parts: dict[str, Any] = {
            "method": "GET",
            "target_uri": TARGET,
            "body": b"",
            "authorization": "Bearer t",
        }
        parts |= {key: value for key, value in changes.items() if key in parts}
        headers = request.sign(
            **parts,
            key_id="k1",
            seed=seed(signer or partner),
            created=changes.get("created", self.now),
            nonce=f"nonce-{self.nonces}",
        )
        return request.parse(
            method=parts["method"],
            target_uri=parts["target_uri"],
            headers=headers | {"authorization": parts["authorization"]},
            body=parts["body"],
        )

    def lane(self, partner: str, lane: str, subject: bytes) -> tuple[bytes, bytes]:
        """Return the lane's key and proof."""
        proof = self.vrf.prove(tags.alpha(self.origin, partner, lane, subject))
        return tags.lane_key(proof_to_hash(proof)), proof

    def event(
        self,
        kind: str,
        partner: str,
        subject: bytes,
        *,
        op: str = READ,
        n: int = 0,
        lane: str = tags.SHARED,
        counter: int | None = None,
        shown: Mapping[str, Any] | None = None,
        **private: Any,
    ) -> int:
        """Record an event; `private` changes what the opening says, `shown` what the leaf says."""
        key, _ = self.lane(partner, lane, subject)
        held = self.openings.setdefault((partner, lane, subject), [])
        counter = len(held) if counter is None else counter
        fields: dict[str, Any] = {
            "at": self.now * 1_000_000,
            "grant": NO_GRANT,
            "conversation": "abc",
            "n": n,
        }
        fields["person"] = tags.partner_person_id(key)
        fields |= {"messages": digests(n), "request": None, "lane": lane, "counter": counter} | private
        hidden = Private(partner=partner, kind=kind, op=op, **fields).encode()
        r = len(self.entries).to_bytes(32, "big")
        public: dict[str, Any] = {
            "kind": kind,
            "op": op,
            "partner": partner,
            "basis": "grant",
            "day": self.day,
        }
        public |= {"n": 1 if kind == "exposure" else n, "tag": tags.tag(key, counter)}
        public |= {"commitment": commit(r, hidden), **(shown or {})}
        index = self.add(leaf.Event(**public))
        held.append(Opening(index, r, hidden))
        return index

    def read(self, partner: str, subject: bytes, n: int, **changes: Any) -> int:
        """Record a read that the partner asked for in its own signature."""
        return self.event("access", partner, subject, n=n, request=self.signed(partner), **changes)

    def person(self, subject: bytes, *partners: str) -> PersonFile:
        lanes = {
            partner: {
                lane: LaneFile(
                    self.lane(partner, lane, subject)[1],
                    tuple(self.openings.get((partner, lane, subject), ())),
                )
                for lane in LANES
            }
            for partner in partners
        }
        return PersonFile(self.origin, subject, lanes)

    def tree(self, size: int | None = None) -> GrowingTree:
        tree = GrowingTree()
        for entry in self.entries[:size]:
            tree.append(leaf_hash(entry))
        return tree

    def note(self) -> str:
        tree = self.tree()
        checkpoint = Checkpoint(self.origin, tree.size, tree.root())
        note = sign_checkpoint(checkpoint, self.signing)
        return note if self.witness is None else note + cosign(checkpoint.text, self.witness, self.now)

    def policy(self) -> bytes:
        log = f"log {self.signing.verifier}\n"
        if self.witness is None:
            return f"{log}quorum none\n".encode()
        return f"{log}witness w1 {self.witness.verifier}\nquorum w1\n".encode()

    def files(self) -> dict[str, bytes]:
        files = {"checkpoint": self.note().encode()}
        files |= dict(tile_files(0, len(self.entries), self.tree().node))
        return files | dict(bundle_files(0, self.entries))

    def write(self, folder: Path) -> Path:
        for path, data in self.files().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def receipt(self, index: int, opening: Opening | None = None, lane_key: bytes | None = None) -> str:
        extra = {"v": 1, "leaf": self.entries[index].decode()}
        if opening is not None:
            extra |= {"r": base64.b64encode(opening.r).decode(), "private": opening.private.decode()}
        if lane_key is not None:
            extra["lane_key"] = base64.b64encode(lane_key).decode()
        hashes = inclusion_proof(index, len(self.entries), self.tree().node)
        return TlogProof(index, hashes, self.note(), canonical.encode(extra)).render()

    def release(self, partner: str, subject: bytes) -> str:
        """Return the receipt of the partner's newest event about a person."""
        opening = self.openings[partner, tags.SHARED, subject][-1]
        return self.receipt(opening.index, opening, self.lane(partner, tags.SHARED, subject)[0])


def witnessed() -> LogBuilder:
    return LogBuilder(witness=SigningKey.from_seed("w1.example", seed("w1"), COSIGNATURE))


def like(log: LogBuilder, **changes: Any) -> LogBuilder:
    """Copy a log without beginning it again."""
    other = copy.copy(log)
    for name, value in changes.items():
        setattr(other, name, value)
    return other
