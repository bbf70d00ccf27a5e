"""Moving committed pages from the write-ahead log into the database, off the writer thread and in slices."""

import threading
from pathlib import Path

import apsw

from vestibule.store.connection import open_writer

SLICE_PAGES = 1_000
"""Pages the log grows by (4 MiB) before a slice runs."""
RESTART_PAGES = 8_000
"""Length of the log (32 MiB) from which the writer moves the rest itself, so that the log begins anew."""


class Checkpointer:
    """Runs a PASSIVE checkpoint, which waits for nobody, each time the log has grown enough.

    While commits keep coming, a slice never reaches the end of the log, and only a log that was moved to its
    end is begun anew. So from `RESTART_PAGES` on the writer itself moves the little that a slice has left.
    """

    def __init__(self, path: Path) -> None:
        self._connection = open_writer(path)
        self._due = threading.Event()
        self._closing = False
        self._pages = 0
        self._moved = 0
        self._next = SLICE_PAGES
        self._thread = threading.Thread(target=self._run, name="vestibule-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, pages: int) -> None:
        """Take note of the log's length after a commit; called on the writer thread."""
        if pages < self._pages:  # the log has begun anew
            self._moved = 0
            self._next = SLICE_PAGES
        self._pages = pages
        if pages >= self._next:
            self._next = pages + SLICE_PAGES
            self._due.set()

    def relieve(self, writer: apsw.Connection) -> None:
        """Move the rest of a long log; called on the writer thread between two transactions."""
        if self._pages < RESTART_PAGES or self._pages - self._moved > SLICE_PAGES:
            return
        if self._moved < self._pages:
            self._slice(writer)

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._due.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._closing:
                return
            self._slice(self._connection)

    def _slice(self, connection: apsw.Connection) -> None:
        try:
            _, self._moved = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error:
            return  # the other thread is at it, or the disk is full: the next slice tries again
