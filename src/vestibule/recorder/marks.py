"""Marks in the data folder: what its log was started with before, and must not silently go on without.

An old copy of the folder looks whole to itself. Only those outside it know better, so a start that leaves
them out would continue the copy, and fork the log. Touches the two marks, and no other file.
"""

from pathlib import Path

from vestibule import files
from vestibule.recorder.errors import LogRefusesToStart

SECOND_HEAD = "log.second-head"
"""Says where the log has a second head; without it, a missing one is new."""
WITNESSES = "log.witnesses"
"""Says that the log was started with witnesses, and from which file at first."""


def check(data: Path, *, second_head: Path | None, witnesses: Path | None) -> None:
    """Refuse a start without the second head, or without any witnesses, that the folder's log has had.

    Args:
        data: the data folder.
        second_head: the file that this start is given; None for none.
        witnesses: the file that this start is given; None for none.

    Raises:
        LogRefusesToStart: saying what to add, or which mark to remove.
    """
    head = _read(data / SECOND_HEAD)
    if head is not None and second_head is None:
        raise LogRefusesToStart(
            f"this folder has a second head at {head}; add --second-head {head}, or remove "
            f"{data / SECOND_HEAD} if it is given up"
        )
    if _read(data / WITNESSES) is not None and witnesses is None:
        raise LogRefusesToStart(
            f"this log has had witnesses; add --witnesses FILE, or remove {data / WITNESSES} "
            "to go on without them"
        )


def leave(mark: Path, file: Path) -> None:
    """Leave a mark that names a file, durably; one that is there stays as it is."""
    if not mark.exists():
        files.replace(mark, f"{file.absolute()}\n".encode())


def _read(mark: Path) -> str | None:
    try:
        return mark.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
