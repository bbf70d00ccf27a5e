import base64

import jwt
import pytest
from nacl.signing import SigningKey

from tests.sdk.partner import keys
from tests.verdict.log_builder import seed
from vestibule.sdk import base64url
from vestibule.sdk.client_assertion import client_assertion
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.errors import BadKey
from vestibule.sdk.keys import Keys

PUBLIC = base64url.encode(bytes(SigningKey(seed("jukebox")).verify_key))
PLATFORM = "https://vestibule.example"


def test_an_assertion_says_what_rfc_7523_asks_for_by_the_registered_key() -> None:
    form = client_assertion(keys(), PLATFORM, now=1_000_000)
    assert form["client_id"] == "jukebox"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    header = jwt.get_unverified_header(form["client_assertion"])
    assert header["kid"] == "k1"
    key = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": PUBLIC}).key
    signed = form["client_assertion"]
    # This reader knows the signature by its older name alone.
    claims = jwt.decode(signed, options={"verify_signature": False})
    assert claims == {
        "iss": "jukebox",
        "sub": "jukebox",
        "aud": PLATFORM,
        "jti": claims["jti"],
        "iat": 1_000_000,
        "exp": 1_000_060,
    }
    said, _, signature = signed.rpartition(".")
    key.verify(base64.urlsafe_b64decode(f"{signature}=="), said.encode())


def test_no_two_assertions_share_their_jti() -> None:
    made = [client_assertion(keys(), PLATFORM, now=1)["client_assertion"] for _ in range(3)]
    assert len({jwt.decode(one, options={"verify_signature": False})["jti"] for one in made}) == 3


def test_a_seed_of_another_length_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(BadKey, match="seed of k1: expected 32 bytes, got 3"):
        Keys("jukebox", "k1", b"abc", DpopKey.new())


def test_a_seed_is_not_shown() -> None:
    assert repr(seed("jukebox")) not in repr(keys())
