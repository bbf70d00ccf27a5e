r"""Reads the message threads of a Facebook "Download your information" export in JSON.

Pure: bytes in, values out. The export writes UTF-8, then escapes each byte as if it were a character
(`\u00e2\u009d\u00a4` for a heart); every text is repaired. A thread is a folder of files
`message_1.json`, `message_2.json` and so on, 10,000 messages each; the first file and the first message of a
file are the newest.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from vestibule.inbox.errors import BadFile
from vestibule.inbox.extra import Extra, Missing, Reaction

LONGEST_TEXT = 20_000
"""Characters of one message: what the export's own service allows."""

MOST_IN_FILE = 20_000
"""Messages of one file; the export's own service writes 10,000."""

_LAST_MS = 4_102_444_800_000  # 2100-01-01T00:00:00Z
_LONGEST_NAME = 200
_THREAD_FILE = re.compile(
    r"(?P<root>(?:.*/)?)messages/"
    r"(?P<box>inbox|archived_threads|filtered_threads|message_requests|e2ee_cutover)/"
    r"(?P<thread>[^/]+)/message_(?P<number>[1-9][0-9]{0,5})\.json"
)
_ACTIVITY = "your_facebook_activity/"


@dataclass(frozen=True, slots=True)
class ThreadFiles:
    """Where a thread is in an export.

    Attributes:
        source: Box and folder, for example `inbox/annasmith_5tq2w`: what names the thread in later exports.
        root: What stands before `messages/`.
        files: Its files, the newest first.
    """

    source: str
    root: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """One message of a thread.

    Attributes:
        key: The same for this message in every export: time, sender, and which of those with the same time
            and sender it is.
        sender_name: As in the thread.
        sent_at: Microseconds since 1970.
        body: Text, may be empty.
        photos: Where its pictures are said to be.
        extra: Everything else.
    """

    key: str
    sender_name: str
    sent_at: int
    body: str
    photos: tuple[str, ...]
    extra: Extra


@dataclass(frozen=True, slots=True)
class Thread:
    """A whole thread, its messages in the order they were sent."""

    source: str
    title: str
    participants: tuple[str, ...]
    messages: tuple[ThreadMessage, ...]


class _Name(msgspec.Struct, gc=False):
    name: str


class _Media(msgspec.Struct, gc=False):
    uri: str


class _Share(msgspec.Struct):
    link: str = ""
    share_text: str = ""


class _Reaction(msgspec.Struct, gc=False):
    reaction: str
    actor: str


class _Message(msgspec.Struct):
    sender_name: str
    timestamp_ms: int
    content: str = ""
    photos: list[_Media] = []
    videos: list[_Media] = []
    audio_files: list[_Media] = []
    gifs: list[_Media] = []
    files: list[_Media] = []
    sticker: _Media | None = None
    share: _Share | None = None
    reactions: list[_Reaction] = []
    is_unsent: bool = False
    call_duration: int | None = None


class _File(msgspec.Struct):
    participants: list[_Name]
    messages: Annotated[list[_Message], msgspec.Meta(max_length=MOST_IN_FILE)]
    title: str = ""


_decoder = msgspec.json.Decoder(_File)


def repaired(text: str) -> str:
    """Undo the double encoding where that gives UTF-8; other text stays as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def find_threads(paths: Iterable[str]) -> tuple[ThreadFiles, ...]:
    """Find the threads among the paths of an export, old and new layout, in the order of their names."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    for path in paths:
        match = _THREAD_FILE.fullmatch(path)
        if match is not None:
            place = (f"{match['box']}/{match['thread']}", match["root"])
            found.setdefault(place, {})[int(match["number"])] = path
    return tuple(
        ThreadFiles(source, root, tuple(path for _, path in sorted(numbered.items())))
        for (source, root), numbered in sorted(found.items())
    )


