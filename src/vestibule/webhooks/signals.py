"""Waking who waits: a hint that shortens the wait, while what there is to do stands in the store."""

import asyncio
from weakref import WeakKeyDictionary

from vestibule.store import Store


class Signals:
    """Set when something may be noted, or due; belongs to one event loop."""

    def __init__(self) -> None:
        self.noted = asyncio.Event()
        self.due = asyncio.Event()


_signals: WeakKeyDictionary[Store, Signals] = WeakKeyDictionary()


def of(store: Store) -> Signals:
    """Return a store's signals."""
    return _signals.setdefault(store, Signals())
