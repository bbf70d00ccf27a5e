"""Public totals by partner, kind, operation and basis, counted from the leaves. Reads `entry`."""

from collections.abc import Mapping

from vestibule.ledger import leaf as leaves
from vestibule.ledger.counting import COUNTS_ITEMS
from vestibule.store import Store

SLICE = """
    select leaf from entry where log_id = :log_id and idx >= :first and idx < :end order by idx limit 4096
"""
WIDTH = 4096

Totals = dict[tuple[str, str, str, str], tuple[int, int]]
"""(partner, kind, op, basis) -> (events, items); items count only on access, send and delete."""


class RunningTotals:
    """Totals up to some size, carried forward as the log grows."""

    def __init__(self, store: Store, log_id: str) -> None:
        self._store = store
        self._log_id = log_id
        self._size = 0
        self._totals: Totals = {}

    async def up_to(self, size: int) -> Mapping[tuple[str, str, str, str], tuple[int, int]]:
        """Count the leaves below `size`; only those not counted before are read."""
        while self._size < size:
            first, end = self._size, min(self._size + WIDTH, size)
            rows = await self._slice(first, end)
            if first != self._size:
                continue
            for (data,) in rows:
                self._count(data)
            self._size += len(rows)
        return dict(self._totals)

    async def _slice(self, first: int, end: int) -> list[tuple[bytes]]:
        return await self._store.read(lambda tx: tx.all(SLICE, log_id=self._log_id, first=first, end=end))

    def _count(self, data: bytes) -> None:
        leaf = leaves.parse(data)
        if not isinstance(leaf, leaves.Event):
            return
        key = (leaf.partner, leaf.kind, leaf.op, leaf.basis)
        events, items = self._totals.get(key, (0, 0))
        self._totals[key] = (events + 1, items + (leaf.n if leaf.kind in COUNTS_ITEMS else 0))
