"""Counts failed sign-ins in memory and says when to wait. Pure: the time is an argument.

An attempt counts as failed before the password is looked at and is taken back when it was right, so that many
attempts at once cannot slip through together. Somebody who fails often on purpose can keep the owner of a
handle from signing in anew for a quarter of an hour; sessions that exist are not touched.
"""

from dataclasses import dataclass

from vestibule.people.errors import TooManyAttempts

SECOND = 1_000_000
HANDLE_LIMIT, HANDLE_WINDOW = 10, 15 * 60 * SECOND
GLOBAL_LIMIT, GLOBAL_WINDOW = 600, 60 * SECOND
_HANDLES_KEPT = 20_000


@dataclass(slots=True)
class _Window:
    began: int
    failed: int = 0


class Throttle:
    """Failed sign-ins of the running windows: per handle, and of everybody."""

    def __init__(self) -> None:
        self._handles: dict[str, _Window] = {}
        self._everybody = _Window(0)

    def admit(self, handle: str, now: int) -> None:
        """Count an attempt.

        Raises:
            TooManyAttempts: there were too many in the running window; this one is not counted.
        """
        if now - self._everybody.began >= GLOBAL_WINDOW:
            self._everybody = _Window(now)
        window = self._handles.get(handle)
        if window is None or now - window.began >= HANDLE_WINDOW:
            window = self._open(handle, now)
        _check(window, HANDLE_LIMIT, HANDLE_WINDOW, now)
        _check(self._everybody, GLOBAL_LIMIT, GLOBAL_WINDOW, now)
        window.failed += 1
        self._everybody.failed += 1

    def succeeded(self, handle: str) -> None:
        """Take the attempt back: the password was right."""
        self._handles.pop(handle, None)
        self._everybody.failed = max(0, self._everybody.failed - 1)

    def _open(self, handle: str, now: int) -> _Window:
        self._handles.pop(handle, None)
        if len(self._handles) >= _HANDLES_KEPT:
            self._handles.pop(next(iter(self._handles)))
        window = self._handles[handle] = _Window(now)
        return window


def _check(window: _Window, limit: int, length: int, now: int) -> None:
    if window.failed >= limit:
        raise TooManyAttempts(-((now - window.began - length) // SECOND))