def parse_thread(thread: ThreadFiles, contents: Iterable[bytes]) -> Thread:
    """Read a thread from the contents of its files, one after the other.

    Raises:
        BadFile: a file is missing or is not what an export holds; names it and says why.
    """
    _check_complete(thread)
    messages: list[_Message] = []
    participants: tuple[str, ...] = ()
    title = ""
    for index, (path, data) in enumerate(zip(thread.files, contents, strict=True)):
        file = _decoded(path, data)
        if index == 0:
            participants = tuple(_name(participant.name) for participant in file.participants)
            title = _name(file.title) or ", ".join(participants)[:_LONGEST_NAME]
        messages += file.messages
        file.messages.clear()
    messages.reverse()  # the newest come first; a stable sort then keeps the order within a millisecond
    messages.sort(key=lambda message: message.timestamp_ms)
    return Thread(thread.source, title, participants, _keyed(_taken(messages)))


def _taken(messages: list[_Message]) -> Iterator[_Message]:
    """Give messages in their order and let each go: a thread in two forms at once costs twice."""
    messages.reverse()
    while messages:
        yield messages.pop()


def photo_paths(thread: ThreadFiles, uri: str) -> tuple[str, ...]:
    """Say where in the export a picture may be: addresses count from the export's root in both layouts."""
    roots = dict.fromkeys((thread.root.removesuffix(_ACTIVITY), thread.root))
    return tuple(root + uri for root in roots)


def _check_complete(thread: ThreadFiles) -> None:
    folder = thread.files[0].rpartition("/")[0]
    for number, path in enumerate(thread.files, start=1):
        expected = f"{folder}/message_{number}.json"
        if path != expected:
            raise BadFile(expected, f"missing, but there is {path.rpartition('/')[2]}")


def _decoded(path: str, data: bytes) -> _File:
    try:
        file = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(path, f"not what an export holds: {error}") from error
    for index, message in enumerate(file.messages):
        if not 0 <= message.timestamp_ms < _LAST_MS:
            got = message.timestamp_ms
            raise BadFile(path, f"message {index}: expected milliseconds since 1970, got {got}")
        if len(message.content) > LONGEST_TEXT and len(repaired(message.content)) > LONGEST_TEXT:
            raise BadFile(path, f"message {index}: expected {LONGEST_TEXT} characters, got more")
    return file


def _keyed(messages: Iterable[_Message]) -> tuple[ThreadMessage, ...]:
    seen: dict[str, int] = {}
    keyed: list[ThreadMessage] = []
    for message in messages:
        sender = _name(message.sender_name)
        stem = f"fb:{message.timestamp_ms}:{hashlib.sha256(sender.encode()).hexdigest()[:16]}"
        count = seen[stem] = seen.get(stem, 0) + 1
        keyed.append(
            ThreadMessage(
                key=f"{stem}:{count}",
                sender_name=sender,
                sent_at=message.timestamp_ms * 1000,
                body=_text(message.content),
                photos=tuple(photo.uri for photo in message.photos),
                extra=_extra(message),
            )
        )
    return tuple(keyed)


def _extra(message: _Message) -> Extra:
    share = message.share or _Share()
    return Extra(
        missing=_missing(message),
        link=share.link if share.link.startswith(("https://", "http://")) else "",
        link_text=_text(share.share_text),
        reactions=tuple(Reaction(_text(one.reaction), _name(one.actor)) for one in message.reactions),
        unsent=message.is_unsent,
        call_seconds=message.call_duration,
    )


def _missing(message: _Message) -> tuple[Missing, ...]:
    groups = (
        ("video", message.videos),
        ("audio", message.audio_files),
        ("gif", message.gifs),
        ("file", message.files),
        ("sticker", [message.sticker] if message.sticker else []),
    )
    return tuple(
        Missing(kind, _name(PurePosixPath(media.uri).name)) for kind, group in groups for media in group
    )


def _text(text: str) -> str:
    return repaired(text).replace("\x00", "\ufffd")


def _name(text: str) -> str:
    return _text(text)[:_LONGEST_NAME]
