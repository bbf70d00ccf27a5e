"""What the room keeps in memory in front of a store: accounts, sessions, failed sign-ins."""

from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from vestibule.people.throttle import SIGN_UP_WINDOW, SIGN_UPS, Throttle

if TYPE_CHECKING:
    from vestibule.people.accounts import Account
    from vestibule.store import Store

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Rows kept in memory, the oldest dropped first, never staler than the last `forget`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows: dict[K, V] = {}
        self._forgotten = 0

    def get(self, key: K) -> V | None:
        """Return what is kept under the key, if anything."""
        return self._rows.get(key)

    def mark(self) -> int:
        """Take a mark before reading rows that shall be kept."""
        return self._forgotten

    def keep(self, key: K, value: V, mark: int) -> None:
        """Keep a row read after `mark`, unless something was forgotten in between: it may be that row."""
        if mark != self._forgotten:
            return
        if len(self._rows) >= self._limit:
            self._rows.pop(next(iter(self._rows)))
        self._rows[key] = value

    def forget(self, key: K) -> None:
        """Drop a row that has changed; to be called after the change is durable."""
        self._forgotten += 1
        self._rows.pop(key, None)


class Memory:
    """The room's memory for one store."""

    def __init__(self) -> None:
        self.accounts: Remembered[int, Account] = Remembered(50_000)
        # Whose it is, when it expires, when it was last written down as used.
        self.sessions: Remembered[bytes, tuple[int, int, int]] = Remembered(100_000)
        self.throttle = Throttle(shared=True)
        self.devices = Throttle()
        self.proving = Throttle()
        self.signing_up = Throttle(limit=SIGN_UPS, window=SIGN_UP_WINDOW)
        # Two at a time: each hash takes 46 MiB and a core.
        self.hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


_memories: "WeakKeyDictionary[Store, Memory]" = WeakKeyDictionary()


def memory_of(store: "Store") -> Memory:
    """Return the room's memory for a store."""
    memory = _memories.get(store)
    if memory is None:
        memory = _memories[store] = Memory()
    return memory
