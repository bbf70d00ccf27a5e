"""Takes the threads of a person's own Facebook export into her inbox.

Touches the tables of `imported_threads` and `appending`, and the blobs. A thread is a conversation of kind
`imported` with one member, the person who imports it. It becomes visible when all of it is stored. Importing
again appends, in the order they were sent, exactly those messages whose key (`facebook.ThreadMessage.key`)
the thread does not have yet, and changes nothing else; a crash in the middle is healed by importing again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from unicodedata import normalize

import msgspec

from vestibule.inbox.appending import Draft, append
from vestibule.inbox.archive import Export, open_export
from vestibule.inbox.errors import BadExport, BadFile, NotAMember
from vestibule.inbox.extra import Missing, Photo
from vestibule.inbox.facebook import (
    Thread,
    ThreadFiles,
    ThreadMessage,
    find_threads,
    parse_thread,
    photo_paths,
)
from vestibule.inbox.imported_threads import claim, complete, keys_of
from vestibule.inbox.memory import memory_of
from vestibule.inbox.pictures import image_type
from vestibule.store import Blobs, Store, Tx

MOST_FILE_BYTES = 16 << 20
MOST_PHOTO_BYTES = 32 << 20
MOST_THREAD_BYTES = 128 << 20
_ROWS_IN_CHUNK = 300

Progress = Callable[[int, int], None]
"""Called after each thread with how many are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file of the export that was not taken over, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import has added.

    Attributes:
        threads: Threads that are new or have grown.
        messages: Messages that were added.
        photos: Pictures that were taken over with them.
        problems: What was left out.
    """

    threads: int
    messages: int
    photos: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Importer:
    """Who imports what into where."""

    store: Store
    blobs: Blobs
    export: Export
    user_id: int
    own_name: str
    now: int


async def import_export(
    store: Store,
    blobs: Blobs,
    *,
    user_id: int,
    own_name: str,
    source: Path,
    now: int,
    progress: Progress,
) -> ImportReport:
    """Import every thread of an export, a zip or a folder.

    Args:
        store: Where the messages go.
        blobs: Where the pictures go, under `attachments/<sha256>`.
        user_id: The person who imports her own export.
        own_name: What she is called in it: messages under this name become hers.
        source: The zip or the folder.
        now: Microseconds since 1970.
        progress: Told after each thread.

    Raises:
        BadExport: this is no export, there are no threads in it, or another import of hers is running.
        StoreError: the store failed; what was imported so far stands.
    """
    async with _turn(store, user_id):
        export = await asyncio.to_thread(open_export, source)
        with closing(export):
            threads = _threads(export)
            importer = _Importer(store, blobs, export, user_id, normalize("NFC", own_name), now)
            return await _import_all(importer, threads, progress)


@asynccontextmanager
async def _turn(store: Store, user_id: int) -> AsyncIterator[None]:
    """Let one import run at a time: each may take much memory."""
    memory = memory_of(store)
    if user_id in memory.importers:
        raise BadExport("expected one import at a time, another one of yours is still running")
    memory.importers.add(user_id)
    try:
        async with memory.importing:
            yield
    finally:
        memory.importers.discard(user_id)


def _threads(export: Export) -> tuple[ThreadFiles, ...]:
    threads = find_threads(export.names)
    if threads:
        return threads
    if any(name.endswith("/message_1.html") for name in export.names):
        raise BadExport("expected an export in the format JSON, got HTML: ask for it again as JSON")
    raise BadExport("expected threads in messages/inbox/<thread>/message_1.json, found none")


async def _import_all(
    importer: _Importer, threads: tuple[ThreadFiles, ...], progress: Progress
) -> ImportReport:
    grown = messages = photos = 0
    problems: list[Problem] = []
    named = False
    for done, files in enumerate(threads, start=1):
        try:
            thread = await asyncio.to_thread(_read, importer.export, files)
            added, pictures, trouble = await _import_thread(importer, files, thread)
        except BadFile as error:
            problems.append(Problem(error.file, error.reason))
        except NotAMember as error:
            problems.append(Problem(files.files[0], str(error)))
        else:
            named = named or _is_named(importer.own_name, thread)
            grown += added > 0
            messages += added
            photos += pictures
            problems += trouble
        progress(done, len(threads))
    if messages and not named:
        reason = f"nobody in it is called {importer.own_name!r}: every message counts as somebody else's"
        problems.append(Problem("messages", reason))
    return ImportReport(grown, messages, photos, tuple(problems))


def _read(export: Export, files: ThreadFiles) -> Thread:
    return parse_thread(files, _contents(export, files))


def _contents(export: Export, files: ThreadFiles) -> Iterator[bytes]:
    left = MOST_THREAD_BYTES
    for file in files.files:
        data = export.read(file, min(left, MOST_FILE_BYTES))
        left -= len(data)
        yield data


def _is_named(own_name: str, thread: Thread) -> bool:
    return any(normalize("NFC", name) == own_name for name in thread.participants)


async def _import_thread(
    importer: _Importer, files: ThreadFiles, thread: Thread
) -> tuple[int, int, list[Problem]]:
    """Append what the thread does not have yet; returns messages and pictures added, and what was not."""
    if not thread.messages:
        return 0, 0, []
    conversation_id = await claim(
        importer.store,
        user_id=importer.user_id,
        source=f"facebook:{thread.source}",
        title=thread.title,
        now=importer.now,
    )
    known = await keys_of(importer.store, conversation_id)
    new = [message for message in thread.messages if message.key not in known]
    pictures, problems = 0, []
    for chunk in _chunks(new):
        taken = await asyncio.to_thread(_take_photos, importer, files, chunk)
        await _append(importer, conversation_id, [message for message, _ in taken])
        pictures += sum(len(message.extra.photos) for message, _ in taken)
        problems += [problem for _, found in taken for problem in found]
    await complete(importer.store, conversation_id, importer.user_id, importer.now)
    return len(new), pictures, problems


def _chunks(messages: Sequence[ThreadMessage]) -> Iterator[Sequence[ThreadMessage]]:
    for start in range(0, len(messages), _ROWS_IN_CHUNK):
        yield messages[start : start + _ROWS_IN_CHUNK]


def _take_photos(
    importer: _Importer, files: ThreadFiles, chunk: Sequence[ThreadMessage]
) -> list[tuple[ThreadMessage, list[Problem]]]:
    return [_with_photos(importer, files, message) for message in chunk]


def _with_photos(
    importer: _Importer, files: ThreadFiles, message: ThreadMessage
) -> tuple[ThreadMessage, list[Problem]]:
    """Put a message's pictures into the blobs; a missing one does not hold the message back."""
    photos: list[Photo] = []
    missing = list(message.extra.missing)
    problems: list[Problem] = []
    for uri in message.photos:
        try:
            photos.append(_take_photo(importer, files, uri))
        except BadFile as error:
            missing.append(Missing("photo", PurePosixPath(uri).name[:200], error.reason))
            problems.append(Problem(error.file, error.reason))
    extra = msgspec.structs.replace(message.extra, photos=tuple(photos), missing=tuple(missing))
    return replace(message, extra=extra), problems


