"""Writes exports in the true shape of Facebook's "Download your information", for tests."""

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ME, BOB = "Zoë Müller", "Bob Dvořák"
START_MS = 1_500_000_000_000
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PER_FILE = 10_000

Files = dict[str, bytes]


def garbled(value: Any) -> Any:
    """Encode texts twice, as the export does."""
    if isinstance(value, str):
        return value.encode().decode("latin-1")
    if isinstance(value, Mapping):
        return {key: garbled(part) for key, part in value.items()}
    if isinstance(value, list):
        return [garbled(part) for part in value]
    return value


def text(sender: str, at: int, content: str, **more: Any) -> dict[str, Any]:
    return {
        "sender_name": sender,
        "timestamp_ms": START_MS + at,
        "content": content,
        "type": "Generic",
        "is_unsent": False,
        "is_taken_down": False,
        "bumped_message_metadata": {"bumped_message": content, "is_bumped": False},
        **more,
    }


def bare(sender: str, at: int, **more: Any) -> dict[str, Any]:
    """Make a message without content: a picture, a sticker, one that was unsent."""
    return {"sender_name": sender, "timestamp_ms": START_MS + at, "type": "Generic", **more}


def thread_files(
    folder: str,
    messages: Sequence[Mapping[str, Any]],
    *,
    participants: Iterable[str] = (BOB, ME),
    title: str = BOB,
    per_file: int = PER_FILE,
) -> Files:
    """Lay out a thread: `messages` in the order they were sent, files and their messages newest first."""
    newest_first = list(reversed(messages))
    parts = [newest_first[i : i + per_file] for i in range(0, len(newest_first), per_file)] or [[]]
    files: Files = {}
    for number, part in enumerate(parts, start=1):
        body = {
            "participants": [{"name": name} for name in participants],
            "messages": part,
            "title": title,
            "is_still_participant": True,
            "thread_type": "Regular",
            "thread_path": folder.partition("messages/")[2],
            "magic_words": [],
            "image": {"uri": f"{folder}/photos/thread.jpg", "creation_timestamp": 1_500_000_000},
            "joinable_mode": {"mode": 1, "link": ""},
        }
        files[f"{folder}/message_{number}.json"] = json.dumps(garbled(body), indent=2).encode()
    return files


def two_threads(root: str = "") -> Files:
    """Make a small export: a thread in two files with one of everything, and a second thread."""
    folder = f"{root}messages/inbox/bobdvorak_5tq2wabc"
    messages = [
        text(BOB, 0, "Größe? 😀 naïve"),
        text(ME, 1, "42 ❤️", reactions=[{"reaction": "❤", "actor": BOB}]),
        bare(BOB, 2, photos=[{"uri": f"{folder}/photos/beach.jpg", "creation_timestamp": 1_500_000_000}]),
        bare(ME, 3, photos=[{"uri": f"{folder}/photos/gone.jpg", "creation_timestamp": 1_500_000_000}]),
        text(BOB, 4, "look", share={"link": "https://films.example/1", "share_text": "Ein schöner Film"}),
        bare(BOB, 5, is_unsent=True),
        text(BOB, 6, "Bob called you.", type="Call", call_duration=93),
        bare(ME, 7, videos=[{"uri": f"{folder}/videos/v.mp4", "thumbnail": {"uri": "t.jpg"}}]),
        bare(ME, 8, sticker={"uri": "messages/stickers_used/s.png", "ai_stickers": []}),
        bare(BOB, 9, gifs=[{"uri": f"{folder}/gifs/g.gif"}], audio_files=[{"uri": f"{folder}/audio/a.mp4"}]),
        text(BOB, 10, "same moment"),
        text(BOB, 10, "same moment"),
        text(ME, 11, "last"),
    ]
    files = thread_files(folder, messages, per_file=7)
    files[f"{folder}/photos/beach.jpg"] = JPEG
    other = f"{root}messages/archived_threads/band_77"
    files |= thread_files(
        other, [text("Céline", 5, "hé"), text(ME, 9, "ho")], participants=("Céline", BOB, ME), title="Band 🎸"
    )
    files[f"{root}messages/stickers_used/s.png"] = PNG
    files[f"{root}profile_information/profile_information.json"] = b"{}"
    return files


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return path
