import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey, VerifyKey

from tests.verdict.log_builder import DAY, READ, seed
from vestibule.ledger.leaf import privilege_text
from vestibule.sdk.signing import dialog_url, sign_card, sign_privilege

PUBLIC = VerifyKey(bytes(SigningKey(seed("marquee")).verify_key))
PUBLIC_X = base64.urlsafe_b64encode(bytes(PUBLIC)).decode().rstrip("=")


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
def test_a_card_is_a_jws_that_another_library_reads() -> None:
    card: dict[str, str | int] = {"kind": "film", "title": "Stalker & Söhne", "exp": 7}

    text = sign_card(
        "https://vestibule.example/", partner="marquee", card=card, key_id="k1", seed=seed("marquee")
    )

    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": PUBLIC_X})
    found = jws.deserialize_compact(text, key, algorithms=["EdDSA"])
    assert found.headers() == {"alg": "EdDSA", "kid": "k1", "typ": "vestibule-card+jwt"}
    assert json.loads(found.payload) == card | {"iss": "marquee", "aud": "https://vestibule.example"}


def test_a_dialog_address_carries_card_and_placement() -> None:
    back = "https://marquee.example/back"
    url = dialog_url("https://vestibule.example/", card="a.b.c", return_uri=back, state="s&t", surface="film")

    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == ("vestibule.example", "/dialog")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert query == {"card": "a.b.c", "return_uri": back, "state": "s&t", "surface": "film"}


def test_a_privilege_is_signed_over_its_canonical_text() -> None:
    terms = {"partner": "marquee", "scope": READ, "purpose": "to suggest", "agreement": "ab" * 32}
    signature = sign_privilege(**terms, until_day=DAY, key_id="k1", seed=seed("marquee"))
    text = privilege_text(**terms, until_day=DAY, key_id="k1")
    PUBLIC.verify(text, base64.b64decode(signature, validate=True))
