"""Cards: signed by the partner over their very bytes, and leading nowhere but home."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from vestibule.ledger import canonical
from vestibule.sharing import card as cards
from vestibule.sharing.card import Card
from vestibule.sharing.errors import BadCard

HOME = "https://marquee.test"
SEED = b"m" * 32
PUBLIC = bytes(SigningKey(SEED).verify_key)
NOW = 1_800_000_000


def card(**changed: Any) -> Card:
    fields = {"kind": "film", "title": "Stalker", "picture": "", "link": f"{HOME}/7", "expires": NOW + 1}
    return Card(**{**fields, **changed})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.builds(Card, TEXTS, TEXTS, TEXTS, TEXTS, st.integers(0, 2**53 - 1)))
def test_a_card_survives_the_way_to_the_dialog(made: Card) -> None:
    parameter = base64.urlsafe_b64encode(made.encode()).decode().rstrip("=")

    data = cards.decode_parameter(parameter)

    cards.verify(data, cards.sign(made, SEED), PUBLIC)
    assert Card.parse(data) == made


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_a_signed_card_can_be_changed(place: int, change: int) -> None:
    data = bytearray(card().encode())
    data[place % len(data)] ^= change

    with pytest.raises(BadCard, match="not the partner's signature"):
        cards.verify(bytes(data), cards.sign(card(), SEED), PUBLIC)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64 at all", "é", "A" * 86])
def test_what_is_no_signature_of_the_partner_is_refused(signature: str) -> None:
    with pytest.raises(BadCard, match="signature"):
        cards.verify(card().encode(), signature, PUBLIC)


def test_a_signature_over_the_bare_card_without_its_purpose_is_refused() -> None:
    bare = SigningKey(SEED).sign(card().encode()).signature

    with pytest.raises(BadCard):
        cards.verify(card().encode(), base64.urlsafe_b64encode(bare).decode(), PUBLIC)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"kind": "advert"}, "card.kind"),
        ({"title": ""}, "card.title"),
        ({"title": "x" * 201}, "card.title"),
        ({"title": "line\nbreak"}, "card.title"),
        ({"title": "turned \u202earound"}, "card.title"),
        ({"expires": NOW}, "card.expires: expected after 1800000000, got 1800000000"),
        ({"picture": "http://pictures.test/1"}, "card.picture"),
        ({"picture": "javascript:alert(1)"}, "card.picture"),
        ({"link": "https://evil.test/7"}, "card.link: expected an address under https://marquee.test"),
        ({"link": "https://marquee.test.evil.test/"}, "card.link"),
        ({"link": "https://marquee.test@evil.test/"}, "card.link"),
        ({"link": "https://marquee.test\\@evil.test/"}, "card.link"),
        ({"link": f"{HOME}/\\evil.test"}, "card.link"),
        ({"link": "http://marquee.test/7"}, "card.link"),
        ({"link": "//marquee.test/7"}, "card.link"),
        ({"link": "javascript:alert(1)//marquee.test"}, "card.link"),
        ({"link": "https://["}, "card.link"),
        ({"link": f"{HOME}/\r\nset-cookie: x"}, "card.link"),
        ({"link": f"{HOME}/ü"}, "card.link"),
        ({"link": f"{HOME}/" + "x" * 2000}, "card.link"),
        ({"link": ""}, "card.link"),
    ],
)
def test_a_card_that_is_stale_or_leads_elsewhere_says_what_was_expected(
    changed: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadCard, match=named.replace(".", r"\.")):
        cards.check(card(**changed), HOME, NOW)


def test_a_card_in_order_passes() -> None:
    cards.check(card(picture="https://pictures.test/1", title="Сталкер — 1979"), HOME, NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"title": 7},
        {"expires": "soon"},
        {"more": "x"},
        {"kind": None},
    ],
)
def test_other_fields_and_types_are_refused(fields: dict[str, Any]) -> None:
    whole = {"v": 1, **card().fields(), **fields}
    if fields == {"kind": None}:
        del whole["kind"]

    with pytest.raises(BadCard, match=r"^card"):
        Card.parse(canonical.encode(whole))


@given(st.one_of(st.binary(max_size=100), st.text(max_size=100).map(str.encode)))
def test_any_other_bytes_are_a_bad_card_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(BadCard):
        Card.parse(data)


@pytest.mark.parametrize("text", ["é", "a", "=="])
def test_a_parameter_that_is_not_base64url_is_refused_or_no_card(text: str) -> None:
    with pytest.raises(BadCard):
        Card.parse(cards.decode_parameter(text))


def test_what_is_stored_with_the_message_does_not_carry_the_target() -> None:
    assert HOME not in cards.shown(card(), "/r/token")
