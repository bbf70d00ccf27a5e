"""Files that other people fetch: immutable tiles, and a few replaceable ones such as the checkpoint."""

import errno
import os
import secrets
from pathlib import Path, PurePosixPath
from typing import Protocol

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
        self._known: set[Path] = set()

    def put(self, path: str, data: bytes) -> None:
        """Create a blob; the same bytes again are fine.

        Raises:
            BlobError: Other bytes are stored under this path, or the path is not allowed.
        """
        target = self._target(path)
        temporary = self._write_beside(target, data)
        try:
            # A link, not a rename: it fails when the name exists, so nothing is ever overwritten.
            os.link(temporary, target)
        except FileExistsError:
            if target.read_bytes() != data:
                raise BlobError(f"{path} exists with other bytes") from None
        finally:
            temporary.unlink()
        _sync_folder(target.parent)

    def replace(self, path: str, data: bytes) -> None:
        """Create or replace a blob atomically.

        Raises:
            BlobError: The path is not allowed.
        """
        target = self._target(path)
        temporary = self._write_beside(target, data)
        temporary.replace(target)
        _sync_folder(target.parent)

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
            any(part in {"", ".", ".."} or part.startswith(".tmp-") for part in parts)
            or "\0" in path
            or "\\" in path
        ):
            raise BlobError(f"expected a relative path without empty parts or dots, got {path!r}")
        return self._root / PurePosixPath(path)

    def _write_beside(self, target: Path, data: bytes) -> Path:
        self._make_folder(target.parent)
        temporary = target.parent / f".tmp-{secrets.token_hex(8)}"
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return temporary

    def _make_folder(self, folder: Path) -> None:
        if folder in self._known:
            return
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for parent in missing:  # a new folder is durable only once its own parent is synced
            _sync_folder(parent.parent)
        self._known.add(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
