"""Reading a zip that a stranger made: the plain form alone, so that every tool finds the same files in it.

What makes two readers disagree (comments, gaps, overlaps, a name twice, local headers that say otherwise) is
refused, and so is whatever makes a small file large. Format: PKWARE APPNOTE 6.3.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.verdict.errors import BadBundle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vestibule.tlog.tiles import Fetch

STORED, DEFLATED = 0, 8
MOST_FILES = 65_534
"""Files in a zip; 65,535 would be the mark of zip64."""
LARGEST = 1 << 26
"""Bytes of one file: a tile has at most 17 MB, a person's file with 20,000 openings some 60 MB."""
LARGEST_TOTAL = 1 << 31
"""Bytes of all files together."""
LARGEST_ZIP = LARGEST_TOTAL + (1 << 26)
"""Bytes of the zip, with its headers."""
LONGEST_NAME = 255

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_FIELDS = ("mark", "flags", "method", "CRC-32", "packed size", "size", "name")
_NAME = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
_HARMLESS_FLAGS = 0x0806
"""How hard the writer tried to compress, and that names are UTF-8."""
_HARMLESS_EXTRA = frozenset({0x000A, 0x5455, 0x5855, 0x7855, 0x7875})
"""Kinds of extra field that hold times and owners; others give a file a second name, size or content."""
_FOLDER = 0x10
_KIND, _REGULAR = 0o170000, 0o100000
"""Of a Unix mode, which stands in the upper half of the attributes; 0 where the writer knows none."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the zip, as the directory has it: `packed` bytes from `header` on become `size` bytes."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    header: int


@dataclass(frozen=True, slots=True)
class Zipped:
    """A zip in memory. Its files are decompressed and checked one at a time.

    Attributes:
        called: the zip's name, for messages.
        members: by name, in the order of the names.
        data: the whole zip.
    """

    called: str
    members: Mapping[str, Member]
    data: bytes

    def under(self, folder: str) -> Fetch:
        """Return what reads the files of a folder in the zip; `folder` ends in a slash."""
        return lambda path: self.read(folder + path)

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            FileNotFoundError: there is no such file in the zip.
            BadBundle: its content is not what the directory says.
        """
        if name not in self.members:
            raise FileNotFoundError(f"{self.called}: no file {name} in it")
        member = self.members[name]
        where = f"{self.called}, {name}"
        start = _data_start(self.data, member, where)
        data = _unpacked(_cut(self.data, start, member.packed, where), member, where)
        if (crc := zlib.crc32(data)) != member.crc:
            raise BadBundle(f"{where}: expected CRC-32 {member.crc:08x}, got {crc:08x}")
        return data


