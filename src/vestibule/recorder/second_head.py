"""The second head: a file on another volume that remembers the newest committed checkpoint.

Whoever restores the data folder from a backup rolls back its database and its published log together; this
file is not restored with them, and knows better. It is moved after each commit and before publication, from
what this process knows to stand there and from nothing else.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vestibule.recorder import marks
from vestibule.recorder.errors import LogRefusesToStart, LostTheLog
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.note import VerifierKey


class SecondHead:
    """The file, and what this process last saw or wrote in it. Its methods block: call them from a thread.

    Args:
        path: the file, on another volume.
        data: the data folder, for the mark.
    """

    def __init__(self, path: Path, data: Path) -> None:
        self.path = path
        self._mark = data / marks.SECOND_HEAD
        self._known: bytes | None = None

    def read(self, key: VerifierKey) -> Checkpoint | None:
        """Return the checkpoint that the file holds; None on the first start with it.

        Raises:
            LogRefusesToStart: if it is not signed by this log, cannot be read, or was there and is gone.
        """
        if not self.path.parent.is_dir():
            raise LogRefusesToStart(f"second head: expected the folder {self.path.parent}, got none")
        try:
            self._known = self._stored()
            if self._known is not None:
                return open_checkpoint(self._known, key)
            if self._mark.exists():
                raise LogRefusesToStart(
                    f"second head: expected the file {self.path}, got none; put it back, or if it is lost "
                    f"for good, remove {self._mark} to make it anew"
                )
        except OSError as error:
            raise LogRefusesToStart(f"second head {self.path}: {error.strerror}") from error
        except TlogError as error:
            raise LogRefusesToStart(f"second head {self.path}: {error}") from error
        return None

    def advance(self, note: str) -> None:
        """Move the file to a committed checkpoint, durably.

        Raises:
            LostTheLog: if it holds neither this checkpoint nor what this process knew.
            OSError: if it cannot be written; the next call tries again.
        """
        data = note.encode()
        with _folder(self.path.parent) as folder:
            if self._stored() not in (self._known, data):
                raise LostTheLog(f"second head {self.path}: another process has moved it")
            _replace(self.path.name, data, folder)
        self._known = data
        marks.leave(self._mark, self.path)

    def _stored(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    """Keep a folder open and locked, from the comparison to the sync that tells of its disk's errors."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _replace(name: str, data: bytes, folder: int) -> None:
    unfinished = f"{name}.new"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
