"""What a partner counts itself for its engagement reports: dialogs that were sent, and clicks that came.

A file that only grows: a line for each dialog and each click, synced once. It names nobody: states
and click values stand there as digests. One process has it at a time; its threads may share one `Engagement`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.engagement import Counted, Placed
from vestibule.sdk.errors import BadStore
from vestibule.sdk.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Self

    from vestibule.ledger.engagement import Table
    from vestibule.ledger.fortnight import Fortnight

SENT: Final = "sent"
CLICK: Final = "click"
VALUE: Final = re.compile(r"[A-Za-z0-9_-]{22}")
"""A click value as the platform makes them; one that somebody makes up is counted, and will differ."""
WORD: Final = re.compile(r"[a-z0-9._-]{0,64}")


class Engagement:
    """A partner's own counters."""

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Open the file, made the first time; nobody but its owner can read it.

        Args:
            file: where the counts are kept.
            clock: seconds since 1970.

        Raises:
            StoreInUse: another process, or another `Engagement` of this one, has it open.
            BadStore: it is not what was written there.
            OSError: it cannot be read or written.
        """
        self.file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._counts: Counter[tuple[Placed, str]] = Counter()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lines = Lines(file, self._take, busy="another process counts there")

    def sent(self, state: str, *, interface: str = "", surface: str = "", variant: str = "") -> bool:
        """Count a dialog that was sent, today and once; returns whether it is new.

        Args:
            state: what you gave the dialog and got back with `sent`. Make sure that it is one of yours.
            interface: what you said in the dialog's address.
            surface: likewise.
            variant: likewise.

        Raises:
            ValueError: a word is none that a dialog takes.
            OSError: it cannot be written; nothing is counted then.
        """
        for word in (interface, surface, variant):
            if WORD.fullmatch(word) is None:
                raise ValueError(f"expected up to 64 of a-z 0-9 . _ -, got {word!r:.80}")
        return self._count(SENT, state, (interface, surface, variant))

    def clicked(self, address: str) -> bool:
        """Count a visit, today and once, if its address carries a `click` value; returns whether it counts.

        Args:
            address: what was asked for, with its query.

        Raises:
            OSError: it cannot be written; nothing is counted then.
        """
        query = dict(parse_qsl(urlsplit(address).query))
        value = query.get("click", "")
        words = tuple(query.get(f"click_{name}", "") for name in ("interface", "surface", "variant"))
        if VALUE.fullmatch(value) is None or not all(map(WORD.fullmatch, words)):
            return False
        return self._count(CLICK, value, words)

    def table(self, fortnight: Fortnight) -> Table:
        """Give what was counted in a fortnight, as a report has it."""
        with self._lock:
            return _table(self._counts, fortnight)

    def close(self) -> None:
        """Let another process have the file."""
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _count(self, what: str, once: str, words: tuple[str, ...]) -> bool:
        key, day = digest(what, once), int(self._clock()) // SECONDS_A_DAY
        with self._lock:
            if key in self._seen:
                return False
            self._lines.append(
                json.dumps({"what": what, "id": key, "day": day, "words": words}).encode() + b"\n"
            )
            self._add(what, key, day, words)
            return True

    def _add(self, what: str, key: str, day: int, words: Iterable[str]) -> None:
        self._seen.add(key)
        self._counts[Placed(day, *words), what] += 1

    def _take(self, line: bytes, number: int) -> None:
        self._add(*_counted(line, f"{self.file}, line {number}"))


def digest(what: str, once: str) -> str:
    """Return what is kept instead of a dialog's state or a click's value."""
    return sha256(f"{what}\n{once}".encode()).hexdigest()[:32]


def read_counts(file: Path, fortnight: Fortnight) -> Table:
    """Give what was counted in a fortnight, also while a program goes on counting in the file.

    Raises:
        BadStore: it is not what an `Engagement` wrote.
        OSError: it cannot be read.
    """
    counts: Counter[tuple[Placed, str]] = Counter()
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.endswith(b"\n"):
                what, _, day, words = _counted(line, f"{file}, line {number}")
                counts[Placed(day, *words), what] += 1
    return _table(counts, fortnight)


def _table(counts: Mapping[tuple[Placed, str], int], fortnight: Fortnight) -> Table:
    places = {placed for placed, _ in counts if placed.day in fortnight.days}
    return {
        placed: Counted(counts.get((placed, SENT), 0), counts.get((placed, CLICK), 0))
        for placed in sorted(places)
    }


def _counted(line: bytes, where: str) -> tuple[str, str, int, tuple[str, str, str]]:
    try:
        found = json.loads(line)
        what, key, day = str(found["what"]), str(found["id"]), int(found["day"])
        interface, surface, variant = found["words"]
    except (ValueError, LookupError, TypeError) as error:
        raise BadStore(f"{where}: expected a count, got {line[:80]!r}") from error
    if what not in {SENT, CLICK} or not all(map(WORD.fullmatch, (interface, surface, variant))):
        raise BadStore(f"{where}: expected a count, got {line[:80]!r}")
    return what, key, day, (interface, surface, variant)
