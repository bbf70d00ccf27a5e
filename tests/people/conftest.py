"""A store in a fresh folder, and people in it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.people.a_world import NOW, PASSWORD, World
from vestibule.people import outbox_topics
from vestibule.people.accounts import Account, sign_up
from vestibule.store import Store, open_store
from vestibule.store.outbox import Outbox

__all__ = ["NOW", "PASSWORD", "Opened", "Place", "World"]


async def ignore(_body: dict[str, object]) -> None:
    """Stand where the inbox listens in the whole platform."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a test of this room works with."""

    store: Store
    outbox: Outbox

    async def person(self, handle: str) -> Account:
        return await sign_up(self.store, handle=handle, name=handle.title(), password=PASSWORD, now=NOW)


Opened = Callable[[], AbstractAsyncContextManager[Place]]


@pytest.fixture
def place(tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Place]:
        store = await open_store(tmp_path)
        topics: dict[str, Callable[[dict[str, object]], Awaitable[None]]] = {"inbox.blocks": ignore}
        try:
            yield Place(store, Outbox(store, {**outbox_topics.handlers(store), **topics}))
        finally:
            await store.close()

    return opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path_factory.mktemp("people")))
        people = [
            runner.run(sign_up(store, handle=handle, name=handle.title(), password=PASSWORD, now=NOW))
            for handle in ("anna", "bob")
        ]
        yield World(runner.run, store, people[0], people[1])
        runner.run(store.close())


@pytest.fixture
def carl(world: World) -> Account:
    """Somebody of this test's own."""
    return world.somebody()
