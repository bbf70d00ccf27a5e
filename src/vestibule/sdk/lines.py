"""A file that only grows, line by line, each synced; one process has it at a time, others are refused."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Final

from vestibule import files
from vestibule.sdk.errors import StoreInUse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OWNER_ALONE: Final = 0o600


class Lines:
    """Lines of bytes in a file; who shares one among threads holds a lock of its own."""

    def __init__(self, file: Path, take: Callable[[bytes, int], None], *, busy: str) -> None:
        """Open the file, made the first time, and read it; half a line that a crash left is cut off.

        Args:
            file: where they are; its folder has to be there.
            take: is given each line, with its end, and its number from 1 on.
            busy: who has the file, in the words of the error, if somebody has.

        Raises:
            StoreInUse: another process, or another `Lines` of this one, has it open.
            OSError: it cannot be read or written.
        """
        self.file = file
        is_new = not file.exists()
        self._handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, OWNER_ALONE)
        try:
            self._have(busy)
            self._end = self._read(take)
            if is_new:
                files.sync_folder(file.parent)
        except BaseException:
            self.close()
            raise

    def append(self, line: bytes) -> None:
        """Write a line, its end included; durable when this returns.

        Raises:
            OSError: it cannot be written; nothing of it is in the file then.
        """
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, self._end)
            raise
        self._end += len(line)

    def close(self) -> None:
        """Let another process have the file."""
        os.close(self._handle)

    def _have(self, busy: str) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreInUse(f"{self.file}: expected to be alone with it, but {busy}") from error

    def _read(self, take: Callable[[bytes, int], None]) -> int:
        """Take what was kept, cut off what a crash left unfinished, and return where the file ends."""
        end = 0
        with os.fdopen(os.dup(self._handle), "rb") as lines:
            lines.seek(0)
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                take(line, number)
                end += len(line)
        os.ftruncate(self._handle, end)
        return end
