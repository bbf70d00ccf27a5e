"""Writing a zip: the same bytes for the same files on every machine, whole or not at all, over nothing."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from vestibule.cli.zipped import LARGEST, LARGEST_TOTAL, MOST_FILES
from vestibule.verdict.errors import BadBundle

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file: a zip knows none earlier, and when it was made is nobody's business."""
UNIX = 3
FILE_MODE = 0o100644


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new zip, readable by its owner alone.

    They are stored as they are: what a compressor makes of the same bytes differs from machine to machine.

    Raises:
        FileExistsError: there is something at `path`.
        OSError: it cannot be written.
        BadBundle: more or larger files than `zipped` reads.
    """
    _check_bounds(files)
    if os.path.lexists(path):
        raise FileExistsError(f"{path}: there is a file already, and it is kept")
    handle, name = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file, files)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never takes the place of a file that came in between.
        os.link(unfinished, path)
    finally:
        unfinished.unlink()


def _fill(file: IO[bytes], files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, EARLIEST)
            member.create_system = UNIX
            member.external_attr = FILE_MODE << 16
            archive.writestr(member, files[name])


def _check_bounds(files: Mapping[str, bytes]) -> None:
    total = sum(map(len, files.values()))
    if len(files) > MOST_FILES or total > LARGEST_TOTAL:
        raise BadBundle(
            f"expected at most {MOST_FILES} files of {LARGEST_TOTAL} bytes, got {len(files)} of {total}"
        )
    for name, data in files.items():
        if len(data) > LARGEST:
            raise BadBundle(f"{name}: expected at most {LARGEST} bytes, got {len(data)}")
