"""docs/authorization.md names what is there: endpoints, types, lifetimes and errors."""

import json
import re
from pathlib import Path

from vestibule.connections import tokens
from vestibule.connections.grants import Reach
from vestibule.oauth import rfc6749_authorize, rfc6749_token, rfc7523, rfc8414, rfc9396, rfc9728

ISSUER = "https://vestibule.example"
PAGE = (Path(__file__).parents[2] / "docs" / "authorization.md").read_text()
ASKED, ANSWER = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_every_endpoint_of_the_metadata_is_on_the_page() -> None:
    endpoints = [url for name, url in rfc8414.metadata(ISSUER).items() if name.endswith("_endpoint")]

    assert len(endpoints) == 5
    for path in [url.removeprefix(ISSUER) for url in endpoints] + [rfc9728.PATH]:
        assert path in PAGE


def test_what_the_page_asks_for_can_be_asked_for() -> None:
    asked = rfc9396.parse(json.dumps(ASKED))

    assert {detail.type for detail in asked} == set(rfc9396.ACTIONS)
    assert all(f"`{reach}`" in PAGE for reach in Reach)
    assert all(f"/oauth/types/{kind}.json" in PAGE for kind in rfc9396.ACTIONS)


def test_the_lifetimes_on_the_page_are_those_in_force() -> None:
    assert ANSWER["expires_in"] * 1_000_000 == tokens.LIFETIME_MICROSECONDS
    assert ANSWER["access_token"].startswith(tokens.PREFIX)
    assert ANSWER["refresh_token"].startswith(tokens.REFRESH_PREFIX)
    assert "lives ten minutes" in PAGE
    assert "within 60 seconds" in PAGE
    assert rfc6749_token.CODE_MICROSECONDS == 60_000_000
    assert "half an hour to decide" in PAGE
    assert rfc6749_authorize.CLAIMED_MICROSECONDS == 1_800_000_000
    assert "at most 5 minutes ahead" in PAGE
    assert rfc7523.LONGEST_SECONDS == 300


def test_every_code_of_a_refusal_is_on_the_page() -> None:
    source = Path(__file__).parents[2] / "src" / "vestibule"
    text = "".join(
        path.read_text() for room in ("gate", "connections") for path in (source / room).rglob("*.py")
    )
    codes = set(re.findall(r'Refusal\(\s*"([a-z_]+)"', text))

    assert codes >= {"dead_token", "no_privilege", "not_selected"}
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
