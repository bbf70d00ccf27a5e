from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tlog.conftest import PublishedLog
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.errors import NoteError, PolicyError, ProofError
from vestibule.tlog.merkle import leaf_hash
from vestibule.tlog.note import SigningKey
from vestibule.tlog.policy import Policy
from vestibule.tlog.proof import TlogProof, verify

HASH = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="
NEWLINED = f"{HASH}\n"
ENTRY = b"entry 321"


def test_a_proof_reads_back_and_verifies(receipt: TlogProof, policy: Policy) -> None:
    text = receipt.render()
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra YW4gb3BlbmluZw==\nindex 321\n")
    assert TlogProof.parse(text) == receipt == TlogProof.parse(text.encode())
    verified = verify(TlogProof.parse(text), ENTRY, policy)
    assert verified.checkpoint.size == 600
    assert verified.cosignatures == (("W1", 1_800_000_000), ("W2", 1_800_000_001))


def test_a_proof_without_extra_has_no_extra_line(receipt: TlogProof, policy: Policy) -> None:
    bare = replace(receipt, extra=None)
    assert bare.render().startswith("c2sp.org/tlog-proof@v1\nindex 321\n")
    assert TlogProof.parse(bare.render()) == bare
    assert verify(bare, ENTRY, policy)


def test_the_checkpoint_stands_in_the_proof_verbatim(receipt: TlogProof, signed: str) -> None:
    assert receipt.render().endswith(f"\n\n{signed}")
    assert TlogProof.parse(receipt.render()).checkpoint_note == signed


def test_the_published_layout_is_read() -> None:
    # Shape of the example in C2SP tlog-proof, whose signatures are elided there.
    text = (
        f"c2sp.org/tlog-proof@v1\nextra YWJj\nindex 73894\n{HASH}\n{HASH}\n\nexample.com/fancylog\n109482\n"
    )
    proof = TlogProof.parse(text)
    assert (proof.index, proof.extra, len(proof.hashes)) == (73894, b"abc", 2)
    assert proof.checkpoint_note == "example.com/fancylog\n109482\n"


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.text(st.characters(exclude_categories=["C"]), min_size=1),
    st.none() | st.binary(),
)
def test_every_proof_reads_back(
    index: int, hashes: tuple[bytes, ...], note: str, extra: bytes | None
) -> None:
    proof = TlogProof(index, hashes, note, extra)
    assert TlogProof.parse(proof.render()) == proof


def test_another_entry_is_refused(receipt: TlogProof, policy: Policy) -> None:
    with pytest.raises(ProofError, match="inclusion proof of entry 321 leads to"):
        verify(receipt, b"entry 322", policy)


def test_another_index_is_refused(receipt: TlogProof, policy: Policy) -> None:
    for index in (0, 320, 322, 599):
        with pytest.raises(ProofError, match="inclusion proof"):
            verify(replace(receipt, index=index), ENTRY, policy)
    with pytest.raises(ProofError, match="expected an index from 0 to 599, got 600"):
        verify(replace(receipt, index=600), ENTRY, policy)


def test_an_emptied_proof_is_refused(receipt: TlogProof, policy: Policy) -> None:
    with pytest.raises(ProofError, match="too short: got 0 hashes"):
        verify(replace(receipt, hashes=()), ENTRY, policy)


def test_an_empty_proof_at_size_1_proves_that_log_s_one_entry_only(log_key: SigningKey) -> None:
    policy = Policy.parse(f"log {log_key.verifier}\nquorum none\n")
    note = sign_checkpoint(Checkpoint("log.example/2026", 1, leaf_hash(b"only")), log_key)
    assert verify(TlogProof(0, (), note), b"only", policy).checkpoint.size == 1
    with pytest.raises(ProofError, match="leads to"):
        verify(TlogProof(0, (), note), b"forged", policy)


def test_a_checkpoint_made_up_for_one_entry_is_refused(policy: Policy) -> None:
    stranger = SigningKey.from_seed("log.example/2026", b"s" * 32)
    note = sign_checkpoint(Checkpoint("log.example/2026", 1, leaf_hash(b"forged")), stranger)
    with pytest.raises(PolicyError, match="expected a signature by the log"):
        verify(TlogProof(0, (), note), b"forged", policy)


def test_a_proof_whose_checkpoint_was_changed_is_refused(receipt: TlogProof, policy: Policy) -> None:
    changed = receipt.checkpoint_note.replace("\n600\n", "\n601\n")
    with pytest.raises(NoteError, match="does not verify"):
        verify(replace(receipt, checkpoint_note=changed), ENTRY, policy)


def test_a_proof_with_too_few_witnesses_is_refused(receipt: TlogProof, policy: Policy) -> None:
    fewer = "".join(receipt.checkpoint_note.splitlines(keepends=True)[:-1])
    with pytest.raises(PolicyError, match="expected quorum friends, got cosignatures by W1"):
        verify(replace(receipt, checkpoint_note=fewer), ENTRY, policy)


def test_extra_is_not_authenticated(receipt: TlogProof, policy: Policy, small_log: PublishedLog) -> None:
    other = replace(receipt, extra=b"whatever")
    assert verify(other, ENTRY, policy).checkpoint == small_log.checkpoint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "blank line"),
        (f"c2sp.org/tlog-proof@v1\nindex 1\n{HASH}\n", "blank line"),
        ("c2sp.org/tlog-proof@v1\nindex 1\n\n", "a checkpoint after the proof"),
        ("c2sp.org/tlog-proof@v2\nindex 1\n\nnote", "expected c2sp.org/tlog-proof@v1"),
        ("\n\nnote", "expected c2sp.org/tlog-proof@v1"),
        ("c2sp.org/tlog-proof@v1\n\nnote", "index line"),
        (f"c2sp.org/tlog-proof@v1\n{HASH}\n\nnote", "index line"),
        ("c2sp.org/tlog-proof@v1\nindex 1\nextra AAAA\n\nnote", "base64"),
        ("c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 1\n\nnote", "index line"),
        ("c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\nnote", "base64"),
        ("c2sp.org/tlog-proof@v1\nindex 01\n\nnote", "decimal"),
        ("c2sp.org/tlog-proof@v1\nindex\n\nnote", "index line"),
        ("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nnote", "hash of 32 bytes, got 3"),
        ("c2sp.org/tlog-proof@v1\r\nindex 1\n\nnote", "expected c2sp.org"),
        (f"c2sp.org/tlog-proof@v1\nindex 1\n{NEWLINED * 64}\nnote", "at most 63 hashes, got 64"),
        (b"\xff", "valid utf-8"),
    ],
)
def test_a_malformed_proof_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(ProofError, match=message):
        TlogProof.parse(text)


parts = st.sampled_from(
    ["c2sp.org/tlog-proof@v1", "\n", "\n\n", "index ", "1", "extra ", "AAAA", HASH, "note"]
)


@given(st.text() | st.binary() | st.lists(parts).map(lambda p: "c2sp.org/tlog-proof@v1\n" + "".join(p)))
def test_whatever_arrives_is_a_proof_or_a_proof_error(text: str | bytes) -> None:
    try:
        proof = TlogProof.parse(text)
    except ProofError:
        return
    assert proof.render() == (text if isinstance(text, str) else text.decode())
