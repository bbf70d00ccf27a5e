"""What an auditor saw last of each log, and which it refuses for good, in a SQLite file of its own.

Used from several threads, one at a time.
"""

import sqlite3
from pathlib import Path
from typing import Self

from vestibule.witness.durable import connect, state_errors
from vestibule.witness.replaying import Sighting

NAME = "audit.db"

_SEEN = """
create table if not exists seen (
    origin text not null primary key,
    size bigint not null,
    root blob not null,
    time bigint not null
)
"""
_REFUSED = """
create table if not exists refused (
    origin text not null primary key,
    reason text not null
)
"""
_LAST = "select size, root, time from seen where origin = :origin"
_SAW = """
insert into seen (origin, size, root, time) values (:origin, :size, :root, :time)
on conflict (origin) do update set size = :size, root = :root, time = :time
"""
_REASON = "select reason from refused where origin = :origin"
# The first reason stands: what was found later may follow from it.
_REFUSE = """
insert into refused (origin, reason) values (:origin, :reason)
on conflict (origin) do nothing
"""


class Sightings:
    """The memory of an auditor."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, folder: Path | None) -> Self:
        """Open the memory in a folder, which is made if it is not there; without one it is forgotten.

        Raises:
            StateError: another process has it open, or it cannot be read or written.
        """
        path = Path(":memory:") if folder is None else folder / NAME
        return cls(path, connect(path, _SEEN, _REFUSED, threads=True))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def last(self, origin: str) -> Sighting:
        """Return what was seen last; the empty tree at the beginning of time if nothing was.

        Raises:
            StateError: the memory cannot be read.
        """
        with state_errors(self._path):
            row = self._connection.execute(_LAST, {"origin": origin}).fetchone()
        return Sighting() if row is None else Sighting(*row)

    def saw(self, origin: str, sighting: Sighting) -> None:
        """Remember durably what was seen.

        Raises:
            StateError: the memory cannot be written.
        """
        values = {"origin": origin, "size": sighting.size, "root": sighting.root, "time": sighting.time}
        with state_errors(self._path):
            self._connection.execute(_SAW, values)

    def refused(self, origin: str) -> str | None:
        """Return why a log is refused for good; None if it is not.

        Raises:
            StateError: the memory cannot be read.
        """
        with state_errors(self._path):
            row = self._connection.execute(_REASON, {"origin": origin}).fetchone()
        return None if row is None else row[0]

    def refuse(self, origin: str, reason: str) -> None:
        """Refuse a log for good, durably.

        Raises:
            StateError: the memory cannot be written.
        """
        with state_errors(self._path):
            self._connection.execute(_REFUSE, {"origin": origin, "reason": reason})
