"""Where engagement events go: Parquet files by day, behind one small port."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Protocol

from vestibule import files
from vestibule.ledger.fortnight import write_day

SUFFIX: Final = ".parquet"


class Events(Protocol):
    """Files of events, by day. Methods block: call from a thread."""

    def put(self, day: int, batch: int, data: bytes) -> None:
        """Keep the events of one UTC day and batch; the same day and batch again take their place."""
        ...

    def read(self, engine: Any, days: Iterable[int]) -> Any | None:
        """Give an Ibis connection to DuckDB the events of some days, as a table; None if there are none."""
        ...


class FolderEvents:
    """Events as files below a folder: `2026-01-31/0123456789.parquet`. Durable when a call returns."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, day: int, batch: int, data: bytes) -> None:
        """Keep the events of one UTC day and batch; the same day and batch again take their place."""
        files.replace(self._root / write_day(day) / f"{batch}{SUFFIX}", data)

    def of(self, days: Iterable[int]) -> list[str]:
        """List the files of some days; one that a crash left unfinished is none of them."""
        folders = [self._root / write_day(day) for day in days]
        return sorted(str(path) for folder in folders for path in folder.glob(f"[0-9]*{SUFFIX}"))

    def read(self, engine: Any, days: Iterable[int]) -> Any | None:
        """Give an Ibis connection to DuckDB the events of some days, as a table; None if there are none."""
        paths = self.of(days)
        return engine.read_parquet(paths) if paths else None
