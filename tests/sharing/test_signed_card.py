"""A signed card: a JWS as any library makes it, of one form, and by the key that it names."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey

from vestibule.sdk.signing import sign_card
from vestibule.sharing.card import Card
from vestibule.sharing.errors import BadCard
from vestibule.sharing.signed_card import SignedCard

SEED = b"m" * 32
PUBLIC = bytes(SigningKey(SEED).verify_key)
PLATFORM = "https://platform.test"
HEADER = {"alg": "EdDSA", "kid": "k1", "typ": "vestibule-card+jwt"}
CARD = Card("film", "Stalker", "", "https://marquee.test/7", 1_800_000_000, "spring")
CLAIMS = {"iss": "marquee", "aud": PLATFORM, **CARD.claims()}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: bytes, claims: bytes) -> str:
    told = f"{b64(header)}.{b64(claims)}"
    return f"{told}.{b64(SigningKey(SEED).sign(told.encode()).signature)}"


def of(header: Any = HEADER, claims: Any = CLAIMS) -> str:
    return signed(json.dumps(header).encode(), json.dumps(claims).encode())


@given(st.builds(Card, TEXTS, TEXTS, TEXTS, TEXTS, st.integers(0, 2**53 - 1), TEXTS))
def test_a_card_survives_the_way_to_the_dialog(card: Card) -> None:
    text = sign_card(PLATFORM, partner="marquee", card=card.claims(), key_id="k1", seed=SEED)

    found = SignedCard.parse(text)

    found.verify(PUBLIC)
    assert (found.partner_id, found.audience, found.key_id, found.card) == ("marquee", PLATFORM, "k1", card)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_a_card_that_another_library_made_is_read_whatever_the_order_of_its_members(alg: str) -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64(PUBLIC), "d": b64(SEED)})
    header = {"typ": HEADER["typ"], "kid": "k1", "alg": alg}
    claims = json.dumps(dict(reversed(CLAIMS.items())), indent=1)

    found = SignedCard.parse(joserfc_jws.serialize_compact(header, claims, key, algorithms=[alg]))

    found.verify(PUBLIC)
    assert found.card == CARD


@given(st.data())
def test_no_character_of_a_signed_card_can_be_changed(data: st.DataObject) -> None:
    text = of()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != text[place]))

    with pytest.raises(BadCard):
        SignedCard.parse(text[:place] + other + text[place + 1 :]).verify(PUBLIC)


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ({**HEADER, "alg": "none"}, "card header.alg: expected EdDSA, got 'none'"),
        ({**HEADER, "alg": "HS256"}, "card header.alg"),
        ({**HEADER, "alg": ["EdDSA"]}, "card header.alg"),
        ({**HEADER, "typ": "JWT"}, "card header.typ: expected vestibule-card+jwt, got 'JWT'"),
        ({**HEADER, "kid": 7}, "card header.kid: expected an id like"),
        ({**HEADER, "kid": "\ud800"}, "card header.kid"),
        ({**HEADER, "jwk": {}}, "card header: expected alg, kid and typ, got alg, jwk, kid, typ"),
        ({**HEADER, "jku": "https://evil.test"}, "card header: expected"),
        ({**HEADER, "x5c": []}, "card header: expected"),
        ({**HEADER, "crit": ["exp"], "exp": 1}, "card header: expected"),
        ({"alg": "EdDSA", "kid": "k1"}, "card header: expected alg, kid and typ, got alg, kid"),
        ([], "card header: expected a JSON object, got list"),
    ],
)
def test_a_header_that_brings_anything_else_is_refused(header: Any, named: str) -> None:
    with pytest.raises(BadCard) as refused:
        SignedCard.parse(of(header=header))

    assert str(refused.value).startswith(named)


@pytest.mark.parametrize(
    ("claims", "named"),
    [
        ({**CLAIMS, "iss": "../evil"}, "card.iss: expected an id like"),
        ({**CLAIMS, "iss": 7}, "card.iss: expected text, got 7"),
        ({**CLAIMS, "aud": [PLATFORM]}, "card.aud: expected text"),
        ({**CARD.claims(), "iss": "marquee"}, "card.aud: expected text, got None"),
        ({**CLAIMS, "sub": "ana"}, "card.sub: expected no such claim"),
        ("text", "card: expected a JSON object, got str"),
    ],
)
def test_claims_that_are_not_a_cards_are_refused(claims: Any, named: str) -> None:
    with pytest.raises(BadCard) as refused:
        SignedCard.parse(of(claims=claims))

    assert str(refused.value).startswith(named)


@pytest.mark.parametrize(
    "claims",
    [
        json.dumps(CLAIMS).encode()[:-1] + b', "exp": 1}',
        b"[" * 5000,
        b"\xff",
        b'{"exp": ' + b"9" * 5000 + b"}",
        b"",
    ],
)
def test_claims_that_two_readers_may_read_differently_are_no_card(claims: bytes) -> None:
    with pytest.raises(BadCard, match=r"^card: expected JSON"):
        SignedCard.parse(signed(json.dumps(HEADER).encode(), claims))


def test_another_key_and_another_purpose_are_no_signature_of_it() -> None:
    with pytest.raises(BadCard, match="expected one by the key k1 of marquee over this header"):
        SignedCard.parse(of()).verify(bytes(SigningKey(b"j" * 32).verify_key))


@given(st.one_of(st.text(max_size=100), st.text("abcEyJ.-_=", max_size=100)))
def test_any_other_text_is_a_bad_card_and_nothing_worse(text: str) -> None:
    with pytest.raises(BadCard):
        SignedCard.parse(text)


def test_a_card_of_any_length_is_not_even_read() -> None:
    with pytest.raises(BadCard, match="at most 8000 ASCII characters, got 9000"):
        SignedCard.parse("x" * 9000)
