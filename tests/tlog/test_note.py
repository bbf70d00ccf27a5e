from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.errors import NoteError
from vestibule.tlog.note import COSIGNATURE, ED25519, Note, Signature, SigningKey, VerifierKey

# The vector of C2SP signed-note.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1"
    "Yu72IneyaQM=\n"
)
NOTE = f"{TEXT}\n{LINE}"

KEY = SigningKey.from_seed("example.com/log", bytes(range(32)))
OTHER = SigningKey.from_seed("example.com/other", bytes(32))

names = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters="+"), min_size=1)
texts = st.text(st.characters(exclude_categories=["C"]) | st.just("\n")).map(lambda text: text + "\n")


def signed(text: str, *keys: SigningKey) -> str:
    return f"{text}\n{''.join(key.sign(text) for key in keys)}"


def test_the_published_note_verifies() -> None:
    key = VerifierKey.parse(VKEY)
    assert (key.name, key.key_id.hex(), key.algorithm) == ("example.com/foo", "530d903a", ED25519)
    assert str(key) == VKEY
    note = Note.parse(NOTE)
    assert note.text == TEXT
    assert note.verified([key]) == (key,)
    assert note.render() == NOTE


def test_a_note_may_arrive_as_bytes() -> None:
    assert Note.parse(NOTE.encode()) == Note.parse(NOTE)


@given(names, st.binary(min_size=32, max_size=32), st.sampled_from([ED25519, COSIGNATURE]))
def test_a_vkey_reads_back(name: str, seed: bytes, algorithm: int) -> None:
    key = SigningKey.from_seed(name, seed, algorithm).verifier
    assert VerifierKey.parse(str(key)) == key


@given(texts)
def test_whatever_a_key_signs_verifies(text: str) -> None:
    note = Note.parse(signed(text, KEY))
    assert note.text == text
    assert note.verified([KEY.verifier]) == (KEY.verifier,)


def test_the_last_blank_line_ends_the_text() -> None:
    text = "one\n\ntwo\n\n\n"
    note = Note.parse(signed(text, KEY))
    assert note.text == text
    assert note.verified([KEY.verifier])


def test_a_changed_text_is_refused() -> None:
    note = replace(Note.parse(NOTE), text="This is an exemple message.\n")
    with pytest.raises(NoteError, match=r"signature by example\.com/foo does not verify"):
        note.verified([VerifierKey.parse(VKEY)])


def test_a_wrong_key_is_an_unknown_key() -> None:
    with pytest.raises(NoteError, match="expected a signature by one of 1 known keys, got none"):
        Note.parse(NOTE).verified([KEY.verifier])
    with pytest.raises(NoteError, match="one of 0 known keys"):
        Note.parse(NOTE).verified([])


def test_the_same_name_with_another_key_is_unknown() -> None:
    namesake = SigningKey.from_seed("example.com/log", bytes(32))
    with pytest.raises(NoteError, match="got none"):
        Note.parse(signed(TEXT, namesake)).verified([KEY.verifier])


def test_the_same_key_id_under_another_name_is_unknown() -> None:
    borrowed = Signature("example.com/elsewhere", KEY.verifier.key_id, KEY.sign_bytes(TEXT.encode())).render()
    with pytest.raises(NoteError, match="got none"):
        Note.parse(f"{TEXT}\n{borrowed}").verified([KEY.verifier])


def test_a_bad_signature_by_a_known_key_spoils_a_note_that_another_key_signed_well() -> None:
    forged = Signature(KEY.verifier.name, KEY.verifier.key_id, bytes(64)).render()
    note = Note.parse(signed(TEXT, OTHER) + forged)
    assert note.verified([OTHER.verifier]) == (OTHER.verifier,)
    with pytest.raises(NoteError, match=r"signature by example\.com/log does not verify"):
        note.verified([OTHER.verifier, KEY.verifier])


def test_a_bad_signature_beside_a_good_one_of_the_same_key_spoils_the_note() -> None:
    forged = Signature(KEY.verifier.name, KEY.verifier.key_id, bytes(64)).render()
    with pytest.raises(NoteError, match="does not verify"):
        Note.parse(signed(TEXT, KEY) + forged).verified([KEY.verifier])


def test_a_key_that_signed_twice_counts_once() -> None:
    note = Note.parse(signed(TEXT, KEY, KEY))
    assert note.verified([KEY.verifier, KEY.verifier]) == (KEY.verifier,)


def test_unknown_signatures_of_any_kind_and_length_are_ignored() -> None:
    unknown = Signature("post.quantum", b"\x01\x02\x03\x04", bytes(3300)).render()
    note = Note.parse(signed(TEXT, KEY) + unknown * 16)
    assert note.verified([KEY.verifier]) == (KEY.verifier,)


def test_the_length_of_a_known_signature_is_checked() -> None:
    short = Signature(KEY.verifier.name, KEY.verifier.key_id, bytes(63)).render()
    with pytest.raises(NoteError, match=r"expected a signature of 64 bytes by example.com/log, got 63"):
        Note.parse(f"{TEXT}\n{short}").verified([KEY.verifier])


def test_too_many_signatures_are_refused() -> None:
    with pytest.raises(NoteError, match="expected at most 100 signatures, got 101"):
        Note.parse(f"{TEXT}\n{LINE * 101}")


