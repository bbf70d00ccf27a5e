import base64
from urllib.parse import parse_qs, urlsplit

from nacl.signing import SigningKey, VerifyKey

from tests.verdict.log_builder import DAY, READ, seed
from vestibule.ledger import canonical
from vestibule.ledger.leaf import privilege_text
from vestibule.sdk.signing import CARD, dialog_url, sign_privilege

PUBLIC = VerifyKey(bytes(SigningKey(seed("marquee")).verify_key))


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_dialog_address_carries_the_signed_card() -> None:
    card: dict[str, str | int] = {"kind": "film", "title": "Stalker & Söhne", "picture": "", "expires": 7}
    url = dialog_url(
        "https://vestibule.example/",
        partner="marquee",
        card=card | {"link": "https://marquee.example/f/1"},
        return_uri="https://marquee.example/back",
        state="s",
        key_id="k1",
        seed=seed("marquee"),
    )
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("vestibule.example", "/dialog")
    data = unpadded(query["card"])
    assert canonical.decode(data)["title"] == "Stalker & Söhne"
    PUBLIC.verify(CARD + data, unpadded(query["signature"]))
    assert (query["partner"], query["key_id"], query["state"]) == ("marquee", "k1", "s")
    assert query["return_uri"] == "https://marquee.example/back"


def test_a_privilege_is_signed_over_its_canonical_text() -> None:
    terms = {"partner": "marquee", "scope": READ, "purpose": "to suggest", "agreement": "ab" * 32}
    signature = sign_privilege(**terms, until_day=DAY, key_id="k1", seed=seed("marquee"))
    text = privilege_text(**terms, until_day=DAY, key_id="k1")
    PUBLIC.verify(text, base64.b64decode(signature, validate=True))
