"""A partner says where it wants to be told, looks at what was sent, and has it sent again."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from tests.gate.a_platform import World, opened
from tests.reaching.a_far_end import status
from tests.webhooks.a_partner import Endpoint, connected_pair, follow, later, sandbox, verified


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with sandbox(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A platform that is not in its sandbox."""
    with opened(tmp_path_factory.mktemp("outside")) as platform:
        yield platform


def put(world: World, body: Any, partner: str = "jukebox") -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return world.signed(partner, "PUT", "/v1/webhooks", text)


EVERY = ["message.created", "recommendation.received", "connection.changed"]


def test_an_endpoint_is_configured_looked_at_and_removed(outside: World) -> None:
    assert outside.signed("jukebox", "GET", "/v1/webhooks").status_code == 404
    answer = put(outside, {"url": "https://jukebox.example/hook", "topics": EVERY})
    assert answer.status_code == 200
    shown = outside.signed("jukebox", "GET", "/v1/webhooks").json()
    assert (shown["url"], shown["topics"], shown["disabled"]) == (
        "https://jukebox.example/hook",
        sorted(EVERY),
        "",
    )
    assert shown["keys"] == answer.json()["keys"]
    assert outside.signed("echo", "GET", "/v1/webhooks").status_code == 404
    assert outside.signed("jukebox", "DELETE", "/v1/webhooks").status_code == 204
    assert outside.signed("jukebox", "GET", "/v1/webhooks").status_code == 404
    assert outside.signed("jukebox", "DELETE", "/v1/webhooks").status_code == 204


