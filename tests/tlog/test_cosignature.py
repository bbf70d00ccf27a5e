import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.cosignature import MAX_TIMESTAMP, cosign, cosigned_message, verify_cosignature
from vestibule.tlog.errors import NoteError
from vestibule.tlog.note import COSIGNATURE, Note, Signature, SigningKey

# The example of C2SP tlog-cosignature.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501 -- lines of the published example
KEY = SigningKey.from_seed("witness.example.com/w1", bytes(32), COSIGNATURE)
TEXT = Note.parse(EXAMPLE).text


def blob(line: str) -> bytes:
    return Signature.parse(line).blob


def test_the_published_example_has_its_size_and_its_time() -> None:
    log, witness = Note.parse(EXAMPLE).signatures
    assert log.key_id.hex() == "033de0ae"
    assert witness.key_id.hex() == "8d66cf3f"
    assert len(witness.blob) == 72
    assert int.from_bytes(witness.blob[:8], "big") == 1679315147
    assert Checkpoint.parse(TEXT).size == 20852163


def test_the_signed_message_is_the_published_one() -> None:
    assert cosigned_message(TEXT, 1679315147) == (
        b"cosignature/v1\n"
        b"time 1679315147\n"
        b"example.com/behind-the-sofa\n"
        b"20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


@given(st.integers(0, MAX_TIMESTAMP))
def test_a_cosignature_gives_its_time_back(timestamp: int) -> None:
    line = cosign(TEXT, KEY, timestamp)
    assert verify_cosignature(TEXT, blob(line), KEY.verifier) == timestamp
    assert Note.parse(EXAMPLE + line).verified([KEY.verifier]) == (KEY.verifier,)


def test_another_time_another_text_or_another_key_does_not_verify() -> None:
    made = blob(cosign(TEXT, KEY, 1000))
    with pytest.raises(NoteError, match="does not verify"):
        verify_cosignature(TEXT, (1001).to_bytes(8, "big") + made[8:], KEY.verifier)
    with pytest.raises(NoteError, match="does not verify"):
        verify_cosignature(TEXT.replace("20852163", "20852164"), made, KEY.verifier)
    other = SigningKey.from_seed("witness.example.com/w1", b"x" * 32, COSIGNATURE)
    with pytest.raises(NoteError, match="does not verify"):
        verify_cosignature(TEXT, made, other.verifier)


def test_a_plain_signature_is_no_cosignature() -> None:
    plain = SigningKey.from_seed(KEY.verifier.name, bytes(32))
    assert plain.verifier.public == KEY.verifier.public
    assert plain.verifier.key_id != KEY.verifier.key_id
    with pytest.raises(
        NoteError, match=r"expected a cosignature of 72 bytes by witness.example.com/w1, got 64"
    ):
        verify_cosignature(TEXT, blob(plain.sign(TEXT)), KEY.verifier)
    with pytest.raises(NoteError, match="expected a key of signature type 0x04 or 0x06, got 0x01"):
        verify_cosignature(TEXT, blob(cosign(TEXT, KEY, 1)), plain.verifier)
    with pytest.raises(NoteError, match="expected a key of signature type 0x04 or 0x06, got 0x01"):
        cosign(TEXT, plain, 1)


def test_a_cosigner_does_not_sign_without_a_time() -> None:
    with pytest.raises(NoteError, match="signs only with a time"):
        KEY.sign(TEXT)


@pytest.mark.parametrize("timestamp", [-1, MAX_TIMESTAMP + 1])
def test_a_time_out_of_range_is_neither_signed_nor_accepted(timestamp: int) -> None:
    with pytest.raises(NoteError, match="expected a timestamp"):
        cosign(TEXT, KEY, timestamp)
    signature = KEY.sign_bytes(cosigned_message(TEXT, timestamp % 2**64))
    with pytest.raises(NoteError, match="expected a timestamp"):
        verify_cosignature(TEXT, (timestamp % 2**64).to_bytes(8, "big") + signature, KEY.verifier)


@given(st.binary(max_size=100))
def test_whatever_arrives_is_a_cosignature_or_a_note_error(data: bytes) -> None:
    with pytest.raises(NoteError):
        verify_cosignature(TEXT, data, KEY.verifier)