def test_lines_are_added_once() -> None:
    note = Note.parse(NOTE).with_lines(KEY.sign(TEXT), LINE)
    assert note.render() == NOTE + KEY.sign(TEXT)
    assert note.with_lines(KEY.sign(TEXT)) == note
    with pytest.raises(NoteError, match="expected a signature line"):
        note.with_lines("nothing\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "end in a newline"),
        (NOTE[:-1], "end in a newline"),
        (TEXT, "expected a blank line"),
        (TEXT + LINE, "expected a blank line"),
        (f"{TEXT}\n", "expected a signature line of dash, name and base64"),
        (f"{TEXT}\r\n\n{LINE}", "no control characters"),
        (f"a\tb\n\n{LINE}", "no control characters"),
        (f"a\x00\n\n{LINE}", "no control characters"),
        (f"{TEXT}\n- example.com/foo AAAAAAA=\n", "em dash"),
        (f"{TEXT}\n— example.com/foo\n", "dash, name and base64"),
        (f"{TEXT}\n—  example.com/foo AAAAAAA=\n", "dash, name and base64"),
        (f"{TEXT}\n— example.com/foo AAAAAAA= x\n", "dash, name and base64"),
        (f"{TEXT}\n—  AAAAAAA=\n", "key name"),
        (f"{TEXT}\n— a+b AAAAAAA=\n", "key name"),
        (f"{TEXT}\n— a\u00a0b AAAAAAA=\n", "key name"),
        (f"{TEXT}\n— a\u2028b AAAAAAA=\n", "key name"),
        (f"{TEXT}\n— a AAAAAA==\n", "key id and a signature by a, got 4 bytes"),
        (f"{TEXT}\n— a AAAAAAA\n", "expected base64"),
        (f"{TEXT}\n— a AAAA_AA=\n", "expected base64"),
        (f"{TEXT}\n— a AAAAAAB=\n", "canonical base64"),
        (f"{TEXT}\n— a ÄÄÄÄ\n", "expected base64"),
        (f"{TEXT}\n{LINE}\n", "dash, name and base64"),
        ("\ud800\n\n— a AAAAAAA=\n", "valid utf-8"),
        (b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n", "valid utf-8"),
    ],
)
def test_a_malformed_note_is_refused(data: str | bytes, message: str) -> None:
    with pytest.raises(NoteError, match=message):
        Note.parse(data)


@given(
    st.text()
    | st.binary()
    | st.lists(st.sampled_from(["\n", "— ", "a ", "AAAAAAA=", "x", LINE])).map("".join)
)
def test_whatever_arrives_is_a_note_or_a_note_error(data: str | bytes) -> None:
    try:
        note = Note.parse(data)
    except NoteError:
        return
    assert note.render() == (data if isinstance(data, str) else data.decode())


def vkey(name: str, algorithm: int, public: bytes) -> str:
    material = b64encode(bytes([algorithm]) + public).decode()
    return f"{name}+{KEY.verifier.key_id.hex()}+{material}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"name\+id\+key"),
        ("a+b", r"name\+id\+key"),
        ("a+00000000+", "got nothing"),
        ("a+00000000+!!!!", "expected base64"),
        (vkey("a", 7, bytes(1312)), "signature type 0x01, 0x04 or 0x06, got 0x07"),
        (vkey("a", 1, bytes(31)), "public key of 32 bytes, got 31"),
        (VKEY.replace("530d903a", "530d903b"), "expected key id 530d903a"),
        (VKEY.replace("530d903a", "530D903A"), "expected key id 530d903a"),
        (VKEY.replace("example.com/foo", "example.com/bar"), "expected key id"),
        (VKEY.replace("example.com/foo", ""), "key name"),
        (VKEY.replace("example.com/foo", "example.com foo"), "key name"),
        (VKEY.replace("example.com/foo", "\udc00"), "valid utf-8"),
    ],
)
def test_a_malformed_vkey_is_refused(text: str, message: str) -> None:
    with pytest.raises(NoteError, match=message):
        VerifierKey.parse(text)


@given(st.text() | st.lists(st.sampled_from(["+", "a", "530d903a", "AekyeRrm", "AQ=="])).map("".join))
def test_whatever_arrives_is_a_vkey_or_a_note_error(text: str) -> None:
    try:
        key = VerifierKey.parse(text)
    except NoteError:
        return
    assert str(key) == text


def test_a_seed_has_32_bytes_and_shows_nowhere() -> None:
    with pytest.raises(NoteError, match="expected a seed of 32 bytes, got 31"):
        SigningKey.from_seed("a", bytes(31))
    assert "_sign" not in repr(KEY)


def test_a_plain_key_signs_texts_with_a_final_newline_only() -> None:
    with pytest.raises(NoteError, match="end in a newline"):
        KEY.sign("no newline")


def test_a_key_of_small_order_verifies_nothing() -> None:
    # The neutral element as public key would accept one signature for every text.
    key = VerifierKey("a", ED25519, b"\x01" + bytes(31))
    forged = Signature(key.name, key.key_id, b"\x01" + bytes(63)).render()
    with pytest.raises(NoteError, match="does not verify"):
        Note.parse(f"{TEXT}\n{forged}").verified([key])
