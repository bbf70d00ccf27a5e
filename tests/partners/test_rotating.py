"""A partner's keys overlap, its last one cannot be ended, and all of it is in the public log."""

import asyncio
import base64
import hashlib
import json
from typing import Any

import httpx2
import pytest
from nacl.signing import SigningKey

from tests.gate.a_platform import SEED, TODAY, World
from tests.partners.test_registering import entries, refused
from vestibule.ledger.leaf import KeyLeaf, parse
from vestibule.ledger.replay import replay
from vestibule.partners import register, rotating
from vestibule.partners.errors import RegisterError

NEW = hashlib.sha256(b"another").digest()
PUBLIC = base64.b64encode(bytes(SigningKey(NEW).verify_key)).decode()


def asks(world: World, method: str, path: str, body: Any, partner: str = "jukebox") -> httpx2.Response:
    data = json.dumps(body).encode()
    return world.send(method, path, world.headers(partner, method, path, data), data, kind="application/json")


def adds(world: World, name: str = "2", public: str = PUBLIC) -> httpx2.Response:
    return asks(world, "POST", "/v1/keys", {"key_id": f"jukebox:{name}", "public": public})


def ends(world: World, name: str, until_day: int = TODAY - 1) -> httpx2.Response:
    return asks(world, "POST", "/v1/key-ends", {"key_id": f"jukebox:{name}", "until_day": until_day})


def by_the_new_key(world: World, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    monkeypatch.setitem(SEED, "jukebox", NEW)
    path, key_id = "/v1/redirect-uris", "jukebox:2"
    body = json.dumps({"redirect_uris": ["https://jukebox.test/back"]}).encode()
    headers = world.headers("jukebox", "PUT", path, body, key_id=key_id)
    return world.send("PUT", path, headers, body, kind="application/json")


def test_a_further_key_counts_beside_the_first_until_one_is_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.committed()
    assert adds(world).status_code == 201
    assert adds(world).status_code == 201
    assert asks(world, "PUT", "/v1/redirect-uris", {"redirect_uris": []}).status_code == 200
    assert by_the_new_key(world, monkeypatch).status_code == 200

    monkeypatch.undo()
    assert ends(world, "2").status_code == 201

    assert by_the_new_key(world, monkeypatch).status_code == 401
    leaves = [leaf for leaf in map(parse, entries(world, first)) if isinstance(leaf, KeyLeaf)]
    assert [(leaf.key_id, leaf.until_day) for leaf in leaves] == [
        ("jukebox:2", None),
        ("jukebox:2", TODAY - 1),
    ]
    assert replay(entries(world, 0)).breaches == ()


def test_the_last_key_cannot_be_ended(world: World) -> None:
    refused(ends(world, "1"), "expected another key that goes on after 'jukebox:1'")
    refused(ends(world, "1", TODAY + 30), "expected another key")
    refused(ends(world, "none"), "expected a key of jukebox")


@pytest.mark.parametrize(
    ("name", "public", "told"),
    [
        ("1", PUBLIC, "expected a name that was not used before"),
        ("3", base64.b64encode(bytes(SigningKey(SEED["jukebox"]).verify_key)).decode(), "expected a new key"),
        ("4", base64.b64encode(b"short").decode(), "32 bytes"),
        ("5", "?", "public: expected base64"),
        ("with space", PUBLIC[:-2] + "E=", "a key id like"),
    ],
)
def test_what_is_no_new_key_is_refused(world: World, name: str, public: str, told: str) -> None:
    size = world.committed()
    refused(adds(world, name, public), told)
    assert world.committed() == size


def test_another_partners_key_is_not_its_to_add(world: World) -> None:
    body = {"key_id": "marquee:2", "public": PUBLIC}
    refused(asks(world, "POST", "/v1/keys", body), "expected jukebox: and a name")


def test_the_operator_helps_a_partner_that_has_lost_its_key(world: World) -> None:
    body = {"partner": "echo", "key_id": "echo:2", "public": PUBLIC}
    assert world.operate("keys", body).status_code == 201
    ended = world.operate("key-ends", {"partner": "echo", "key_id": "echo:1", "until_day": TODAY - 1})
    assert ended.status_code == 201
    refused(world.operate("keys", {**body, "partner": "who", "key_id": "who:1"}), "got 'who'")
    assert asks(world, "PUT", "/v1/redirect-uris", {"redirect_uris": []}, "echo").status_code == 401


def test_of_two_ends_at_once_one_leaves_a_key(world: World) -> None:
    assert (
        world.operate("keys", {"partner": "marquee", "key_id": "marquee:2", "public": PUBLIC}).status_code
        == 201
    )

    async def both() -> list[Any]:
        ends = [
            rotating.end_key(
                world.store,
                world.platform.recorder,
                partner_id="marquee",
                key_id=f"marquee:{number}",
                until_day=TODAY - 1,
                day=TODAY,
            )
            for number in (1, 2)
        ]
        return await asyncio.gather(*ends, return_exceptions=True)

    ended = world.run(both())
    assert [type(one) is RegisterError for one in ended] == [False, True]


def test_redirect_uris_lead_home_only(world: World) -> None:
    body = {"redirect_uris": ["https://jukebox.test/back", "https://evil.example/back"]}
    refused(asks(world, "PUT", "/v1/redirect-uris", body), "https://evil.example/back")
    found = world.run(register.partner(world.store, "jukebox"))
    assert "https://evil.example/back" not in found.redirect_uris
