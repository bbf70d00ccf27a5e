from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger import canonical
from vestibule.ledger.consent import Allowed, Chosen, Consent
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.errors import ConsentError

DAY = 20_780
CONSENT = Consent(
    origin="https://vestibule.example",
    partner="jukebox",
    person="DLGLGLIJ55U4FKFTFANN2CM2PJMGC3CP",
    connection="aa" * 16,
    allowed=(
        Allowed("messages.read", "Show a friend's music where you listen", 3),
        Allowed("messages.send", "Thank them for it", 4),
    ),
    chosen=Chosen("picked", ("1c" * 16, "2c" * 16), "1e" * 32, since=5),
    until_day=DAY + 90,
    issued=DAY * MICROSECONDS_A_DAY + 7,
)

names = st.text("ab9._:-", max_size=8).map("a{}".format)
opaque = st.binary(min_size=16, max_size=16).map(bytes.hex)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
numbers = st.integers(0, 2**53 - 1)


def ascending(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(values, max_size=4).map(lambda found: tuple(sorted(found)))


reaches = st.sampled_from(["conversations", "through_partner"])
chosen = st.builds(Chosen, reaches, ascending(opaque), st.just(""), numbers) | st.builds(
    Chosen, st.just("picked"), ascending(opaque), digests, numbers
)
allowed = st.dictionaries(names, st.tuples(texts, numbers), min_size=1, max_size=3).map(
    lambda by_scope: tuple(Allowed(scope, *by_scope[scope]) for scope in sorted(by_scope))
)
consents = st.builds(
    Consent,
    origin=st.sampled_from(["https://chat.example", "http://127.0.0.1:8000", "http://[::1]:80"]),
    partner=names,
    person=st.text("ABYZ27", min_size=32, max_size=32),
    connection=opaque,
    allowed=allowed,
    chosen=chosen,
    until_day=st.integers(110_000, 2**53 - 1),
    issued=numbers,
)


@given(consents)
def test_every_consent_comes_back_from_its_bytes(consent: Consent) -> None:
    assert Consent.parse(consent.encode()) == consent


@given(consents, consents)
def test_two_consents_have_one_challenge_only_if_they_say_the_same(one: Consent, other: Consent) -> None:
    assert (one.challenge() == other.challenge()) == (one == other)


@given(consents, st.data())
def test_no_other_bytes_are_read_as_the_consent_that_was_signed(
    consent: Consent, data: st.DataObject
) -> None:
    wire = bytearray(consent.encode())
    wire[data.draw(st.integers(0, len(wire) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = Consent.parse(bytes(wire))
    except ConsentError:
        return
    assert other != consent
    assert other.challenge() != consent.challenge()


@given(st.binary(max_size=200))
def test_other_bytes_raise_the_room_s_error(data: bytes) -> None:
    with pytest.raises(ConsentError):
        Consent.parse(data)


def test_the_challenge_is_the_hash_of_the_canonical_text() -> None:
    assert CONSENT.encode().startswith(b'{"connection":"aaaa')
    assert CONSENT.challenge() == sha256(CONSENT.encode()).digest()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"v": 2}, "expected version 1, got 2"),
        ({"origin": "chat.example"}, "an origin like"),
        ({"origin": "https://chat.example/"}, "an origin like"),
        ({"origin": "https://Chat.example"}, "an origin like"),
        ({"partner": "Jukebox"}, "a partner like"),
        ({"person": "A" * 31}, "a person's id like"),
        ({"connection": "7"}, "a connection's id like"),
        ({"permissions": []}, "at least one permission, got none"),
        ({"permissions": ["messages.read"]}, "a list of objects in 'permissions'"),
        ({"permissions": [{"scope": "messages.read", "purpose": "p"}]}, "the field 'privilege'"),
        ({"permissions": [{"scope": "a", "purpose": "", "privilege": 1}]}, "a purpose of a of 1 to 4096"),
        ({"permissions": [{"scope": "a", "purpose": "p", "privilege": -1}]}, "privilege from 0"),
        ({"permissions": [{"scope": "a", "purpose": "p", "privilege": 1, "x": 1}]}, "no further field"),
        ({"selection": []}, "an object in 'selection'"),
        ({"until_day": DAY - 1}, f"an end on or after day {DAY}, got day {DAY - 1}"),
        ({"until_day": "20"}, "an integer in 'until_day'"),
        ({"issued": -1}, "issued from 0"),
        ({"more": 1}, "no further field, got 'more'"),
    ],
)
def test_a_malformed_consent_is_refused_and_says_what_is_wrong(
    changes: dict[str, object], message: str
) -> None:
    wire = canonical.decode(CONSENT.encode()) | changes
    with pytest.raises(ConsentError, match=message):
        Consent.parse(canonical.encode(wire))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reach": "everything"}, "a reach of conversations, through_partner, picked, got 'everything'"),
        ({"reach": "conversations"}, "picked messages only with reach picked, got reach conversations"),
        ({"conversations": ["7"]}, "a conversation's id like"),
        ({"conversations": ["2c" * 16, "1c" * 16]}, "conversations in ascending order"),
        ({"picked": ""}, "a commitment to messages like"),
        ({"picked": "1E" * 32}, "a commitment to messages like"),
        ({"since": -1}, "since from 0"),
        ({"until": 1}, "no further field"),
    ],
)
def test_a_malformed_selection_is_refused(changes: dict[str, object], message: str) -> None:
    wire = canonical.decode(CONSENT.encode())
    wire["selection"] |= changes
    with pytest.raises(ConsentError, match=message):
        Consent.parse(canonical.encode(wire))


def test_one_grant_has_one_text_because_its_scopes_have_an_order() -> None:
    with pytest.raises(ConsentError, match="permissions in ascending order, each once"):
        replace(CONSENT, allowed=CONSENT.allowed[::-1])
    with pytest.raises(ConsentError, match="permissions in ascending order, each once"):
        replace(CONSENT, allowed=CONSENT.allowed[:1] * 2)


def test_a_purpose_that_no_utf_8_can_write_is_refused() -> None:
    consent = replace(CONSENT, allowed=(Allowed("messages.read", "\ud800", 3),))
    with pytest.raises(ConsentError, match="lone surrogate"):
        consent.encode()


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"v":1}', b"\xff", CONSENT.encode() + b" "])
def test_what_is_no_canonical_grant_is_refused(data: bytes) -> None:
    with pytest.raises(ConsentError):
        Consent.parse(data)
