"""Private messages between two and in a group, and old ones brought along."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

from demo import facebook_export
from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.cast import Cast
    from demo.people import Person

TALK = (
    ("Ana", "Do you remember the song from the ferry? I cannot get it out of my head."),
    ("Bob", "The one with the accordion? I never knew its name."),
    ("Ana", "La valse d'Amélie. And now I want a whole evening of Yann Tiersen."),
    ("Bob", "Then I will bring the record player. Don't tell anybody that I cried."),
    ("Ana", "Never. Put Comptine d'un autre été first."),
    ("Bob", "Promised. See you at eight."),
    ("Ana", "And something by Nina Simone to end with. Feeling Good!"),
)
GROUP = (
    ("Cleo", "Sunday, my place: who brings a film?"),
    ("Ana", "I have one, but I will not say which."),
    ("Dan", "As long as it is shorter than four hours."),
)
TITLE = "Film club"


def between_two(cast: Cast) -> None:
    """Let Ana and Bob talk."""
    cast.printer.act("Ana and Bob write to each other; Cleo opens a group")
    cast.talk = _talked(cast, "Bob", (cast["Bob"],), TALK)


def in_group(cast: Cast) -> None:
    """Let three talk in a group."""
    cast.group = _talked(cast, TITLE, (cast["Ana"], cast["Dan"]), GROUP)


def _talked(cast: Cast, title: str, others: tuple[Person, ...], talk: tuple[tuple[str, str], ...]) -> str:
    """Let them say what they have not said in an earlier run; returns the conversation's path."""
    first, opening = talk[0]
    path = cast[first].conversation_with(title)
    if path is None:
        path = cast[first].begin(others, opening, title if len(others) > 1 else "")
        cast.printer.quote(first, opening)
    there = cast[first].open(path).text
    for who, text in talk:
        if text in there:
            continue
        cast[who].write(path, text)
        cast.printer.quote(who, text)
    if talk[-1][1] in there:
        cast.printer.line(first, f"and the others in “{title}” talked before; it is all still there")
    return path


class _Watched(io.BytesIO):
    """A file that tells how much of it was read."""

    def __init__(self, data: bytes, tell: Callable[[int], None]) -> None:
        super().__init__(data)
        self._tell = tell

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on."""
        data = super().read(size)
        self._tell(len(data))
        return data


def bring_along(cast: Cast) -> None:
    """Let Eva import her Facebook export."""
    cast.printer.act("Eva brings her old messages along, from her own Facebook export")
    export = facebook_export.make()
    eva = cast["Eva"]
    page = eva.open("/import")
    with cast.printer.bar("Eva uploads her export", len(export)) as tell:
        upload: IO[bytes] = _Watched(export, tell)
        page = eva.browser.submit(
            page,
            "/import",
            {"own_name": facebook_export.OWN_NAME},
            {"export": ("facebook-eva.zip", upload, "application/zip")},
        )
    if "Nothing new" in page.text:
        cast.printer.line("Eva", "imports again: nothing new, nothing twice")
    else:
        page.expect("Your messages are here")
        page.expect(str(facebook_export.TOTAL))
        said = (
            f"imports {facebook_export.TOTAL:,} messages, a picture and reactions: two threads in three files"
        )
        cast.printer.line("Eva", said)
    _read_old(cast)


def _read_old(cast: Cast) -> None:
    eva = cast["Eva"]
    path = eva.conversation_with(facebook_export.FRIEND)
    if path is None:
        raise DemoError(f"expected the thread {facebook_export.FRIEND!r} in Eva's inbox, found none")
    page = eva.open(path)
    for text in ("Yes! Shall I bring the crêpes?", "Größer than I thought", "❤"):
        page.expect(text)
    cast.printer.line(
        "Eva", "reads “Größer than I thought” of Zoë Müller: the export's garbled letters are repaired"
    )
