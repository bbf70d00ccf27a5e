"""The short proof that nothing is recorded about a person: its bytes, and the processor time to check it."""

import gzip
import time
from hashlib import sha256
from statistics import median

from vestibule.ledger import leaf, tags
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.vrf import VrfKey, proof_to_hash, verify
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.tlog.merkle import leaf_hash
from vestibule.verdict import history_proof, pruned_map, shared_paths
from vestibule.verdict.about_me_short import about_me_short
from vestibule.verdict.history_proof import HistoryProof, LaneProof
from vestibule.verdict.person_file import LANES
from vestibule.verdict.short_history import read_short
from vestibule.verdict.trust import Trust, trust
from vestibule.verdict.verdict import Answer

TAGS = 1_000_000
PARTNERS = 30
ORIGIN = "bench.localhost/log"
DAY = 20_780
SUBJECT = bytes(16)
SIGNING = SigningKey.from_seed(ORIGIN, bytes(32))
AUDITOR = SigningKey.from_seed("auditor.example", b"a" * 32, COSIGNATURE)
VRF = VrfKey.from_seed(bytes(32))


def measure(rounds: int) -> None:
    """Print size and time of a proof about half the partners, which is a lane for each, and about all."""
    print(f"history: nothing recorded about a person, a map of {TAGS:,} tags")
    log = _Log()
    for partners in (PARTNERS // 2, PARTNERS):
        proof = log.proof(partners)
        packed = len(gzip.compress(proof, mtime=0))
        taken = [_check(proof, log.trust) for _ in range(rounds * 5)]
        lanes = partners * len(LANES)
        print(
            f"  {partners} partners, {lanes} lanes"
            f"{'':<18} {len(proof):>8,} bytes ({packed:,} packed)   checked in {median(taken):5.1f} ms"
            f"   of which {lanes} VRF proofs {_vrf_alone(lanes):5.1f} ms"
        )


def _check(proof: bytes, trusted: Trust) -> float:
    started = time.process_time()
    verdict = about_me_short(read_short(proof, trusted), None, "somebody", tail_read=False)
    taken = time.process_time() - started
    assert verdict.answer is Answer.PROVEN_NO
    return taken * 1000


def _vrf_alone(lanes: int) -> float:
    alpha = tags.alpha(ORIGIN, "p0", LANES[0], SUBJECT)
    proof = VRF.prove(alpha)
    started = time.process_time()
    for _ in range(lanes):
        verify(VRF.public, alpha, proof)
    return (time.process_time() - started) * 1000


class _Log:
    """A log of a million events of other people, an epoch over them, and an auditor's cosignature."""

    def __init__(self) -> None:
        self.map = PrefixMap()
        self.tree = GrowingTree(4 * TAGS)
        self.genesis = leaf.encode(leaf.Genesis(ORIGIN, VRF.public, str(SIGNING.verifier), leaf.SUITE, DAY))
        self.tree.append(leaf_hash(self.genesis))
        for index in range(1, TAGS + 1):
            tag = sha256(index.to_bytes(8, "big")).digest()
            self.map.insert(tag, index)
            self.tree.append(tag)
        self.epoch = leaf.encode(EpochLeaf(TAGS + 1, self.map.root(), TAGS, bytes(32), DAY))
        self.tree.append(leaf_hash(self.epoch))
        checkpoint = Checkpoint(ORIGIN, self.tree.size, self.tree.root())
        self.note = sign_checkpoint(checkpoint, SIGNING) + cosign(checkpoint.text, AUDITOR, DAY * 86_400)
        self.trust = trust(
            f"log {SIGNING.verifier}\nwitness a {AUDITOR.verifier}\ngroup auditors any a\n"
            "quorum auditors\n".encode()
        )

    def proof(self, partners: int) -> bytes:
        names = [f"partner-{number}" for number in range(partners)]
        lanes = {
            (name, lane): VRF.prove(tags.alpha(ORIGIN, name, lane, SUBJECT))
            for name in names
            for lane in LANES
        }
        first = [tags.tag(tags.lane_key(proof_to_hash(proof)), 0) for proof in lanes.values()]
        last = self.tree.size - 1
        return history_proof.render(
            HistoryProof(
                note=self.note.encode(),
                subject=SUBJECT,
                genesis=self.genesis,
                epoch_index=last,
                epoch=self.epoch,
                tree=shared_paths.collect((0, last), self.tree.size, self.tree.node),
                map=pruned_map.prune((tag, self.map.prove(tag)) for tag in first),
                partners={name: {lane: LaneProof(lanes[name, lane], ()) for lane in LANES} for name in names},
            )
        )
