"""Epochs: a commitment to what the log says, every minute, ten thousand leaves and day. Reads `entry`.

The commitments follow the committed leaves, in slices and in a thread, so that neither the loop nor the
writer waits for them. An epoch covers the leaves there were when it was made, not all those before its place.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from vestibule.ledger import leaf as leaves
from vestibule.ledger.commitments import Commitments
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.recorder.drafts import Append, Recorded, Registration
from vestibule.recorder.entries import SLICE, read_slice
from vestibule.recorder.errors import RecorderError
from vestibule.store import Store, StoreError

SECONDS = 60.0
LEAVES = 10_000

COMMITTED = "select size from log_state where log_id = :log_id"

logger = logging.getLogger(__name__)


class Epochs:
    """Writes the epochs of one log. One coroutine at a time may call `write_if_due`.

    Args:
        store: where the entries are.
        log_id: the log.
        append: records leaves, and returns when they are published.
        clock: microseconds since 1970.
        seconds: how long after one epoch the next is due, if anything was written.
    """

    def __init__(
        self,
        store: Store,
        log_id: str,
        append: Callable[[Append], Awaitable[tuple[Recorded, ...]]],
        clock: Callable[[], int],
        seconds: float = SECONDS,
    ) -> None:
        self._store = store
        self._log_id = log_id
        self._append = append
        self._clock = clock
        self._seconds = seconds
        self._commitments = Commitments()
        self._read = 0
        self._newest: tuple[int, leaves.EpochLeaf] | None = None
        self._many = asyncio.Event()

    def grown(self, size: int) -> None:
        """Take note that the log has `size` leaves now."""
        if size - self._read >= LEAVES:
            self._many.set()

    async def run(self) -> None:
        """Write epochs until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._many.wait(), self._seconds)
            self._many.clear()
            try:
                await self.write_if_due()
            except (RecorderError, StoreError) as error:
                logger.warning("no epoch was written, the next one will cover more: %s", error)

    async def write_if_due(self) -> None:
        """Write an epoch, unless nothing was written since the last one and that is of today.

        Raises:
            RecorderError: if the log cannot write now.
            StoreError: if the store cannot be read.
        """
        size = await self._follow()
        if self._newest is not None:
            index, newest = self._newest
            if size == index + 1 and newest.day == self._clock() // MICROSECONDS_A_DAY:
                return
        covered = 0 if self._newest is None else self._newest[1].size
        leaf = await asyncio.to_thread(self._commitments.leaf, covered, 0)
        await self._append(Append((Registration(lambda day: replace(leaf, day=day)),), probes=True))

    async def _follow(self) -> int:
        """Read what was committed since the last time, and return the log's size."""
        row = await self._store.read(lambda tx: tx.one(COMMITTED, log_id=self._log_id))
        size = 0 if row is None else int(row[0])
        while self._read < size:
            first, end = self._read, min(self._read + SLICE, size)
            await asyncio.to_thread(
                self._take, first, await read_slice(self._store, self._log_id, first, end)
            )
        return size

    def _take(self, first: int, entries: Sequence[bytes]) -> None:
        for index, entry in enumerate(entries, first):
            leaf = leaves.parse(entry)
            if isinstance(leaf, leaves.Event):
                self._commitments.add(index, leaf)
            elif isinstance(leaf, leaves.EpochLeaf):
                self._newest = index, leaf
        self._read = first + len(entries)
        self._commitments.take_in(self._read)
