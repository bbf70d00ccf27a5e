"""A bar on the terminal while a long log is read; nothing where nobody looks on."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 1.0
"""Seconds before a bar appears."""
BETWEEN = 0.1
"""Seconds from one drawing to the next."""
WIDTH = 30
ERASE = "\r\x1b[K"


@dataclass(slots=True)
class Bar:
    """What has been read of a log, and how fast. Only a terminal is drawn on.

    Args:
        out: where to draw.
        clock: seconds, of any beginning.
    """

    out: TextIO
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)
    _next: float = field(init=False)
    _drawn: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._next = self._began + PATIENCE

    def __call__(self, done: int, size: int) -> None:
        """Take note that `done` of `size` leaves are read."""
        now = self.clock()
        if now < self._next or not self.out.isatty():
            return
        self._next = now + BETWEEN
        self._drawn = True
        full = WIDTH * done // size
        rate = done / (now - self._began)
        bar = f"[{'#' * full}{' ' * (WIDTH - full)}] {done:,} of {size:,} leaves, {rate:,.0f} a second"
        print(f"{ERASE}{bar}", end="", file=self.out, flush=True)

    def erase(self) -> None:
        """Leave the line empty."""
        if self._drawn:
            print(ERASE, end="", file=self.out, flush=True)


@contextmanager
def shown(out: TextIO) -> Iterator[Bar]:
    """Show a bar until the block ends."""
    bar = Bar(out)
    try:
        yield bar
    finally:
        bar.erase()
