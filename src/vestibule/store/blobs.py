"""Files that other people fetch: immutable tiles, and a few replaceable ones such as the checkpoint."""

import errno
from pathlib import Path, PurePosixPath
from typing import Protocol

from vestibule import files
from vestibule.store.errors import BlobError

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})


class Blobs(Protocol):
    """Named bytes. Paths are relative, with `/` between their parts. Methods block: call from a thread."""

    def put(self, path: str, data: bytes) -> None:
        """Create a blob; the same bytes again are fine, other bytes raise BlobError."""
        ...

    def replace(self, path: str, data: bytes) -> None:
        """Create or replace a blob; a reader sees the old bytes or the new ones, never a mixture."""
        ...

    def get(self, path: str) -> bytes | None:
        """Return the bytes, or None when there is no such blob."""
        ...


class FolderBlobs:
    """Blobs as files below a folder, durable when a call returns."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, path: str, data: bytes) -> None:
        """Create a blob; the same bytes again are fine.

        Raises:
            BlobError: Other bytes are stored under this path, or the path is not allowed.
        """
        target = self._target(path)
        try:
            files.create(target, data)
        except FileExistsError:
            if target.read_bytes() != data:
                raise BlobError(f"{path} exists with other bytes") from None
            # Whoever wrote it may have crashed before its name was durable.
            files.sync_folder(target.parent)

    def replace(self, path: str, data: bytes) -> None:
        """Create or replace a blob atomically.

        Raises:
            BlobError: The path is not allowed.
        """
        files.replace(self._target(path), data)

    def get(self, path: str) -> bytes | None:
        """Return the bytes, or None when there is no such blob.

        Raises:
            BlobError: The path is not allowed.
        """
        try:
            return self._target(path).read_bytes()
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise

    def _target(self, path: str) -> Path:
        parts = path.split("/")
        if (
            any(part in {"", ".", ".."} or part.startswith(files.UNFINISHED) for part in parts)
            or "\0" in path
            or "\\" in path
        ):
            raise BlobError(f"expected a relative path without empty parts or dots, got {path!r}")
        return self._root / PurePosixPath(path)
