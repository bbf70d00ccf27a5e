"""Public counts up to the published size, carried forward as the log grows. Reads `entry`."""

import asyncio
from collections.abc import Mapping

from vestibule.ledger import leaf as leaves
from vestibule.ledger.history import Epoch
from vestibule.recorder.entries import read_slice
from vestibule.recorder.public_record import PartnerRecord, Tally
from vestibule.store import Store

WIDTH = 1024
"""Leaves that are counted between two turns of the event loop: some 3 ms."""


class RunningTotals:
    """Counts every leaf once, in slices that are parsed beside the event loop; it belongs to one loop."""

    def __init__(self, store: Store, log_id: str) -> None:
        self._store = store
        self._log_id = log_id
        self._tally = Tally()
        self._carrying = asyncio.Lock()

    async def up_to(self, size: int) -> Mapping[tuple[str, str, str, str], tuple[int, int]]:
        """Count at least the leaves below `size`: (partner, kind, op, basis) to (events, items)."""
        await self._carry(size)
        return dict(self._tally.totals)

    async def of(self, partner: str, size: int) -> PartnerRecord:
        """Give a partner's public record over at least the leaves below `size`."""
        await self._carry(size)
        return self._tally.of(partner)

    async def epoch(self, size: int) -> Epoch | None:
        """Give the newest epoch of at least the leaves below `size`; None before the first."""
        await self._carry(size)
        return self._tally.epoch

    async def _carry(self, size: int) -> None:
        # The lock keeps a crowd of visitors from parsing the same slice; a slice is taken without a pause.
        async with self._carrying:
            while self._tally.size < size:
                first = self._tally.size
                end = min(first + WIDTH, size)
                entries = await read_slice(self._store, self._log_id, first, end)
                for leaf in await asyncio.to_thread(_parsed, entries):
                    self._tally.take(leaf)


def _parsed(entries: list[bytes]) -> list[leaves.Leaf]:
    return [leaves.parse(entry) for entry in entries]