def load(path: Path) -> Zipped:
    """Read a zip.

    Raises:
        OSError: it cannot be read.
        BadBundle: naming the byte, what was expected and what was got.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST_ZIP + 1)
    if len(data) > LARGEST_ZIP:
        raise BadBundle(f"{path.name}: expected a zip of at most {LARGEST_ZIP} bytes, got more")
    return parse(data, path.name)


def parse(data: bytes, called: str) -> Zipped:
    """Read a zip's directory.

    Raises:
        BadBundle: naming the byte, what was expected and what was got.
    """
    at = len(data) - _END.size
    where = f"{called}, byte {max(at, 0)}"
    if at < 0:
        raise BadBundle(f"{called}: expected a zip, got {len(data)} bytes")
    mark, *disks, on_disk, count, size, start, comment = _END.unpack(data[at:])
    if mark != b"PK\x05\x06" or comment:
        raise BadBundle(f"{where}: expected the end of a zip without a comment, got {mark!r}")
    if disks != [0, 0] or on_disk != count or not 0 < count <= MOST_FILES:
        raise BadBundle(f"{where}: expected 1 to {MOST_FILES} files on one disk, got {count}")
    if start + size != at:
        raise BadBundle(f"{where}: expected a directory of {at - start} bytes from {start} on, got {size}")
    members = _members(data[start:at], count, called, start)
    _check_cover(data, members, start, called)
    return Zipped(called, {member.name: member for member in sorted(members, key=_name_of)}, data)


def _members(directory: bytes, count: int, called: str, start: int) -> list[Member]:
    members: list[Member] = []
    seen: set[str] = set()
    position = 0
    for _ in range(count):
        where = f"{called}, byte {start + position}"
        member, position = _member(directory, position, where)
        # Two spellings that differ by case alone are one file to half of the machines that unpack them.
        if member.name.casefold() in seen:
            raise BadBundle(f"{where}: the name {member.name} is there twice")
        seen.add(member.name.casefold())
        members.append(member)
    if position != len(directory):
        raise BadBundle(f"{called}, byte {start + position}: expected the end of the directory")
    if (total := sum(member.size for member in members)) > LARGEST_TOTAL:
        raise BadBundle(f"{called}: expected at most {LARGEST_TOTAL} bytes in all files, got {total}")
    return members


def _member(directory: bytes, position: int, where: str) -> tuple[Member, int]:
    fields = directory[position : position + _CENTRAL.size]
    if len(fields) < _CENTRAL.size:
        raise BadBundle(f"{where}: the directory ends within an entry")
    mark, _, _, flags, method, _, _, crc, packed, size, *more, attributes, header = _CENTRAL.unpack(fields)
    name_length, extra_length, comment_length, disk, _ = more
    end = position + _CENTRAL.size + name_length
    name = _name(directory[position + _CENTRAL.size : end], where)
    if mark != b"PK\x01\x02" or disk or comment_length or end + extra_length > len(directory):
        raise BadBundle(f"{where}: expected a directory entry without a comment, got another thing")
    if flags & ~_HARMLESS_FLAGS:
        raise BadBundle(f"{where}: expected a plain file {name}, got flags {flags:#06x} (1 is encrypted)")
    if method not in {STORED, DEFLATED}:
        raise BadBundle(f"{where}: expected {name} stored or deflated, got method {method}")
    if size > LARGEST or (method == STORED and packed != size):
        raise BadBundle(f"{where}: expected at most {LARGEST} bytes in {name}, got {size} from {packed}")
    if attributes & _FOLDER or (attributes >> 16) & _KIND not in {0, _REGULAR}:
        raise BadBundle(f"{where}: expected a plain file {name}, got attributes {attributes:#010x}")
    _check_extra(directory[end : end + extra_length], f"{where}, {name}")
    return Member(name, method, crc, packed, size, header), end + extra_length


def _check_extra(extra: bytes, where: str) -> None:
    """Refuse what some tools read as another name of the file, another size or other content."""
    while extra:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind not in _HARMLESS_EXTRA or len(extra) < 4 + size:
            raise BadBundle(f"{where}: expected times and owners alone as extra fields, got kind {kind:#06x}")
        extra = extra[4 + size :]


def _name(raw: bytes, where: str) -> str:
    name = raw.decode("ascii", "replace")
    parts = name.split("/")
    if len(raw) > LONGEST_NAME or not _NAME.fullmatch(name) or {".", ".."} & set(parts):
        raise BadBundle(f"{where}: expected a relative path of plain letters, got {name[:80]!r}")
    return name


def _check_cover(data: bytes, members: list[Member], end: int, called: str) -> None:
    """Check that the files fill everything before the directory, without gap or overlap."""
    expected = 0
    for member in sorted(members, key=_header_of):
        if member.header != expected:
            raise BadBundle(f"{called}: expected {member.name} at byte {expected}, got {member.header}")
        expected = _data_start(data, member, f"{called}, {member.name}") + member.packed
    if expected != end:
        raise BadBundle(f"{called}, byte {expected}: expected the directory, got {end - expected} bytes more")


def _data_start(data: bytes, member: Member, where: str) -> int:
    """Return where the file's bytes begin, after a local header that says the same as the directory."""
    header = _cut(data, member.header, _LOCAL.size, where)
    mark, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(header)
    name = _cut(data, member.header + _LOCAL.size, name_length, where)
    says = (mark, flags & ~_HARMLESS_FLAGS, method, crc, packed, size, name)
    expected = (b"PK\x03\x04", 0, member.method, member.crc, member.packed, member.size, member.name.encode())
    for what, here, there in zip(_LOCAL_FIELDS, says, expected, strict=True):
        if here != there:
            raise BadBundle(f"{where}, local header: expected {what} {there!r:.80}, got {here!r:.80}")
    after_name = member.header + _LOCAL.size + len(name)
    _check_extra(_cut(data, after_name, extra_length, where), f"{where}, local header")
    return after_name + int(extra_length)


def _unpacked(packed: bytes, member: Member, where: str) -> bytes:
    if member.method == STORED:
        return packed
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(packed, member.size + 1)
    except zlib.error as error:
        raise BadBundle(f"{where}: expected deflated bytes, got {error}") from None
    if len(data) != member.size or not inflater.eof or inflater.unused_data:
        raise BadBundle(f"{where}: expected exactly {member.size} bytes, got another number")
    return data


def _cut(data: bytes, start: int, size: int, where: str) -> bytes:
    found = data[start : start + size]
    if len(found) != size:
        raise BadBundle(
            f"{where}: expected {size} bytes from {start} on, got {len(found)}: the zip is cut short"
        )
    return found


def _name_of(member: Member) -> str:
    return member.name


def _header_of(member: Member) -> int:
    return member.header
