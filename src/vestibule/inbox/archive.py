"""Opens an export that somebody else has made: a zip or a folder.

Reads only; trusts no name and no size in it. Nothing is ever unpacked to disk. Links, absolute paths and
paths that lead out of the export are left aside; each read is bounded by what really comes out, not by what
the archive says.
"""

import errno
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Protocol

from vestibule.inbox.errors import BadExport, BadFile

MOST_NAMES = 200_000
LARGEST_DIRECTORY = 48 << 20
"""Bytes of a zip's central directory."""
MOST_BYTES = 8 << 30
"""Bytes read from one export in all."""

_CHUNK = 1 << 16
_ENTRY = b"PK\x01\x02"  # begins each entry of a central directory (APPNOTE 4.3.12)
# RuntimeError: encrypted; NotImplementedError: a compression this Python does not know.
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


class Export(Protocol):
    """The files of an export."""

    @property
    def names(self) -> frozenset[str]:
        """Paths of the files that may be read, with `/`."""
        ...

    def read(self, name: str, limit: int) -> bytes:
        """Return a file.

        Raises:
            BadFile: it is not there, is larger than `limit` bytes, or is broken.
        """
        ...

    def close(self) -> None:
        """Let the export go."""
        ...


def open_export(source: Path) -> Export:
    """Open an export; the caller closes it.

    Raises:
        BadExport: there is neither a folder nor a zip, or it has too many files.
    """
    if source.is_dir():
        return _Folder(source)
    try:
        file = _Bounded(io.FileIO(source))
    except OSError as error:
        raise BadExport(f"expected a zip or a folder: {error}") from error
    try:
        return _Zip(file)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        file.close()
        if isinstance(error, BadExport):
            raise
        raise BadExport(f"expected a zip or a folder: {error}") from error


class _Budget:
    """Counts what was read from an export."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def read(self, stream: IO[bytes], name: str, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := stream.read(_CHUNK):
            size += len(part)
            if size > limit:
                raise BadFile(name, f"expected at most {limit} bytes, got more")
            parts.append(part)
        self._left -= size
        if self._left < 0:
            raise BadFile(name, f"expected at most {MOST_BYTES} bytes in all, got more")
        return b"".join(parts)


class _Bounded(io.BufferedReader):
    """A zip's bytes, refusing a directory that is too large before `zipfile` makes objects of it.

    `zipfile` reads the directory at once, by the size that the zip's end states, and goes by its entries, not
    by the stated count: so what is read is looked at here, not what the end states.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Read bytes.

        Raises:
            BadExport: they are more than a directory may have, or entries of too many files.
        """
        if size is not None and size > LARGEST_DIRECTORY:
            raise BadExport(f"expected a directory of at most {LARGEST_DIRECTORY} bytes, got {size}")
        data = super().read(size)
        count = data.count(_ENTRY)
        if count > MOST_NAMES:
            raise BadExport(f"expected at most {MOST_NAMES} files, got {count}")
        return data


class _Zip:
    def __init__(self, file: _Bounded) -> None:
        self._file = file
        self._archive = zipfile.ZipFile(file)
        self._budget = _Budget()
        self._infos, self._twice = _readable(self._archive.infolist())
        self._names = frozenset(self._infos)

    @property
    def names(self) -> frozenset[str]:
        return self._names

    def read(self, name: str, limit: int) -> bytes:
        info = self._infos.get(name)
        if info is None:
            raise BadFile(name, "not in the export")
        if name in self._twice:
            raise BadFile(name, "stands in the archive more than once")
        if info.flag_bits & 1:
            raise BadFile(name, "is encrypted")
        try:
            with self._archive.open(info) as stream:
                return self._budget.read(stream, name, limit)
        except _UNREADABLE as error:
            raise BadFile(name, f"cannot be read: {error}") from error

    def close(self) -> None:
        self._archive.close()
        self._file.close()


def _readable(infos: list[zipfile.ZipInfo]) -> tuple[Mapping[str, zipfile.ZipInfo], frozenset[str]]:
    kept: dict[str, zipfile.ZipInfo] = {}
    twice: set[str] = set()
    for info in infos:
        if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16) or not _inside(info.filename):
            continue
        if info.filename in kept:
            twice.add(info.filename)
        kept[info.filename] = info
    return kept, frozenset(twice)


def _inside(name: str) -> bool:
    """Whether a path stays within the export."""
    if not name or "\\" in name or "\x00" in name or ":" in name.split("/", 1)[0]:
        return False
    return all(part not in {"", ".", ".."} for part in name.split("/"))


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._budget = _Budget()
        self._names = frozenset(_walked(root))

    @property
    def names(self) -> frozenset[str]:
        return self._names

    def read(self, name: str, limit: int) -> bytes:
        if not _inside(name) or not self._linkless(name):
            raise BadFile(name, "not in the export")
        try:
            handle = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as stream:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise BadFile(name, "expected a file, got something else")
                return self._budget.read(stream, name, limit)
        except OSError as error:
            missing = error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
            reason = "not in the export" if missing else f"cannot be read: {error.strerror}"
            raise BadFile(name, reason) from error

    def close(self) -> None:
        """Nothing is held open."""

    def _linkless(self, name: str) -> bool:
        parents = Path(name).parents
        return not any((self._root / parent).is_symlink() for parent in parents if parent.name)


def _walked(root: Path) -> Iterator[str]:
    count = 0
    for folder, _, files in os.walk(root, followlinks=False):
        for file in files:
            path = Path(folder, file)
            if path.is_symlink():
                continue
            count += 1
            if count > MOST_NAMES:
                raise BadExport(f"expected at most {MOST_NAMES} files, got more")
            yield path.relative_to(root).as_posix()
