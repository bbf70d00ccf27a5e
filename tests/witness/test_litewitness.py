"""The requests of litewitness's own test (torchwood, cmd/litewitness/testdata), which another log has signed.

One answer differs: of an unknown log it said 403, which tlog-witness has since made 404.
"""

from pathlib import Path

from tests.conftest import Run
from tests.witness.a_witness import NOW, WITNESS, opened
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.keys import ED25519, VerifierKey, signature_line
from vestibule.tlog.note import Note
from vestibule.witness.decision import Refusal, Seen, known_logs
from vestibule.witness.witness import Witness

ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
OTHER = ORIGIN[:-1] + "1"
LOG = VerifierKey(
    ORIGIN, ED25519, bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
)
ROOTS = {
    1: bytes.fromhex("2a00000000000000000000000000000000000000000000000000000000000000"),
    3: bytes.fromhex("45c088d4d939e9971298811f227d1295eaad57bbafae55cd71c171e7de48c25d"),
    5: bytes.fromhex("42bb57ad06420afa4882c4a63ac6a1ec77480b330b2f20dfc53a0caa5f564e36"),
}
SIGNED = {
    1: "b7cf653aa9c565a1ca359db81bd3bc656ab2890c6ea4c0aec42295e80aa05049"
    "423505026434f987923ccdf07d440c152cd59e736e5914d8ada8d7a4d51b2106",
    3: "655bb4871d15bc05032d67eece88900c4863a27f190393b99176391577f5def9"
    "71b023d9a418c3226b7b7ea47b33686d9b3849451dadc6b07c007c595af1ea0a",
    5: "0fc43899968b48b5150b0e8fe7ad07b17c21c7056a6fe381deb0cd19ece103d5"
    "9b2119b5dbe5d54d8a1262ce67f01245c5898b4b56f747495804a17a2eec0f0c",
}


def node(start: str, end: str = "") -> bytes:
    return bytes.fromhex(start + "0" * (64 - len(start) - len(end)) + end)


FROM_1_TO_3 = [node("2a01"), node("2a02")]
FROM_1_TO_5 = [
    node("2a01"),
    bytes.fromhex("f9f50357e93def4078237b8aaea24ce1a3f5965a0f64ff26bebd99e30470d8b2"),
    node("2a04"),
]
FROM_3_TO_5 = [
    node("2a02"),
    node("2a03"),
    bytes.fromhex("c2088815d65f60dbfa594d4e96504ab169cb6084bf0c132ab7c521fd2e0eba41"),
    node("2a04"),
]
REQUESTS: list[tuple[int, int, list[bytes], str, str, int]] = [
    (0, 1, [], ORIGIN, SIGNED[1], 200),
    (1, 3, FROM_1_TO_3, ORIGIN, SIGNED[3][:-1] + "b", 403),
    (1, 3, FROM_1_TO_3, OTHER, SIGNED[3], 404),
    (1, 3, [], ORIGIN, SIGNED[3], 422),
    (1, 3, [node("2a01"), node("2a02", "01")], ORIGIN, SIGNED[3], 422),
    (1, 3, FROM_1_TO_3, ORIGIN, SIGNED[3], 200),
    (1, 5, FROM_1_TO_5, ORIGIN, SIGNED[5], 409),
    (3, 5, FROM_3_TO_5, ORIGIN, SIGNED[5], 200),
]
"""Old size, size, proof, origin, signature, and the status of the answer."""


def body(old: int, size: int, proof: list[bytes], origin: str, signature: str) -> bytes:
    checkpoint = Checkpoint(origin, size, ROOTS[size])
    line = signature_line(origin, LOG.key_id, bytes.fromhex(signature))
    request = AddCheckpoint(old, tuple(proof), Note.parse(f"{checkpoint.text}\n{line}"))
    return request.render().encode()


def test_another_log_s_requests_are_answered_as_litewitness_answers_them(run: Run, tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        witness = Witness((WITNESS,), known_logs([LOG]), state, lambda: NOW)
        for old, size, proof, origin, signature, status in REQUESTS:
            answer = run(witness.add_checkpoint(body(old, size, proof, origin, signature)))
            assert (answer.status if isinstance(answer, Refusal) else 200) == status
        assert state.seen(ORIGIN) == Seen(5, ROOTS[5], NOW)
