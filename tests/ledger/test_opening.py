from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger import canonical, ed25519, request, tags
from vestibule.ledger.commitment import Opening, commit
from vestibule.ledger.errors import OpeningError
from vestibule.ledger.leaf import Event
from vestibule.ledger.opening import NO_GRANT, Private

SEED = b"jukebox's secret, 32 bytes long."
TARGET = "https://vestibule.example/api/v1/conversations/0123456789abc/messages"
HEADERS = request.sign(
    method="GET",
    target_uri=TARGET,
    body=b"",
    authorization="DPoP abc",
    key_id="jukebox-1",
    seed=SEED,
    created=1,
    nonce="n",
)
SIGNED = request.parse(
    method="GET", target_uri=TARGET, headers=HEADERS | {"authorization": "DPoP abc"}, body=b""
)
LANE_KEY = bytes(range(32))
READ = Private(
    person=tags.partner_person_id(LANE_KEY),
    lane=tags.SHARED,
    counter=3,
    partner="jukebox",
    kind="access",
    op="messages.read",
    at=1_790_000_000_000_000,
    grant=5,
    conversation="0123456789abc",
    messages=("ab" * 32, "cd" * 32),
    n=2,
    request=SIGNED,
)
LEAF = Event("access", "messages.read", "jukebox", 2, "grant", 20_000, tags.tag(LANE_KEY, 3), bytes(32))

names = st.from_regex(r"[a-z0-9][a-z0-9._:-]{0,63}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers(0, 2**53 - 1)
privates = st.builds(
    Private,
    person=st.from_regex(r"[A-Z2-7]{32}", fullmatch=True),
    lane=st.sampled_from([tags.SHARED, tags.OWN]),
    counter=numbers,
    partner=names,
    kind=names,
    op=names,
    at=numbers,
    grant=st.just(NO_GRANT) | numbers,
    conversation=texts,
    messages=st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=4).map(tuple),
    n=numbers,
    request=st.none() | st.just(SIGNED),
    extra=st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=10), texts, max_size=3),
)


@given(privates)
def test_every_private_half_comes_back_from_its_bytes(private: Private) -> None:
    assert Private.parse(private.encode()) == private


@given(privates)
def test_the_bytes_written_by_hand_are_the_canonical_form(private: Private) -> None:
    assert private.encode() == canonical.encode(private.fields())


def test_an_opening_leads_from_the_leaf_to_the_partner_s_signature() -> None:
    r = bytes(32)
    leaf = replace(LEAF, commitment=commit(r, READ.encode()))
    opening = Opening(9, r, READ.encode())
    opening.opens(leaf)
    private = Private.parse(opening.private)
    private.agrees_with(leaf, LANE_KEY)
    assert private.request is not None
    request.verify(private.request, ed25519.public_of(SEED))


@pytest.mark.parametrize(
    ("leaf", "message"),
    [
        (replace(LEAF, partner="marquee"), "partner 'marquee', got 'jukebox'"),
        (replace(LEAF, kind="exposure"), "kind"),
        (replace(LEAF, op="friends.list"), "operation"),
        (replace(LEAF, n=3), "number of items 3, got 2"),
        (replace(LEAF, tag=tags.tag(LANE_KEY, 4)), "tag of counter 3"),
    ],
)
def test_a_private_half_that_says_something_else_than_its_leaf_is_refused(leaf: Event, message: str) -> None:
    with pytest.raises(OpeningError, match=message):
        READ.agrees_with(leaf, LANE_KEY)


def test_a_private_half_of_another_person_s_lane_is_refused() -> None:
    private = replace(READ, person=tags.partner_person_id(bytes(32)))
    with pytest.raises(
        OpeningError, match=f"expected person {READ.person} of this lane, got {private.person}"
    ):
        private.agrees_with(LEAF, LANE_KEY)


def test_an_exposure_shows_one_item_and_keeps_the_true_number() -> None:
    private = replace(READ, kind="exposure", n=40)
    private.agrees_with(replace(LEAF, kind="exposure", n=1), LANE_KEY)
    with pytest.raises(OpeningError, match="number of items 40, got 1"):
        private.agrees_with(replace(LEAF, kind="exposure", n=40), LANE_KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"person": "A" * 31},
        {"person": "a" * 32},
        {"subject": "00" * 16},
        {"lane": "third"},
        {"counter": "3"},
        {"counter": -2},
        {"messages": ["ab"]},
        {"messages": [1]},
        {"messages": "ab" * 32},
        {"partner": "Jukebox"},
        {"extra": {"a": 1}},
        {"more": 1},
        {"request": {"base": SIGNED.base, "signature": "AAAA", "key_id": "jukebox-1"}},
        {"request": {"base": "x", "signature": "AAAA", "key_id": "jukebox-1"}},
        {"request": {}},
    ],
)
def test_a_malformed_private_half_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(OpeningError):
        Private.parse(canonical.encode(READ.fields() | changes))


def test_a_request_under_another_key_id_than_its_base_is_refused() -> None:
    wire = READ.fields()
    wire["request"]["key_id"] = "marquee-1"
    with pytest.raises(OpeningError, match="key id of the base, 'jukebox-1', got 'marquee-1'"):
        Private.parse(canonical.encode(wire))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"v":1}', b"\xff"])
def test_other_bytes_raise_the_room_s_error(data: bytes) -> None:
    with pytest.raises(OpeningError):
        Private.parse(data)


@pytest.mark.parametrize(
    "changes", [{"partner": 'a","x":"'}, {"op": "a\n"}, {"messages": ('ab","',)}, {"person": '","v":'}]
)
def test_nothing_can_be_smuggled_into_the_bytes_written_by_hand(changes: dict[str, object]) -> None:
    with pytest.raises(OpeningError):
        replace(READ, **changes)  # type: ignore[arg-type]  # wrong on purpose
