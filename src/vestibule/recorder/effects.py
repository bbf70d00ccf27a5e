"""Effects: what an event sets in motion once it is published. Touches the table `effect`.

The row was written in the same commit as the leaf, so that a crash loses neither; it is removed after its
handler has succeeded. A handler may therefore run twice, and does nothing the second time.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from vestibule.recorder.errors import LogUnavailable
from vestibule.store import Store

Handler = Callable[[int, dict[str, Any]], Awaitable[None]]
"""Takes the event's index and the effect's body."""

ONE = "select topic, body from effect where log_id = :log_id and idx = :idx"
LEFT = "select idx from effect where log_id = :log_id and idx < :size order by idx limit 500"
DONE = "delete from effect where log_id = :log_id and idx = :idx"

logger = logging.getLogger(__name__)


class Effects:
    """Applies effects by topic."""

    def __init__(self, store: Store, log_id: str, handlers: Mapping[str, Handler]) -> None:
        self._store = store
        self._log_id = log_id
        self._handlers = handlers

    async def apply(self, indexes: Iterable[int]) -> None:
        """Apply what the events at these indexes set in motion, as far as it is still to be done.

        Raises:
            LogUnavailable: if a handler failed; its row stays for the next try.
        """
        for index in indexes:
            row = await self._left_at(index)
            if row is not None:
                await self._apply(index, row[0], json.loads(row[1]))

    async def recover(self, size: int) -> None:
        """Apply what an earlier process left, for leaves below `size`."""
        rows = await self._store.read(lambda tx: tx.all(LEFT, log_id=self._log_id, size=size))
        for (index,) in rows:
            try:
                await self.apply((index,))
            except LogUnavailable:
                logger.exception("the effect of leaf %d is still to be carried out", index)

    async def _left_at(self, index: int) -> tuple[str, str] | None:
        return await self._store.read(lambda tx: tx.one(ONE, log_id=self._log_id, idx=index))

    async def _apply(self, index: int, topic: str, body: dict[str, Any]) -> None:
        try:
            await self._handlers[topic](index, body)
        except Exception as error:
            raise LogUnavailable(
                f"leaf {index} is recorded, but {topic} could not be carried out yet"
            ) from error
        await self._store.write(lambda tx: tx.run(DONE, log_id=self._log_id, idx=index))
