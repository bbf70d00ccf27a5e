"""What has expired is forgotten, what has not is kept."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gate.a_platform import DAY, SECOND, World, opened
from vestibule.web import sweeping

EXPIRING = ("dialog", "authorization_request", "authorization_code", "token", "refresh_token")
TOKENS = (
    "token_hash, user_id, connection_id, partner_id, jkt, code_hash, issued_at",
    "1, 1, 'p', '', x'00', 0",
)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


def fill(world: World, table: str, number: int, expires_at: int) -> None:
    """Write rows whose hashes count up from a time of their own."""
    columns = {
        "dialog": ("dialog_hash, partner_id, card, return_uri, state", "'p', '', '', ''"),
        "authorization_code": (
            "code_hash, user_id, connection_id, partner_id, redirect_uri, challenge, uses",
            "1, 1, 'p', '', '', 0",
        ),
        "authorization_request": (
            "request_hash, partner_id, redirect_uri, challenge, state, details, decided",
            "'p', '', '', '', '', 0",
        ),
        "token": TOKENS,
        "refresh_token": TOKENS,
    }
    names, values = columns[table]
    insert = f"insert into {table} ({names}, expires_at) values (:hash, {values}, :expires_at)"
    rows: list[dict[str, Any]] = [
        {"hash": f"{expires_at}-{row}".encode(), "expires_at": expires_at} for row in range(number)
    ]
    world.run(world.store.write(lambda tx: tx.many(insert, rows)))


def left(world: World, table: str) -> int:
    [(rows,)] = world.run(world.store.read(lambda tx: tx.all(f"select count(*) from {table}")))
    return int(rows)


@pytest.mark.parametrize("table", EXPIRING)
def test_everything_that_expired_is_forgotten_and_nothing_else(world: World, table: str) -> None:
    fill(world, table, 1201, world.now - 8 * DAY)
    fill(world, table, 3, world.now + SECOND)

    world.run(sweeping.sweep(world.store, world.now))

    assert left(world, table) == 3


def test_the_platform_sweeps_when_it_starts(world: World) -> None:
    fill(world, "dialog", 1, world.now - SECOND)

    async def started() -> None:
        task = asyncio.create_task(sweeping.run(world.store, world.platform.outbox, world.clock))
        while await world.store.read(lambda tx: tx.all("select dialog_hash from dialog")):  # noqa: ASYNC110  (the store tells nobody)
            await asyncio.sleep(0)
        task.cancel()

    world.run(asyncio.wait_for(started(), 60))
    assert not world.platform.sweeping.done()
