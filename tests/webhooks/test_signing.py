"""Signatures, and which keys make them."""

import base64
import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests import npm
from tests.webhooks.a_partner import headers_of, verified
from vestibule.ledger import ed25519
from vestibule.webhooks import pace, signing
from vestibule.webhooks.keys import Keys
from vestibule.webhooks.signing import OVERLAP, Seed, headers, in_force

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
# The specification's own example (Standard Webhooks, signature scheme): id, timestamp and minified body.
MESSAGE_ID, AT = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1_674_087_231
BODY = (
    b'{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",'
    b'"data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'
)


def test_what_is_signed_is_id_timestamp_and_body_with_full_stops_between() -> None:
    seed = bytes(range(32))
    fields = headers([seed], MESSAGE_ID, AT, BODY)
    version, _, signature = fields["webhook-signature"].partition(",")
    content = MESSAGE_ID.encode() + b"." + str(AT).encode() + b"." + BODY
    theirs = Ed25519PrivateKey.from_private_bytes(seed).sign(content)
    assert (version, base64.b64decode(signature)) == ("v1a", theirs)
    assert (fields["webhook-id"], fields["webhook-timestamp"]) == (MESSAGE_ID, str(AT))


def test_a_public_key_is_written_as_the_specification_says() -> None:
    assert signing.serialized(bytes(32)) == "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def test_partners_are_signed_to_by_keys_of_their_own() -> None:
    seed = Seed(0, bytes(32))
    assert seed.public_of("jukebox") == ed25519.public_of(seed.of("jukebox"))
    assert len({seed.public_of(partner) for partner in ("jukebox", "echo", "marquee")}) == 3
    assert seed.of("jukebox") != Seed(0, bytes(31) + b"\1").of("jukebox")


def test_a_key_signs_along_for_a_week_after_its_successor_came() -> None:
    first, second, third = (Seed(since, bytes(32)) for since in (0, 1_000, 2_000))
    assert in_force([first, second], 1_000) == (second, first)
    assert in_force([first, second], 1_000 + OVERLAP - 1) == (second, first)
    assert in_force([second, first], 1_000 + OVERLAP) == (second,)
    assert in_force([first, second, third], 2_500) == (third, second, first)
    assert in_force([first, second, third], 1_500 + OVERLAP) == (third, second)


def test_seeds_are_made_once_and_read_back(tmp_path: Path) -> None:
    keys = Keys(tmp_path, 100)
    keys.rotate(200)
    with pytest.raises(FileExistsError):
        keys.rotate(200)
    assert sorted(Keys(tmp_path, 300).seeds, key=lambda seed: seed.since) == list(keys.seeds)
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0, 0]


@given(st.integers(1, 9), st.floats(0, 1))
def test_tries_are_spread_around_the_schedule(tries: int, chance: float) -> None:
    wait = pace.again_after(tries, chance)
    assert wait is not None
    assert 0.79 < wait / pace.AGAIN[tries - 1] < 1.21


def test_the_last_try_follows_after_some_days() -> None:
    assert pace.again_after(len(pace.AGAIN) + 1, 0.5) is None
    assert 3 < sum(pace.AGAIN) / pace.HOUR / 24 < 4


@given(st.integers(1, 1000))
def test_an_endpoint_is_never_left_alone_for_longer_than_ten_minutes(failures: int) -> None:
    assert pace.FIRST_PAUSE <= pace.pause_after(failures) <= pace.LONGEST_PAUSE


NOW = 1_795_392_000 * pace.SECOND


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("99999999999999999999", 86_400),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
        ("Mon, 23 Nov 2026 00:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 00:01:00", 60),
        ("Sun, 22 Nov 2026 00:01:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("Mon, 99 Nov 2026 00:01:00 GMT", 0),
        ("١٢", 0),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(text: str, seconds: int) -> None:
    assert pace.retry_after({"retry-after": text}, NOW) == seconds * pace.SECOND


@given(st.text())
def test_whatever_retry_after_says_it_is_read(text: str) -> None:
    assert 0 <= pace.retry_after({"retry-after": text}, NOW) <= pace.LONGEST_ASKED


def example() -> tuple[str, str, str]:
    """Head and body of the webhook in the docs, and the key that it is signed by."""
    [text] = re.findall(r"```\n(POST /hook.*?)\n```", DOCS.read_text(), re.DOTALL)
    head, _, body = text.partition("\n\n")
    [key] = re.findall(r"It is signed by `(whpk_\S+)`", DOCS.read_text())
    return head, body, key


def test_the_lines_for_node_in_the_docs_tell_ours_from_others(tmp_path: Path) -> None:
    head, body, key = example()
    headers = headers_of(head.replace("\n", "\r\n"))
    at = int(headers["webhook-timestamp"])
    others = {**headers, "webhook-signature": headers["webhook-signature"].replace("v1a,", "v1,")}
    cases = [
        (headers, body, [key], at),
        (headers, body, ["whpk_" + "A" * 43 + "=", key], at + 300),
        ({**headers, "webhook-signature": f"v1,x {headers['webhook-signature']}"}, body, [key], at),
        (headers, body + " ", [key], at),
        (headers, body, [key], at + 301),
        (headers, body, [], at),
        (others, body, [key], at),
        ({**headers, "webhook-id": "msg_another"}, body, [key], at),
        ({}, body, [key], at),
    ]
    [lines] = re.findall(r"^```js\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    asks = f"""
        for (const [headers, body, keys, now] of {json.dumps(cases)})
          console.log(isOurs(headers, Buffer.from(body), keys, now))
    """
    (tmp_path / "webhook.mjs").write_text(lines + asks)
    printed = npm.run([str(npm.NODE), "webhook.mjs"], cwd=tmp_path, timeout=60)
    assert printed.split() == ["true"] * 3 + ["false"] * 6


def test_the_example_in_the_docs_verifies() -> None:
    head, body, key = example()
    assert verified([key], head.replace("\n", "\r\n"), body.encode())
    assert not verified([key], head.replace("\n", "\r\n"), body.encode() + b"\n")
