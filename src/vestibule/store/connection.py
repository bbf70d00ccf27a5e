"""SQLite connections through apsw, and a transaction on one of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from vestibule.store.errors import ConstraintBroken, FolderUnusable, StoreError, StoreFull
from vestibule.store.transaction import Row, Value

_STATEMENTS_CACHED = 256
_PRAGMAS = (
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma mmap_size = 268435456",
    "pragma temp_store = memory",
    "pragma wal_autocheckpoint = 0",  # the checkpointer's work: in a commit it costs 40 to 120 ms
)


def open_writer(path: Path) -> apsw.Connection:
    """Open the database for writing, creating it if it is missing."""
    connection = _open(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        mode = connection.pragma("journal_mode", "wal")
        if mode != "wal":
            raise FolderUnusable(f"cannot use {path}: expected journal mode wal, got {mode}")
        _prepare(connection)
    except apsw.Error as error:
        connection.close()
        raise FolderUnusable(f"cannot use {path}: {error}") from error
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """Open the database so that writing through the connection is impossible."""
    connection = _open(path, apsw.SQLITE_OPEN_READONLY)
    _prepare(connection)
    return connection


def _open(path: Path, flags: int) -> apsw.Connection:
    try:
        return apsw.Connection(str(path), flags=flags, statementcachesize=_STATEMENTS_CACHED)
    except apsw.Error as error:
        raise FolderUnusable(f"cannot open {path}: {error}") from error


def _prepare(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(10_000)
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def translated(error: apsw.Error) -> StoreError:
    """Return the store's own error for one of the driver's."""
    if isinstance(error, apsw.ConstraintError):
        return ConstraintBroken(str(error))
    if isinstance(error, apsw.FullError):
        return StoreFull(str(error))
    return StoreError(str(error))


class SqliteTx:
    """A transaction on one connection; its calls are coroutines that never suspend."""

    __slots__ = ("_connection",)

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection: apsw.Connection | None = connection

    async def all(self, sql: str, /, **params: Value) -> list[Row]:
        """Return every row."""
        try:
            return self._open().execute(sql, params).fetchall()
        except apsw.Error as error:
            raise self._failed(error) from error

    async def one(self, sql: str, /, **params: Value) -> Row | None:
        """Return the first row, or None when there is none."""
        try:
            cursor = self._open().execute(sql, params)
            row: Row | None = cursor.fetchone()
            cursor.close(force=True)
        except apsw.Error as error:
            raise self._failed(error) from error
        return row

    async def run(self, sql: str, /, **params: Value) -> int:
        """Run a statement and return how many rows it changed."""
        connection = self._open()
        try:
            connection.execute(sql, params).fetchall()
            return connection.changes()
        except apsw.Error as error:
            raise self._failed(error) from error

    async def many(self, sql: str, rows: Sequence[Mapping[str, Value]], /) -> None:
        """Run a statement once for each mapping of parameters."""
        bindings: Any = rows
        try:
            self._open().executemany(sql, bindings).fetchall()
        except apsw.Error as error:
            raise self._failed(error) from error

    def end(self) -> None:
        """Make every later call fail: a transaction kept beyond its work would write into somebody else's."""
        self._connection = None

    def _failed(self, error: apsw.Error) -> StoreError:
        """Translate an error; where it rolled back the whole transaction, nothing may follow in it."""
        if not self._open().in_transaction:
            self.end()
        return translated(error)

    def _open(self) -> apsw.Connection:
        if self._connection is None:
            raise StoreError("the transaction has ended")
        return self._connection
