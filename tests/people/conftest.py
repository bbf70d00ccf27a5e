"""A store in a fresh folder, and people in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from vestibule.people import outbox_topics
from vestibule.people.accounts import Account, sign_up
from vestibule.store import Store, open_store
from vestibule.store.outbox import Outbox

NOW = 1_795_000_000_000_000
PASSWORD = "correct horse battery"


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
