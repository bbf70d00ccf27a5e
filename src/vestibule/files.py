"""Files that are whole and durable when a call returns; before, or without one, they are as they were.

Each is written under another name first, which a crash may leave behind and nothing reads. Only the owner of
the process may read what is made here.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".tmp-"
"""How the other name begins."""


def replace(path: Path, data: bytes) -> None:
    """Write a file, in the place of one that may be there; its folder is made if it is missing.

    A reader sees the old bytes or the new ones, never a mixture.
    """
    with _beside(path, data) as unfinished:
        unfinished.replace(path)


def create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; its folder is made if it is missing.

    Raises:
        FileExistsError: there is something at `path`, which is kept.
    """
    with _beside(path, data) as unfinished:
        # A link, not a rename: it fails when the name exists, so nothing is ever overwritten.
        os.link(unfinished, path)


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """Write a file under another name, and make durable what the block names it."""
    _make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:  # a new folder is durable only once its own parent is synced
        sync_folder(one.parent)
