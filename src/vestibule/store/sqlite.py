"""The embedded store: SQLite in WAL mode, one writer thread, readers on the caller's thread."""

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import apsw

from vestibule.store import lock, migrate
from vestibule.store.checkpoints import Checkpointer
from vestibule.store.connection import SqliteTx, open_reader, open_writer
from vestibule.store.errors import StoreClosed, WrongWork
from vestibule.store.transaction import Tx, drive, inside
from vestibule.store.writer import Job, Writer

NAME = "vestibule.db"

T = TypeVar("T")
A = TypeVar("A")
R = TypeVar("R")


class Store(Protocol):
    """Transactions. A work function may await only its `tx`, may be run again, and has no side effects."""

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a work function in one snapshot; it cannot write."""
        ...

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a work function in a transaction of its own; its effects are durable when this returns."""
        ...

    async def write_batched(
        self, batch: Callable[[Tx, Sequence[A]], Awaitable[Sequence[R | Exception]]], item: A
    ) -> R:
        """Hand an item to a function that gets all waiting ones; an Exception it answers is raised here."""
        ...

    async def close(self) -> None:
        """Finish what is queued and let the folder go."""
        ...


class SqliteStore:
    """A `Store` in one folder."""

    def __init__(self, path: Path, handle: int, connection: apsw.Connection) -> None:
        self._path = path
        self._handle = handle
        self._connection = connection
        self._checkpointer = Checkpointer(path)
        connection.set_wal_hook(self._committed)
        self._writer = Writer(connection, self._checkpointer.relieve)
        self._readers: deque[apsw.Connection] = deque()
        self._closed = False

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a work function in one snapshot, on this thread and to its end.

        Raises:
            StoreClosed: The store is closed.
            WrongWork: Called from inside a work function, or the work awaited anything but its transaction.
            StoreError: A statement failed, for example because it writes.
        """
        if self._closed:
            raise StoreClosed("the store is closed")
        _refuse_inside()
        connection = self._reader()
        tx = SqliteTx(connection)
        try:
            connection.execute("begin")
            return drive(work, tx)
        finally:
            tx.end()
            connection.execute("rollback")
            self._readers.append(connection)

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a work function on the writer thread; its effects are durable when this returns.

        It runs even if this call is cancelled while it waits.

        Raises:
            StoreClosed: The store is closed.
            StoreBroken: An earlier commit ended in an unknown state.
            WrongWork: Called from inside a work function, or the work awaited anything but its transaction.
            StoreError: A statement or the commit failed; nothing of the work stands.
        """
        _refuse_inside()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._writer.put(Job(waiter, loop, work=work))
        return await waiter

    async def write_batched(
        self, batch: Callable[[Tx, Sequence[A]], Awaitable[Sequence[R | Exception]]], item: A
    ) -> R:
        """Hand an item to a batch function together with all others that wait for the same function.

        The function answers once per item, in order; an Exception among the answers is raised for that item
        alone, and whatever the function wrote stands. If the function itself raises, it is run again for each
        item alone.

        Raises:
            StoreError: As for `write`.
        """
        _refuse_inside()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[R] = loop.create_future()
        self._writer.put(Job(waiter, loop, batch=batch, item=item))
        return await waiter

    async def close(self) -> None:
        """Finish what is queued, checkpoint and let the folder go; closing twice is fine."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._checkpointer.close()
        for reader in self._readers:
            reader.close()
        self._connection.close()
        lock.release(self._handle)

    def _reader(self) -> apsw.Connection:
        try:
            return self._readers.pop()
        except IndexError:  # as many connections as threads ever read at the same time
            return open_reader(self._path)

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._checkpointer.committed(pages)
        return apsw.SQLITE_OK


async def open_store(folder: Path) -> SqliteStore:
    """Open the store of a folder, creating and migrating it as needed.

    Raises:
        StoreInUse: Another process has it open.
        FolderUnusable: The folder or the database cannot be read or written.
        MigrationError: The database does not fit the migrations of this version.
    """
    return await asyncio.to_thread(_open, folder)


def _open(folder: Path) -> SqliteStore:
    handle = lock.take(folder)
    path = folder / NAME
    try:
        connection = open_writer(path)
        try:
            migrate.migrate(connection, migrate.packaged())
            return SqliteStore(path, handle, connection)
        except BaseException:
            connection.close()
            raise
    except BaseException:
        os.close(handle)
        raise


def _refuse_inside() -> None:
    if inside():
        raise WrongWork("a work function may not begin another transaction")
