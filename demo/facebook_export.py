"""Makes an export as Facebook's "Download your information" gives it, with Eva's old chats in it.

True to its shape: `messages/inbox/<thread>/message_N.json`, 10,000 messages a file, the newest first, every
text UTF-8 that was encoded twice.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

OWN_NAME = "Eva Ångström"
FRIEND = "Zoë Müller"
PER_FILE = 10_000
MESSAGES = 10_400
GROUP_TALK = ((FRIEND, "Wer kocht?"), (OWN_NAME, "Ich, Käsespätzle."), ("Søren Dahl", "Jeg elsker det 🧀"))
TOTAL = MESSAGES + len(GROUP_TALK)
FIRST_MS = 1_388_600_000_000
STEP_MS = 9 * 3_600_000 + 1_111
FOLDER = "your_facebook_activity/messages/inbox/zoemuller_7qk2x"
GROUP = "your_facebook_activity/messages/inbox/kochclub_k3v9w"
GROUP_TITLE = "Köchclub 🍲"
PHOTO = f"{FOLDER}/photos/beach_2014.png"
TALK = (
    "Are you coming on Sunday?",
    "Yes! Shall I bring the crêpes?",
    "Please do. And the naïve painting you promised 🙂",
    "It is still drying…",
    "Größer than I thought, by the way",
    "❤️",
    "The film starts at eight",
    "I'll be there at half past seven, as always",
)


def make() -> bytes:
    """Return the export as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in (
            _thread(FOLDER, FRIEND, _long_talk()) | _thread(GROUP, GROUP_TITLE, _group())
        ).items():
            archive.writestr(name, data)
        archive.writestr(PHOTO, _picture())
        archive.writestr("your_facebook_activity/messages/autofill_information.json", b"{}")
    return out.getvalue()


def _long_talk() -> list[dict[str, Any]]:
    """Ten years of one friendship, oldest first, with a picture, reactions, a shared link, one unsent."""
    talk = [
        _said(number, (FRIEND, OWN_NAME)[number % 2], content=TALK[number % len(TALK)])
        for number in range(MESSAGES)
    ]
    talk[-2] = _said(MESSAGES - 2, FRIEND, photos=[{"uri": PHOTO, "creation_timestamp": FIRST_MS // 1000}])
    talk[-1]["reactions"] = [{"reaction": "❤", "actor": FRIEND}, {"reaction": "😮", "actor": OWN_NAME}]
    talk[-3]["share"] = {"link": "https://films.example/stalker", "share_text": "Ein schöner Film"}
    talk[-4] |= {"content": "", "is_unsent": True}
    return talk


def _group() -> list[dict[str, Any]]:
    return [_said(number, who, content=text) for number, (who, text) in enumerate(GROUP_TALK)]


def _said(number: int, who: str, **what: Any) -> dict[str, Any]:
    at = FIRST_MS + number * STEP_MS
    return {"sender_name": who, "timestamp_ms": at, **what, "is_geoblocked_for_viewer": False}


def _thread(folder: str, title: str, talk: list[dict[str, Any]]) -> dict[str, bytes]:
    """Cut a thread into its files: both the files and what is in them begin with the newest."""
    names = dict.fromkeys(message["sender_name"] for message in talk)
    files = {}
    for number, start in enumerate(range(0, len(talk), PER_FILE), start=1):
        body = {
            "participants": [{"name": name} for name in names],
            "messages": talk[::-1][start : start + PER_FILE],
            "title": title,
            "is_still_participant": True,
            "thread_path": folder.partition("messages/")[2],
            "magic_words": [],
        }
        files[f"{folder}/message_{number}.json"] = json.dumps(_twice(body)).encode()
    return files


def _twice(value: Any) -> Any:
    """Encode every text twice, as the export does."""
    if isinstance(value, str):
        return value.encode().decode("latin-1")
    if isinstance(value, list):
        return [_twice(part) for part in value]
    if isinstance(value, dict):
        return {key: _twice(part) for key, part in value.items()}
    return value


def _picture(width: int = 480, height: int = 320) -> bytes:
    """Paint an evening at the sea as a PNG (RFC 2083), row by row."""
    rows = b"".join(
        b"\0" + bytes((235 - y * 130 // height, 150 - y * 90 // height, 90 + y * 90 // height)) * width
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
