"""ML-DSA-44 cosignatures (C2SP tlog-cosignature)."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from vestibule.tlog import mldsa
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign, cosigned_subtree, verify_cosignature
from vestibule.tlog.errors import NoteError, PolicyError
from vestibule.tlog.note import COSIGNATURE, MLDSA44, Note, Signature, SigningKey, VerifierKey
from vestibule.tlog.policy import Policy

SEED = b"q" * 32
NAME = "witness.example/q1"
KEY = SigningKey.from_seed(NAME, SEED, MLDSA44)
LOG = SigningKey.from_seed("log.example/2026", bytes(32))
CLASSIC = SigningKey.from_seed("witness.example/w1", b"w" * 32, COSIGNATURE)
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint("log.example/2026", 5, ROOT)
TIME = 1679315147
HEAD = f"log {LOG.verifier}\nwitness Q {KEY.verifier}\nwitness W {CLASSIC.verifier}\n"


def cosigned() -> Note:
    return Note.parse(sign_checkpoint(CHECKPOINT, LOG) + cosign(CHECKPOINT.text, KEY, TIME))


def test_the_signed_message_is_the_published_structure() -> None:
    expected = b"".join(
        [
            b"subtree/v1\n\x00",
            b"\x12witness.example/q1",
            bytes.fromhex("00000000641850cb"),
            b"\x10log.example/2026",
            bytes(8),
            bytes.fromhex("0000000000000005"),
            ROOT,
        ]
    )
    assert cosigned_subtree(CHECKPOINT.text, NAME, TIME) == expected


def test_a_signature_by_another_program_verifies() -> None:
    # From litewitness's tests (torchwood, cmd/litewitness/testdata/mldsa.txt): seed, key ID and signed note.
    seed = bytes.fromhex("2886adc2b0eabfce67c0472939127998bf886cf256bfee8ba76a253fce1146e0")
    key = SigningKey.from_seed("example.com/mldsa-log", seed, MLDSA44).verifier
    note = Note.parse(Path(__file__).with_name("mldsa_cosignature.note").read_bytes())
    assert key.key_id.hex() == "b5df45c5"
    assert note.verify_key(key) == (0,)


def test_a_cosignature_has_its_published_size_and_gives_its_time_back() -> None:
    blob = Signature.parse(cosign(CHECKPOINT.text, KEY, TIME)).blob
    assert len(blob) == 8 + 2420
    assert len(KEY.verifier.public) == 1312
    assert verify_cosignature(CHECKPOINT.text, blob, KEY.verifier) == TIME
    assert cosigned().verify_key(KEY.verifier) == (TIME,)
    assert VerifierKey.parse(str(KEY.verifier)) == KEY.verifier


@pytest.mark.parametrize(
    "changed",
    [
        {"start": 1},
        {"end": 6},
        {"origin": "log.example/2027"},
        {"root": bytes(32)},
        {"timestamp": TIME + 1},
        {"cosigner": "witness.example/q2"},
    ],
)
def test_a_signature_over_another_subtree_does_not_verify(changed: dict[str, object]) -> None:
    said = {
        "cosigner": NAME,
        "timestamp": TIME,
        "origin": CHECKPOINT.origin,
        "end": 5,
        "root": ROOT,
        **changed,
    }
    blob = TIME.to_bytes(8, "big") + mldsa.sign(SEED, mldsa.cosigned_message(**said))  # type: ignore[arg-type]
    with pytest.raises(NoteError, match=r"signature by witness.example/q1 does not verify"):
        verify_cosignature(CHECKPOINT.text, blob, KEY.verifier)


def test_another_key_or_another_length_does_not_verify() -> None:
    blob = Signature.parse(cosign(CHECKPOINT.text, KEY, TIME)).blob
    other = replace(KEY.verifier, public=mldsa.public_of(b"x" * 32))
    with pytest.raises(NoteError, match="does not verify"):
        verify_cosignature(CHECKPOINT.text, blob, other)
    with pytest.raises(NoteError, match=r"expected a cosignature of 2428 bytes by .*, got 2427"):
        verify_cosignature(CHECKPOINT.text, blob[:-1], KEY.verifier)
    with pytest.raises(NoteError, match="expected a public key of 1312 bytes, got 32"):
        replace(KEY.verifier, public=bytes(32))


def test_a_quorum_counts_it_like_any_other_cosigner() -> None:
    policy = Policy.parse(HEAD + "group both all Q W\nquorum both\n")
    note = cosigned()
    with pytest.raises(PolicyError, match=r"expected quorum both, got cosignatures by Q$"):
        policy.verify(note.render())
    full = note.with_lines(cosign(CHECKPOINT.text, CLASSIC, TIME + 1))
    assert policy.verify(full.render()).cosignatures == (("Q", TIME), ("W", TIME + 1))


def test_only_a_checkpoint_can_be_cosigned() -> None:
    for text in (
        "one line\n",
        "origin\nfive\nroot\n",
        f"{'o' * 256}\n5\n{CHECKPOINT.text.splitlines()[2]}\n",
    ):
        with pytest.raises(NoteError, match="expected"):
            cosign(text, KEY, TIME)


@pytest.fixture
def built_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_seed: bytes) -> None:
        raise UnsupportedAlgorithm("ML-DSA is not supported by this backend")

    monkeypatch.setattr(mldsa, "_from_seed", unsupported)


@pytest.mark.usefixtures("built_without")
def test_where_it_cannot_be_had_a_policy_with_such_a_key_is_refused_rather_than_read_without_it() -> None:
    with pytest.raises(PolicyError) as refused:
        Policy.parse(HEAD + "quorum Q\n")
    assert str(refused.value) == f"line 2: {mldsa.MISSING}"


@pytest.mark.usefixtures("built_without")
def test_where_it_cannot_be_had_nothing_is_signed_or_taken_for_valid() -> None:
    with pytest.raises(NoteError, match="not in this build of cryptography"):
        SigningKey.from_seed(NAME, SEED, MLDSA44)
    blob = TIME.to_bytes(8, "big") + bytes(2420)
    with pytest.raises(NoteError, match="not in this build of cryptography"):
        verify_cosignature(CHECKPOINT.text, blob, KEY.verifier)


def test_where_it_cannot_be_had_lines_of_keys_that_nobody_asks_about_are_ignored(
    request: pytest.FixtureRequest,
) -> None:
    note = cosigned().with_lines(cosign(CHECKPOINT.text, CLASSIC, TIME)).render()
    request.getfixturevalue("built_without")
    policy = Policy.parse(f"log {LOG.verifier}\nwitness W {CLASSIC.verifier}\nquorum W\n")
    assert policy.verify(note).cosignatures == (("W", TIME),)
