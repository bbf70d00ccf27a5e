"""A passkey's assertion over a canonical grant: what WebAuthn section 7.2 checks and anybody can later."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import webauthn
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from tests.verdict.passkeys import SCALAR, Authenticator, cbor_bytes
from vestibule.ledger.agreement import Passkey
from vestibule.ledger.consent import Allowed, Chosen, Consent
from vestibule.verdict import assertion, cose
from vestibule.verdict.errors import BadAgreement

CONSENT = Consent(
    origin="https://vestibule.example",
    partner="jukebox",
    person="DLGLGLIJ55U4FKFTFANN2CM2PJMGC3CP",
    connection="aa" * 16,
    allowed=(Allowed("messages.read", "Show a friend's music", 3),),
    chosen=Chosen("conversations", ("1c" * 16,), "", since=5),
    until_day=20_870,
    issued=1_795_450_000_000_000,
)
ALICE = Authenticator()
HERS = ALICE.agree(CONSENT)


@pytest.mark.parametrize("of_eddsa", [False, True])
def test_what_her_passkey_signed_is_hers(of_eddsa: bool) -> None:  # noqa: FBT001  (a parameter)
    assertion.check(Authenticator(of_eddsa=of_eddsa).agree(CONSENT), CONSENT)


@pytest.mark.parametrize("of_eddsa", [False, True])
def test_the_library_that_the_server_signs_people_in_with_agrees(of_eddsa: bool) -> None:  # noqa: FBT001
    passkey = Authenticator(of_eddsa=of_eddsa).agree(CONSENT)
    credential = {
        "id": "YQ",
        "rawId": "YQ",
        "type": "public-key",
        "response": {
            "authenticatorData": webauthn.helpers.bytes_to_base64url(passkey.authenticator_data),
            "clientDataJSON": webauthn.helpers.bytes_to_base64url(passkey.client_data_json),
            "signature": webauthn.helpers.bytes_to_base64url(passkey.signature),
        },
    }
    webauthn.verify_authentication_response(
        credential=credential,
        expected_challenge=CONSENT.challenge(),
        expected_rp_id="vestibule.example",
        expected_origin=CONSENT.origin,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=0,
        require_user_verification=True,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "webauthn.create"}, "client data, type: expected webauthn.get, got 'webauthn.create'"),
        ({"challenge": "AAAA"}, "client data, challenge: expected .*, got 'AAAA'"),
        ({"origin": "https://evil.example"}, "client data, origin: expected https://vestibule.example"),
        ({"origin": None}, "client data, origin: expected .*, got None"),
        ({"crossOrigin": True}, "the platform's own page, got one inside another site's"),
        ({"client_data": b"[]"}, "client data: expected an object, got list"),
        ({"client_data": b"{"}, "client data: expected JSON"),
        ({"client_data": b"\xff"}, "client data: expected JSON"),
        ({"rp_id": "evil.example"}, "authenticator data: expected the hash of rp id vestibule.example"),
        ({"flags": 0x01}, "a user that was verified, got flags 0x01"),
        ({"flags": 0x04}, "a user that was present, got flags 0x04"),
        ({"cut": 36}, "authenticator data: expected at least 37 bytes, got 36"),
    ],
)
def test_a_signature_over_anything_else_than_the_grant_on_the_platform_s_page_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadAgreement, match=message):
        assertion.check(Authenticator().agree(CONSENT, **changes), CONSENT)


def test_an_assertion_over_another_grant_is_refused() -> None:
    more = replace(CONSENT, until_day=CONSENT.until_day + 1)
    with pytest.raises(BadAgreement, match="client data, challenge"):
        assertion.check(ALICE.agree(CONSENT), more)


def test_another_passkey_s_signature_is_refused() -> None:
    other = Authenticator(scalar=SCALAR + 1).agree(CONSENT)
    with pytest.raises(BadAgreement, match="signature: expected one by this public key"):
        assertion.check(replace(HERS, signature=other.signature), CONSENT)
    with pytest.raises(BadAgreement, match="signature: expected one by this public key"):
        assertion.check(replace(HERS, public_key=other.public_key), CONSENT)


@given(st.sampled_from(["authenticator_data", "signature", "public_key", "client_data_json"]), st.data())
def test_no_byte_of_an_assertion_can_be_changed(part: str, data: st.DataObject) -> None:
    octets = bytearray(getattr(HERS, part))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadAgreement):
        assertion.check(replace(HERS, **{part: bytes(octets)}), CONSENT)


@given(st.binary(max_size=120))
def test_other_bytes_than_a_key_raise_the_room_s_error(key: bytes) -> None:
    with pytest.raises(BadAgreement):
        cose.verify(key, b"m", b"s")


def test_rsa_is_refused_however_right_its_signature_is() -> None:
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    modulus = secret.public_key().public_numbers().n.to_bytes(256, "big")
    # {1: 3, 3: -257, -1: n, -2: e}: RS256, RFC 8230
    key = b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00" + modulus + b"\x21\x43\x01\x00\x01"
    signed = HERS.authenticator_data + sha256(HERS.client_data_json).digest()
    signature = secret.sign(signed, padding.PKCS1v15(), SHA256())
    with pytest.raises(BadAgreement, match=r"expected kty, alg and crv .* got \(3, -257, b"):
        assertion.check(Passkey(HERS.authenticator_data, HERS.client_data_json, signature, key), CONSENT)


ES256 = b"\x01\x02\x03\x26\x20\x01"
X, Y = b"\x21" + cbor_bytes(bytes(32)), b"\x22" + cbor_bytes(bytes(32))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (b"", "a whole CBOR map, got the beginning of one"),
        (b"\xa5" + ES256 + X, "a whole CBOR map, got the beginning of one"),
        (b"\xbb" + b"\xff" * 8, "a whole CBOR map, got the beginning of one"),
        (b"\xa1\x01\x5b" + b"\xff" * 8, "a whole CBOR map, got the beginning of one"),
        (b"\x80", "a CBOR map, got major type 4"),
        (b"\xbf\xff", "CBOR of definite length"),
        (b"\xa1\x61\x61\x01", "CBOR integers and byte strings, got major type 3"),
        (b"\xa1\x41\x01\x01", "each label once, a number, got b"),
        (b"\xa2\x01\x02\x01\x02", "each label once, a number, got 1"),
        (b"\xa5" + ES256 + X + Y + b"\x00", "nothing behind its CBOR map, got more"),
        (b"\xa5" + ES256 + X + Y, "a point of P-256, got another"),
        (b"\xa4" + ES256 + X, "32 bytes under label -3, got None"),
        (b"\xa5" + ES256 + X + b"\x22\x41\x00", "32 bytes under label -3, got b"),
        (b"\xa5" + ES256 + X + b"\x22\xf4", "CBOR integers and byte strings, got major type 7"),
        (b"\xa5\x01\x02\x03\x26\x20\x02" + X + Y, r"expected kty, alg and crv .*, got \(2, -7, 2\)"),
        (b"\xa1\x01\x02", r"expected kty, alg and crv .*, got \(2, None, None\)"),
    ],
)
def test_a_key_of_another_kind_or_form_is_refused_and_says_why(key: bytes, message: str) -> None:
    with pytest.raises(BadAgreement, match=message):
        cose.verify(key, b"m", b"s")
