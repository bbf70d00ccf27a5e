import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

from vestibule.sdk.connect import Pkce, authorize_url


def test_the_challenge_is_the_verifiers_hash() -> None:
    pkce = Pkce.new()
    expected = base64.urlsafe_b64encode(hashlib.sha256(pkce.verifier.encode()).digest()).rstrip(b"=")
    assert pkce.challenge == expected.decode()
    assert len(pkce.verifier) == 43
    assert pkce != Pkce.new()


def test_the_consent_pages_address_names_a_pushed_request_and_nothing_else() -> None:
    url = authorize_url("https://vestibule.example/", partner="jukebox", request_uri="urn:a&b")

    assert urlsplit(url).path == "/oauth/authorize"
    assert {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} == {
        "client_id": "jukebox",
        "request_uri": "urn:a&b",
    }