def _take_photo(importer: _Importer, files: ThreadFiles, uri: str) -> Photo:
    data = _read_photo(importer.export, photo_paths(files, uri))
    media_type = image_type(data)
    if media_type is None:
        raise BadFile(uri, "expected a JPEG, PNG, GIF or WebP picture, got something else")
    photo = Photo(hashlib.sha256(data).hexdigest(), media_type)
    importer.blobs.put(photo.path, data)
    return photo


def _read_photo(export: Export, paths: Sequence[str]) -> bytes:
    names = export.names
    found = [path for path in paths if path in names]
    return export.read((found or paths)[0], MOST_PHOTO_BYTES)


async def _append(importer: _Importer, conversation_id: int, chunk: Sequence[ThreadMessage]) -> None:
    drafts = [_draft(importer, conversation_id, message) for message in chunk]

    async def write(tx: Tx) -> None:
        for stored in await append(tx, drafts):
            if isinstance(stored, Exception):
                raise stored

    await importer.store.write(write)


def _draft(importer: _Importer, conversation_id: int, message: ThreadMessage) -> Draft:
    own = normalize("NFC", message.sender_name) == importer.own_name
    return Draft(
        conversation_id=conversation_id,
        sender_id=importer.user_id if own else 0,
        sender_name=message.sender_name,
        client_key=message.key,
        sent_at=message.sent_at,
        body=message.body,
        extra=message.extra.encode(),
    )
