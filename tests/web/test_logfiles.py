"""The log's files as everybody can fetch them: exactly those, and nothing beside them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from tests.gate.a_platform import LOG_ORIGIN, World, opened
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.policy import Policy
from vestibule.tlog.tiles import read_entries


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


def newest(world: World) -> Checkpoint:
    policy = Policy.parse(world.get(None, "/log/policy").text)
    return policy.verify(world.get(None, "/log/checkpoint").text).checkpoint


def test_checkpoint_policy_and_tiles_give_every_leaf(world: World) -> None:
    def fetch(path: str) -> bytes:
        answer = world.get(None, f"/log/{path}")
        assert answer.status_code == 200, path
        return answer.content

    checkpoint = newest(world)

    assert checkpoint.origin == LOG_ORIGIN
    assert len(list(read_entries(fetch, checkpoint))) == checkpoint.size == world.committed()


def test_a_partial_tile_is_served_as_it_was_and_may_be_kept_for_ever(world: World) -> None:
    size = newest(world).size

    answer = world.get(None, f"/log/tile/0/000.p/{size}")

    assert answer.status_code == 200
    assert len(answer.content) == 32 * size
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" not in world.get(None, "/log/checkpoint").headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/0/001", "tile/9/000.p/1", "tile/entries/x999", "tile/", "tile/0", "tile/x"]
)
def test_an_unknown_tile_is_not_found(world: World, path: str) -> None:
    assert world.get(None, f"/log/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/../../keys/log.seed",
        "/log/tile/%2e%2e/%2e%2e/keys/log.seed",
        "/log/tile/..%2f..%2fkeys%2flog.seed",
        "/log/tile/0/%2e%2e/%2e%2e/checkpoint",
        "/log/tile/%2fetc/passwd",
        "/log/tile//etc/passwd",
        "/log/tile/..\\..\\keys\\log.seed",
        "/log/tile/%00",
        "/log/tile/0/000.p/1%00",
        "/log/../operator.token",
        "/log/tile/%2e%2e/%2e%2e/operator.token",
    ],
)
def test_no_path_leads_out_of_the_tiles(world: World, path: str) -> None:
    secrets = [(world.data / name).read_bytes() for name in ("operator.token", "keys/log.seed")]

    status, body = world.run(asked_exactly(world, path.encode()))

    assert status in {400, 404}
    assert not any(secret in body for secret in secrets)
    assert LOG_ORIGIN.encode() not in body


async def asked_exactly(world: World, raw: bytes) -> tuple[int, bytes]:
    """Ask for a path as a client that normalises nothing."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(raw.decode()),
        "raw_path": raw,
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"platform.test")],
        "client": ("127.0.0.1", 1),
        "server": ("platform.test", 80),
        "state": {},
    }
    got: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        got.append(message)

    await world.app(scope, receive, send)
    return got[0]["status"], b"".join(message.get("body", b"") for message in got[1:])
