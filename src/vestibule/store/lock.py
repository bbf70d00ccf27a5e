"""One process per database: an exclusive lock on a file in its folder."""

import fcntl
import os
from pathlib import Path

from vestibule.store.errors import FolderUnusable, StoreInUse

NAME = "vestibule.lock"


def take(folder: Path) -> int:
    """Lock the folder and return the handle that holds the lock; the system frees it when the process ends.

    Raises:
        StoreInUse: Somebody else holds it.
        FolderUnusable: The folder cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FolderUnusable(f"cannot use the folder {folder}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(handle, 32, 0).decode(errors="replace").strip()
        os.close(handle)
        raise StoreInUse(f"{folder} is in use by process {holder or 'unknown'}") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def release(handle: int) -> None:
    """Let the next process in."""
    os.close(handle)
