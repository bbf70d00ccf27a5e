import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vestibule.tlog.errors import CheckpointError, NoteError
from vestibule.tlog.merkle import EMPTY_ROOT, MAX_SIZE
from vestibule.tlog.note import COSIGNATURE, SigningKey

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TEXT = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
KEY = SigningKey.from_seed("example.com/behind-the-sofa", bytes(32))


def test_the_published_checkpoint_reads_back() -> None:
    checkpoint = Checkpoint.parse(TEXT)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text == TEXT


@given(
    st.text(st.characters(exclude_categories=["C"]), min_size=1),
    st.integers(1, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
)
def test_every_checkpoint_reads_back(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_a_signed_checkpoint_opens_with_the_log_key_alone() -> None:
    checkpoint = Checkpoint.parse(TEXT)
    note = sign_checkpoint(checkpoint, KEY)
    assert open_checkpoint(note, KEY.verifier) == checkpoint
    assert open_checkpoint(note.encode(), KEY.verifier) == checkpoint
    stranger = SigningKey.from_seed("example.com/behind-the-sofa", b"s" * 32)
    with pytest.raises(NoteError, match="got none"):
        open_checkpoint(note, stranger.verifier)
    with pytest.raises(NoteError, match="does not verify"):
        open_checkpoint(note.replace("20852163", "20852164"), KEY.verifier)


def test_a_key_signs_and_opens_its_own_origin_only() -> None:
    other = SigningKey.from_seed("example.com/other", bytes(32))
    with pytest.raises(
        CheckpointError, match=r"expected a key named example.com/behind-the-sofa, got example.com/o"
    ):
        sign_checkpoint(Checkpoint.parse(TEXT), other)
    with pytest.raises(CheckpointError, match="expected a key named"):
        open_checkpoint(f"{TEXT}\n{other.sign(TEXT)}", other.verifier)


def test_a_cosigner_is_no_log() -> None:
    with pytest.raises(NoteError, match="signs only with a time"):
        sign_checkpoint(
            Checkpoint.parse(TEXT), SigningKey.from_seed(KEY.verifier.name, bytes(32), COSIGNATURE)
        )


def test_the_empty_log_has_the_empty_root() -> None:
    assert Checkpoint("o", 0, EMPTY_ROOT).text.startswith("o\n0\n47DEQpj8HBSa")
    with pytest.raises(CheckpointError, match="tree size is 0"):
        Checkpoint("o", 0, bytes(32))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "three lines"),
        ("o\n1\n", "three lines"),
        (f"o\n1\n{ROOT}", "three lines"),
        (f"o\n1\n{ROOT}\n\n", "three lines"),
        (f"o\n1\n{ROOT}\nextension\n", "three lines, got 4"),
        (f"o\n1\n{ROOT}\nunfinished", "three lines"),
        (f"\n1\n{ROOT}\n", "origin"),
        (f"o\x00\n1\n{ROOT}\n", "origin"),
        (f"o\r\n1\n{ROOT}\n", "origin"),
        (f"\ud800\n1\n{ROOT}\n", "utf-8"),
        (f"o\n01\n{ROOT}\n", "decimal"),
        (f"o\n+1\n{ROOT}\n", "decimal"),
        (f"o\n-1\n{ROOT}\n", "decimal"),
        (f"o\n 1\n{ROOT}\n", "decimal"),
        (f"o\n1_0\n{ROOT}\n", "decimal"),
        (f"o\n\N{ARABIC-INDIC DIGIT ONE}\n{ROOT}\n", "decimal"),
        (f"o\n\n{ROOT}\n", "decimal"),
        (f"o\n{2**63}\n{ROOT}\n", "decimal"),
        (f"o\n{'9' * 5000}\n{ROOT}\n", "decimal"),
        ("o\n1\nAAAA\n", "hash of 32 bytes, got 3"),
        (f"o\n1\n{ROOT[:-2]}J=\n", "canonical base64"),
        (f"o\n1\n{ROOT[:-1]}\n", "base64"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        Checkpoint.parse(text)


@pytest.mark.parametrize(("size", "root"), [(-1, bytes(32)), (MAX_SIZE + 1, bytes(32)), (1, bytes(31))])
def test_an_impossible_checkpoint_cannot_be_made(size: int, root: bytes) -> None:
    with pytest.raises(CheckpointError, match="expected"):
        Checkpoint("o", size, root)


@given(st.text() | st.lists(st.sampled_from(["\n", "o", "1", "0", ROOT, "x\n"])).map("".join))
def test_whatever_arrives_is_a_checkpoint_or_a_checkpoint_error(text: str) -> None:
    try:
        checkpoint = Checkpoint.parse(text)
    except CheckpointError:
        return
    assert checkpoint.text == text