@pytest.mark.parametrize(
    "url",
    [
        "http://jukebox.example/hook",
        "http://127.0.0.1:8000/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[64:ff9b::a00:1]/hook",
        "https://100.64.0.1/hook",
        "https://0.0.0.0/hook",
        "https://2130706433/hook",
        "https://0177.0.0.1/hook",
        "https://jukebox.example:22/hook",
        "https://user@jukebox.example/hook",
        "hook",
        "",
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_refused_in_words(outside: World, url: str) -> None:
    answer = put(outside, {"url": url, "topics": EVERY})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("url: expected")


def test_in_the_sandbox_this_machine_is_taken_and_nothing_else_private(world: World) -> None:
    assert put(world, {"url": "http://127.0.0.1:8000/hook", "topics": EVERY}).status_code == 200
    assert put(world, {"url": "http://10.0.0.1/hook", "topics": EVERY}).status_code == 400
    world.signed("jukebox", "DELETE", "/v1/webhooks")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body: expected JSON with url and topics"),
        (b"\xff", "body: expected JSON with url and topics"),
        (b"[]", "body: expected JSON with url and topics"),
        ({"url": "https://jukebox.example/"}, "body: expected JSON with url and topics"),
        ({"url": "https://jukebox.example/", "topics": EVERY, "so": 1}, "body: expected JSON"),
        (
            {"url": "https://jukebox.example/", "topics": []},
            "topics: expected one or more of",
        ),
        ({"url": "https://jukebox.example/", "topics": ["messages"]}, "topics: expected one or more of"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(outside: World, body: Any, said: str) -> None:
    answer = put(outside, body)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/webhooks"),
        ("GET", "/v1/webhooks"),
        ("DELETE", "/v1/webhooks"),
        ("GET", "/v1/webhooks/deliveries"),
        ("POST", "/v1/webhooks/deliveries/msg_0000000000000/replay"),
    ],
)
def test_without_a_partners_signature_nothing_is_shown_or_set(outside: World, method: str, path: str) -> None:
    assert outside.send(method, path, {}).status_code == 401


def test_a_replay_is_sent_under_the_same_id_and_is_no_further_event(world: World) -> None:
    jukebox = Endpoint(world)
    pair, _ = connected_pair(world)
    with world.recording() as events:
        world.says("ana", pair, "one")
        follow(world)
        jukebox.logged(lambda log: bool(log) and log[0]["state"] == "accepted")
        [line] = jukebox.log()
        path = f"/v1/webhooks/deliveries/{line['id']}/replay"
        assert world.signed("echo", "POST", path).status_code == 404
        assert world.signed("jukebox", "POST", path).status_code == 202
        jukebox.wait(2)
    assert jukebox.ids == [line["id"]] * 2
    assert [event.leaf.kind for event in events] == ["notify"]
    assert world.signed("jukebox", "POST", "/v1/webhooks/deliveries/msg_0/replay").status_code == 400
    world.post("ana", "/apps/jukebox/end")
    jukebox.close()


def test_tries_of_one_webhook_are_one_event(world: World) -> None:
    jukebox = Endpoint(world)
    pair, _ = connected_pair(world)
    jukebox.answers(status(503))
    with world.recording() as events:
        world.says("ana", pair, "one")
        follow(world)
        jukebox.logged(lambda log: bool(log) and len(log[0]["tries"]) == 1)
        jukebox.answers(status(204))
        later(world, 10_000_000)
        jukebox.logged(lambda log: log[0]["state"] == "accepted")
    assert [tried["status"] for tried in jukebox.log()[0]["tries"]] == [503, 204]
    assert [event.leaf.kind for event in events] == ["notify"]
    world.post("ana", "/apps/jukebox/end")
    jukebox.close()


def test_the_delivery_log_is_read_in_pages_and_each_partner_sees_its_own(world: World) -> None:
    jukebox = Endpoint(world)
    pair, _ = connected_pair(world)
    for text in ("one", "two", "three"):
        world.says("ana", pair, text)
    follow(world)
    jukebox.logged(lambda log: [one["state"] for one in log] == ["accepted"] * 3)
    first = world.signed("jukebox", "GET", "/v1/webhooks/deliveries?limit=2").json()
    second = world.signed("jukebox", "GET", f"/v1/webhooks/deliveries?limit=2&before={first['next']}").json()
    told = [one["id"] for one in first["deliveries"] + second["deliveries"]][:3]
    assert told == list(reversed(jukebox.ids))
    assert world.signed("echo", "GET", "/v1/webhooks/deliveries").json() == {"deliveries": [], "next": None}
    for wrong in ("limit=0", "limit=101", "before=so"):
        assert world.signed("jukebox", "GET", f"/v1/webhooks/deliveries?{wrong}").status_code == 400
    world.post("ana", "/apps/jukebox/end")
    jukebox.close()


def test_keys_are_published_and_rotated_with_an_overlap(world: World) -> None:
    def published() -> list[str]:
        answer = world.get(None, "/webhooks/jukebox/jwks.json")
        assert answer.headers["content-type"] == "application/jwk-set+json"
        keys = [OKPKey.import_key(key) for key in answer.json()["keys"]]
        assert [key.thumbprint() for key in keys] == [key.kid for key in keys]
        raw = [key.as_dict(private=False)["x"] for key in keys]
        return ["whpk_" + base64.b64encode(base64.urlsafe_b64decode(f"{x}=")).decode() for x in raw]

    jukebox = Endpoint(world)
    before = published()
    assert world.signed("jukebox", "GET", "/v1/webhooks").json()["keys"] == before
    world.now += 5_000_000
    assert world.operate("webhook-keys", {}).status_code == 201
    after = published()
    assert (len(before), len(after), after[1]) == (1, 2, before[0])
    pair, _ = connected_pair(world)
    world.says("ana", pair, "one")
    follow(world)
    jukebox.wait(1)
    assert all(verified([key], jukebox.end.heads[0], jukebox.end.bodies[0]) for key in after)
    world.now += 8 * 86_400_000_000
    assert published() == after[:1]
    assert world.get(None, "/webhooks/nobody/jwks.json").status_code == 404
    jukebox.close()


def test_only_the_operator_rotates_keys(outside: World) -> None:
    assert outside.run(outside.nobody.post("/operator/webhook-keys", json={})).status_code == 401
