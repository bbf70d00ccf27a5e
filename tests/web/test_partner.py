"""The partner's API over HTTP: what it answers when something is wrong (what it releases: tests/gate)."""

from collections.abc import Iterator

import pytest

from tests.gate.a_platform import World, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/connection", 401),
        ("GET", "/v1/conversations/x/messages", 401),
        ("POST", "/v1/reconciliations", 401),
        ("POST", "/v1/connection", 405),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/conversations/x/messages?limit=many", 400),
        ("GET", "/v1/conversations/x/messages?limit=99999999999999999999999", 401),
    ],
)
def test_errors_are_problem_details(world: World, method: str, path: str, status: int) -> None:
    answer = world.send(method, path, {})

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers.get("cache-control") == "no-store"
    told = answer.json()
    assert told["status"] == status
    assert {"type", "title", "status", "detail"} <= set(told)


def test_a_session_cookie_opens_nothing_of_the_partners_api(world: World) -> None:
    assert world.get("ana", "/v1/connection").status_code == 401


def test_an_answer_may_not_be_cached(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    connected = world.connect("ana", group)

    assert world.read(connected).headers.get("cache-control") == "no-store"


def test_a_percent_encoded_path_is_signed_as_it_was_sent(world: World) -> None:
    path = "/v1/conversations/a%20b/messages"

    answer = world.signed("jukebox", "GET", path, token="vst_any")

    assert (answer.status_code, answer.json()["code"]) == (401, "dead_token")


def test_a_stolen_token_is_of_no_use_to_another_partner_nor_without_a_signature(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    world.says("ana", group, "hers")
    connected = world.connect("ana", group)

    theirs = world.read(connected, partner="echo")
    path = f"/v1/conversations/{connected.refs[0]}/messages"
    bare = world.send("GET", path, {"authorization": f"DPoP {connected.token}"})

    assert (theirs.status_code, bare.status_code) == (401, 401)
    assert "hers" not in theirs.text + bare.text
