"""A table of this room's own, so that its tests do not hang on other rooms' tables."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from vestibule.store import Store, Tx, open_store

CREATE = """
create table note (
    owner integer not null, seq integer not null, body text not null, primary key (owner, seq)
) strict, without rowid
"""
INSERT = "insert into note (owner, seq, body) values (:owner, :seq, :body)"
BODY = "select body from note where owner = :owner and seq = :seq"
COUNT = "select count(*) from note where owner = :owner"
ALL = "select owner, seq from note order by owner, seq"


async def open_notes(folder: Path) -> Store:
    """Open a new store with an empty table of notes."""
    store = await open_store(folder)

    async def create(tx: Tx) -> None:
        await tx.run(CREATE)

    await store.write(create)
    return store


def note(owner: int, seq: int, body: str = "") -> Callable[[Tx], Awaitable[int]]:
    """Make a work function that writes one note."""

    async def work(tx: Tx) -> int:
        return await tx.run(INSERT, owner=owner, seq=seq, body=body)

    return work


async def written(store: Store) -> list[tuple[int, int]]:
    """Return owner and seq of every note."""

    async def work(tx: Tx) -> list[tuple[int, int]]:
        return [(owner, seq) for owner, seq in await tx.all(ALL)]

    return await store.read(work)


async def together(store: Store, *calls: Coroutine[Any, Any, object]) -> list[object]:
    """Await calls that the writer takes in one drain, and return their results or errors."""
    started, go = threading.Event(), threading.Event()

    async def hold(_tx: Tx) -> None:
        started.set()
        go.wait(60)

    holding = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(started.wait, 60)
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    go.set()
    await holding
    return list(await asyncio.gather(*tasks, return_exceptions=True))
