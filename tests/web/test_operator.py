"""Only the operator's token opens the operator's side."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.gate.a_platform import READ, World, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.mark.parametrize("path", ["partners", "privileges", "withdrawals"])
@pytest.mark.parametrize(
    "token", [None, "Bearer ", "Bearer wrong", "Basic {}", "{}", "Bearer {} ", "Bearer é"]
)
def test_without_the_operators_token_nothing_is_done(world: World, path: str, token: str | None) -> None:
    size = world.committed()
    headers = {} if token is None else {"authorization": token.format(world.platform.operator_token[:-1])}
    body = {"partner": "jukebox", "scope": READ}
    raw = {name.encode(): value.encode() for name, value in headers.items()}

    answer = world.run(world.nobody.post(f"/operator/{path}", json=body, headers=raw))

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert world.committed() == size


def test_the_token_is_readable_by_the_owner_alone(world: World) -> None:
    for file in ("operator.token", "keys/ids.secret"):
        assert (world.data / file).stat().st_mode & 0o077 == 0


def test_a_persons_session_is_not_the_operators(world: World) -> None:
    client = world.people["ana"].client

    answer = world.run(client.post("/operator/withdrawals", json={"partner": "jukebox", "scope": READ}))

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"partner": "jukebox"}, {"partner": "jukebox", "scope": READ, "more": 1}, {"partner": 1}, []]
)
def test_a_body_of_another_shape_is_refused(world: World, body: Any) -> None:
    size = world.committed()

    answer = world.operate("withdrawals", body)

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert world.committed() == size


def test_while_the_log_cannot_be_written_nothing_is_registered(world: World) -> None:
    with world.broken_log():
        answer = world.register("later")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "later" not in world.get(None, "/register").text


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("GET", "/v1/connection", 65536),
        ("POST", "/v1/reconciliations", 65536),
        ("POST", "/operator/partners", 65536),
        ("POST", "/oauth/token", 32768),
        ("POST", "/signin", 131072),
    ],
)
def test_of_a_huge_body_nothing_is_kept_and_the_answer_names_the_limit(
    world: World, method: str, path: str, limit: int
) -> None:
    drawn: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            drawn.append(len(drawn))
            yield b"x" * 65536

    headers = {
        "authorization": f"Bearer {world.platform.operator_token}",
        "content-type": "application/x-www-form-urlencoded" if limit == 131072 else "application/json",
    }
    announced = world.run(world.nobody.request(method, path, content=b"x" * (limit + 1), headers=headers))
    streamed = world.run(world.nobody.request(method, path, content=endless(), headers=headers))

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert len(drawn) <= limit // 65536 + 2
    if path.startswith(("/v1", "/operator")):
        assert f"at most {limit} bytes" in announced.json()["detail"]
