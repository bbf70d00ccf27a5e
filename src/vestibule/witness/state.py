"""What a witness has cosigned, one row for each log, in a SQLite file of its own (docs/adr/0010).

The file is locked for as long as it is open: one process is one witness. Used from one thread.
"""

import sqlite3
from pathlib import Path
from typing import Self

from vestibule.tlog.checkpoint import Checkpoint
from vestibule.witness.decision import Seen
from vestibule.witness.durable import connect, state_errors

NAME = "witness.db"

_TABLE = """
create table if not exists cosigned (
    origin text not null primary key,
    size bigint not null,
    root blob not null,
    signed_at bigint not null,
    note text not null
)
"""
_LAST = "select size, root, signed_at, note from cosigned where origin = :origin"
_FIRST = """
insert into cosigned (origin, size, root, signed_at, note) values (:origin, :size, :root, :signed_at, :note)
on conflict (origin) do nothing
"""
_NEXT = """
update cosigned set size = :size, root = :root, signed_at = :signed_at, note = :note
where origin = :origin and size = :old_size and root = :old_root
"""


class State:
    """The last cosigned checkpoint of each log, durably."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the state in a folder, which is made if it is not there.

        Raises:
            StateError: another process has it open, or it cannot be read or written.
        """
        path = folder / NAME
        return cls(path, connect(path, _TABLE))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def seen(self, origin: str) -> Seen:
        """Return the tree cosigned last; the empty one if there is none.

        Raises:
            StateError: the state cannot be read.
        """
        row = self._last(origin)
        return Seen() if row is None else Seen(*row[:3])

    def note(self, origin: str) -> str | None:
        """Return the note cosigned last, with the log's signatures and the witness's.

        Raises:
            StateError: the state cannot be read.
        """
        row = self._last(origin)
        return None if row is None else row[3]

    def advance(self, after: Seen, checkpoint: Checkpoint, now: int, note: str) -> bool:
        """Replace what was seen, durably, if it still is what `after` says: one compare-and-swap.

        Args:
            after: the tree that the checkpoint appends to.
            checkpoint: what is cosigned.
            now: the time of the cosignature, seconds since 1970.
            note: the checkpoint with its signatures.

        Returns:
            Whether the checkpoint is the last one now. If not, another came first, and nothing was changed.

        Raises:
            StateError: the state cannot be written.
        """
        new = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root}
        values = {**new, "signed_at": now, "note": note}
        with state_errors(self._path):
            if after.size == 0 and self._connection.execute(_FIRST, values).rowcount == 1:
                return True
            values |= {"old_size": after.size, "old_root": after.root}
            return self._connection.execute(_NEXT, values).rowcount == 1

    def _last(self, origin: str) -> tuple[int, bytes, int, str] | None:
        with state_errors(self._path):
            row: tuple[int, bytes, int, str] | None
            row = self._connection.execute(_LAST, {"origin": origin}).fetchone()
            return row
