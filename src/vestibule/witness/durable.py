"""SQLite files that must know after a power cut what was promised before it, and have one owner.

A rollback journal, fsynced with its folder. The exclusive lock is taken with the first transaction, which is
at once, and held until the file is closed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vestibule.witness.errors import StateError

_DURABLE = """
pragma journal_mode = delete;
pragma synchronous = extra;
pragma locking_mode = exclusive;
"""


def connect(path: Path, *tables: str, threads: bool = False) -> sqlite3.Connection:
    """Open a file, made with its folder if it is not there, and lock it.

    Args:
        path: the file.
        tables: statements that make its tables if they are not there.
        threads: whether several threads use it, one at a time.

    Raises:
        StateError: another process has it open, or it cannot be read or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"{path.parent}: {error.strerror}") from None
    with state_errors(path):
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=not threads)
        try:
            connection.executescript(_DURABLE)
            connection.execute("begin exclusive")
            for table in tables:
                connection.execute(table)
            connection.execute("commit")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def state_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors about a file into the room's own."""
    try:
        yield
    except sqlite3.OperationalError as error:
        busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
        raise StateError(f"{path}: {'in use by another process' if busy else error}") from None
    except sqlite3.Error as error:
        raise StateError(f"{path}: {error}") from None
