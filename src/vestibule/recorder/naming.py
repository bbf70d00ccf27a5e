"""The log's name, kept in the data folder from the first start: a log cannot be renamed. Touches one file."""

import re
from pathlib import Path

from vestibule import files
from vestibule.recorder.errors import LogRefusesToStart

NAME = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?(?:/[a-z0-9._-]+)*")
"""A scheme-less URL without trailing slash (C2SP tlog-checkpoint, origin line)."""


def log_name(folder: Path, wanted: str | None, otherwise: str) -> str:
    """Return the name of the folder's log, giving it one on the first start.

    Args:
        folder: the data folder.
        wanted: the name the operator gave, None for none.
        otherwise: the name on the first start if none was given.

    Raises:
        LogRefusesToStart: if the name is malformed, or the log has another one.
    """
    path = folder / "log.origin"
    kept = path.read_text().strip() if path.exists() else None
    name = wanted or kept or otherwise
    if not NAME.fullmatch(name):
        raise LogRefusesToStart(f"log origin: expected a name as chat.example/log, got {name!r}")
    if kept is not None and kept != name:
        raise LogRefusesToStart(
            f"log origin: the log in {folder} is called {kept} for ever, got {name}; leave --log-origin out"
        )
    if kept is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.create(path, f"{name}\n".encode())
    return name
