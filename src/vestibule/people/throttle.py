"""Counts failed attempts in memory and says when to wait. Pure: the time is an argument.

An attempt counts as failed before the password is looked at and is taken back when it was right, so that many
attempts at once cannot slip through together. Somebody who fails often on purpose can keep browsers that
never signed in from doing so by password: a quarter of an hour with the handle that is tried, a minute with
any. Browsers that have signed in before have a budget of their own (`devices`), and neither passkeys nor
recovery codes nor sessions that exist are touched.
"""

from dataclasses import dataclass

from vestibule.people.errors import TooManyAttempts

SECOND = 1_000_000
LIMIT, WINDOW = 10, 15 * 60 * SECOND
GLOBAL_LIMIT, GLOBAL_WINDOW = 600, 60 * SECOND
SIGN_UPS, SIGN_UP_WINDOW = 60, 60 * 60 * SECOND
"""Asked for from one network: a school class signs up at once, and misspells."""
_KEPT = 20_000


@dataclass(slots=True)
class _Window:
    began: int
    failed: int = 0


class Throttle:
    """Failed attempts of the running windows: per key, and where `shared`, of everybody.

    Args:
        shared: whether all keys have a budget together as well.
        limit: attempts of one key in a window.
        window: its length in microseconds.
    """

    def __init__(self, *, shared: bool = False, limit: int = LIMIT, window: int = WINDOW) -> None:
        self._shared, self._limit, self._length = shared, limit, window
        self._windows: dict[str, _Window] = {}
        self._everybody = _Window(0)

    def admit(self, key: str, now: int) -> None:
        """Count an attempt.

        Args:
            key: what is tried, for instance a handle.
            now: microseconds since 1970.

        Raises:
            TooManyAttempts: there were too many in the running window; this one is not counted.
        """
        if now - self._everybody.began >= GLOBAL_WINDOW:
            self._everybody = _Window(now)
        window = self._windows.get(key)
        if window is None or now - window.began >= self._length:
            window = self._open(key, now)
        _check(window, self._limit, self._length, now)
        if self._shared:
            _check(self._everybody, GLOBAL_LIMIT, GLOBAL_WINDOW, now)
        window.failed += 1
        self._everybody.failed += 1

    def succeeded(self, key: str) -> None:
        """Take the attempt back: the password was right."""
        self._windows.pop(key, None)
        self._everybody.failed = max(0, self._everybody.failed - 1)

    def _open(self, key: str, now: int) -> _Window:
        self._windows.pop(key, None)
        if len(self._windows) >= _KEPT:
            self._windows.pop(next(iter(self._windows)))
        window = self._windows[key] = _Window(now)
        return window


def _check(window: _Window, limit: int, length: int, now: int) -> None:
    if window.failed >= limit:
        raise TooManyAttempts(-((now - window.began - length) // SECOND))
