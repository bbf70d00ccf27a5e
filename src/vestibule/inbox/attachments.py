"""Files that people attach to messages: the rules, and keeping their bytes. Touches the blobs only."""

import asyncio
import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

from vestibule.inbox.errors import BadFiles
from vestibule.inbox.extra import Extra, File
from vestibule.inbox.pictures import image_type
from vestibule.store.blobs import Blobs

MOST_FILES = 4
LARGEST_FILE = 10 * 1024 * 1024
LONGEST_NAME = 120
ANY_TYPE = "application/octet-stream"
"""What a browser is told of a file that is no picture: our pages show no other kind of file."""


async def keep(blobs: Blobs, given: Sequence[tuple[str, bytes]]) -> Extra:
    """Put files into the blobs, durably, and return what their message has to carry.

    Bytes whose message is never written stay there, unseen, until the same are attached again.

    Args:
        blobs: where the bytes go, under their own hash.
        given: name and bytes of each.

    Raises:
        BadFiles: naming the file, expected against got; nothing is kept then.
    """
    described = await described_as(given)
    for file, (_, data) in zip(described, given, strict=True):
        await asyncio.to_thread(blobs.put, file.path, data)
    return Extra(files=described)


async def described_as(given: Sequence[tuple[str, bytes]]) -> tuple[File, ...]:
    """Say what is known of files that go together; raises BadFiles as `keep` does."""
    if not 1 <= len(given) <= MOST_FILES:
        raise BadFiles(f"expected 1 to {MOST_FILES} files, got {len(given)}")
    return await asyncio.to_thread(lambda: tuple(describe(name, data) for name, data in given))


def describe(name: str, data: bytes) -> File:
    """Say what is known of a file.

    Raises:
        BadFiles: it is empty or too large.
    """
    called = clean_name(name)
    if not data:
        raise BadFiles(f"expected a file with something in it, got {called!r} with 0 bytes")
    if len(data) > LARGEST_FILE:
        raise BadFiles(f"expected files of at most {LARGEST_FILE:,} bytes, got {called!r} with {len(data):,}")
    return File(hashlib.sha256(data).hexdigest(), image_type(data) or ANY_TYPE, called, len(data))


def clean_name(name: str) -> str:
    """Return the last part of a file's name, without what would disturb a line or a header.

    Characters of the categories C (control, format such as right-to-left override, lone surrogates) go: a
    name may not look like another one.
    """
    last = PurePosixPath(PureWindowsPath(name).name).name
    kept = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip(" .")
    if len(kept) > LONGEST_NAME:
        stem, suffix = PurePosixPath(kept).stem, PurePosixPath(kept).suffix[:20]
        kept = stem[: LONGEST_NAME - len(suffix)] + suffix
    return kept or "file"
