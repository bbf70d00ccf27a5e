"""Effects on another shard key: written with what causes them, applied afterwards, at least once."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

from vestibule.store import ids
from vestibule.store.errors import OutboxError
from vestibule.store.sqlite import Store
from vestibule.store.transaction import Row, Tx

# Above every row that waits, so that effects keep their order; above every row that ever was, so that a late
# delete never meets a new row.
INSERT_EFFECT = """
insert into outbox (owner, outbox_id, topic, body)
select :owner,
       case when max(outbox_id) >= cast(:fresh as bigint)
            then max(outbox_id) + 1 else cast(:fresh as bigint) end,
       :topic, :body
from outbox where owner = :owner
"""
SELECT_EFFECTS = "select outbox_id, topic, body from outbox where owner = :owner order by outbox_id limit 100"
DELETE_EFFECT = "delete from outbox where owner = :owner and outbox_id = :outbox_id"
RECOVER_OWNERS = "select distinct owner from outbox where owner > :after order by owner limit 200"

Handler = Callable[[dict[str, Any]], Awaitable[None]]

_draining: ContextVar[frozenset[int]] = ContextVar("vestibule_outbox_draining", default=frozenset())


async def put(tx: Tx, owner: int, topic: str, body: Mapping[str, Any]) -> None:
    """Write down an effect of this transaction.

    Args:
        tx: The transaction that causes the effect.
        owner: The shard key of the transaction, not of the effect.
        topic: Which handler applies it.
        body: JSON values the handler gets.
    """
    fresh = ids.new_id(time.time_ns() // 1000)
    await tx.run(
        INSERT_EFFECT,
        owner=owner,
        fresh=fresh,
        topic=topic,
        body=json.dumps(dict(body), separators=(",", ":")),
    )


class Outbox:
    """Applies effects, per owner in order. A handler is idempotent and writes in its own transaction."""

    def __init__(self, store: Store, handlers: Mapping[str, Handler]) -> None:
        self._store = store
        self._handlers = handlers
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def drain(self, owner: int) -> None:
        """Apply what an owner's transactions left, until nothing is left.

        Inside a handler of the same owner this returns at once: the drain that called the handler goes on.

        Raises:
            OutboxError: No handler for a topic. This, and whatever a handler raises, leave the effect and
                those after it for the next drain.
        """
        outer = _draining.get()
        if owner in outer:
            return
        lock = self._locks.setdefault(owner, asyncio.Lock())
        async with lock:
            token = _draining.set(outer | {owner})
            try:
                while effects := await self._effects(owner):
                    await self._apply(owner, effects)
            finally:
                _draining.reset(token)

    async def recover(self) -> dict[int, Exception]:
        """Drain every owner, as at the start of a server.

        Returns:
            The owners whose effects still wait, each with the reason.
        """
        stuck: dict[int, Exception] = {}
        after = -1
        while owners := await self._owners(after):
            for owner in owners:
                try:
                    await self.drain(owner)
                except Exception as error:  # noqa: BLE001 - one owner's trouble must not keep the others waiting
                    stuck[owner] = error
            after = owners[-1]
        return stuck

    async def _apply(self, owner: int, effects: list[Row]) -> None:
        applied: list[int] = []
        try:
            for outbox_id, topic, body in effects:
                handler = self._handlers.get(topic)
                if handler is None:
                    raise OutboxError(f"no handler for the topic {topic!r}")
                await handler(json.loads(body))
                applied.append(outbox_id)
        finally:
            if applied:
                await self._forget(owner, applied)

    async def _effects(self, owner: int) -> list[Row]:
        async def work(tx: Tx) -> list[Row]:
            return await tx.all(SELECT_EFFECTS, owner=owner)

        return await self._store.read(work)

    async def _owners(self, after: int) -> list[int]:
        async def work(tx: Tx) -> list[int]:
            return [owner for (owner,) in await tx.all(RECOVER_OWNERS, after=after)]

        return await self._store.read(work)

    async def _forget(self, owner: int, applied: list[int]) -> None:
        async def work(tx: Tx) -> None:
            await tx.many(DELETE_EFFECT, [{"owner": owner, "outbox_id": outbox_id} for outbox_id in applied])

        await self._store.write(work)
