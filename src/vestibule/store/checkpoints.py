"""Moving committed pages from the write-ahead log into the database, off the writer thread and in slices."""

import threading
from pathlib import Path

import apsw

from vestibule.store.connection import open_writer

SLICE_PAGES = 1_000
"""Pages the log grows by (4 MiB) before a slice runs."""


class Checkpointer:
    """Runs a PASSIVE checkpoint, which waits for nobody, each time the log has grown enough."""

    def __init__(self, path: Path) -> None:
        self._connection = open_writer(path)
        self._due = threading.Event()
        self._closing = False
        self._next = SLICE_PAGES
        self._thread = threading.Thread(target=self._run, name="vestibule-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, pages: int) -> None:
        """Take note of the log's length after a commit."""
        if pages >= self._next:
            self._next = pages + SLICE_PAGES
            self._due.set()

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
            self._slice()

    def _slice(self) -> None:
        try:
            pages, moved = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error:
            return  # the log only grows; the next slice tries again
        if moved >= pages:
            self._next = SLICE_PAGES  # the next commit begins the log anew
