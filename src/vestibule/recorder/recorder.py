"""The recorder: the one place where something enters the log, and where its keeper is asked."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from vestibule.ledger import tags
from vestibule.ledger.history import Epoch
from vestibule.recorder import epochs, history, receipts
from vestibule.recorder import head as heads
from vestibule.recorder.drafts import Append, Draft, Recorded
from vestibule.recorder.effects import Effects, Handler
from vestibule.recorder.errors import AppendInsideTransaction, LogUnavailable, RecorderError
from vestibule.recorder.keys import LogKeys
from vestibule.recorder.public_record import PartnerRecord
from vestibule.recorder.sequencer import Sequencer
from vestibule.recorder.totals import RunningTotals
from vestibule.recorder.witnessing import Witnessing, unwitnessed
from vestibule.store import Blobs, Store, StoreError, transaction
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.note import Note

MOST_IN_A_POOL = 1024
RECOVER_SECONDS = 30
EARLIER = "select indexes from appended where log_id = :log_id and event_id = :event_id"

logger = logging.getLogger(__name__)

Waiter = tuple[Append, "asyncio.Future[tuple[Recorded, ...]]"]


class Recorder:
    """Appends events and register leaves. Make one with `Recorder.open`; it belongs to one event loop.

    Attributes:
        log_id: the log's origin.
        witnessing: how it waits for witnesses, as the public is told.
    """

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        keys: LogKeys,
        handlers: Mapping[str, Handler],
        clock: Callable[[], int],
        *,
        witnessing: Witnessing | None,
        epoch_seconds: float,
    ) -> None:
        self.log_id = keys.origin
        self.witnessing = witnessing or unwitnessed(keys.signing.verifier)
        self._store = store
        self._blobs = blobs
        self._keys = keys
        self._sequencer = Sequencer(store, blobs, keys, clock)
        self._effects = Effects(store, keys.origin, handlers)
        self._totals = RunningTotals(store, keys.origin)
        self._epochs = epochs.Epochs(store, keys.origin, self._enqueue, clock, epoch_seconds)
        self._waiting: list[Waiter] = []
        self._wake = asyncio.Event()
        self._running: dict[bytes, asyncio.Future[tuple[Recorded, ...]]] = {}
        self._settling: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._background: tuple[asyncio.Task[None], ...] = ()
        self._closing = False

    @classmethod
    async def open(
        cls,
        store: Store,
        blobs: Blobs,
        keys: LogKeys,
        handlers: Mapping[str, Handler],
        clock: Callable[[], int],
        *,
        witnessing: Witnessing | None = None,
        epoch_seconds: float = epochs.SECONDS,
    ) -> Self:
        """Create the log if there is none, check it, finish what an earlier process left, and start.

        Args:
            store: where leaves and head are.
            blobs: where tiles and checkpoint go.
            keys: who the log is.
            handlers: what carries out effects, by topic.
            clock: microseconds since 1970.
            witnessing: how it waits for witnesses; None for a log without any.
            epoch_seconds: how long after one epoch the next is due, if anything was written.

        Raises:
            LogRefusesToStart: if store, files and keys contradict each other.
        """
        await heads.create(store, keys, clock() // 86_400_000_000)
        recorder = cls(
            store, blobs, keys, handlers, clock, witnessing=witnessing, epoch_seconds=epoch_seconds
        )
        head = await recorder._sequencer.load()
        recorder._task = asyncio.create_task(recorder._run())
        recorder._background = (
            asyncio.create_task(recorder._keep_recovering()),
            asyncio.create_task(recorder._epochs.run()),
        )
        await recorder._effects.recover(head.size)
        return recorder

    async def close(self) -> None:
        """Stop after the pool under way; whoever still waits is told that nothing was recorded."""
        self._closing = True
        self._wake.set()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._task is not None:
            await self._task
        await asyncio.gather(*self._settling, return_exceptions=True)
        _fail(self._waiting, LogUnavailable("the log is shutting down"))

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Record leaves and return when they are durable, in a signed checkpoint, published, and carried out.

        The append outlives its caller: if the request that asked for it is cancelled, the leaves stand all
        the same.

        Raises:
            AppendInsideTransaction: if called inside a store transaction.
            Overtaken: if what an event stands on has ended.
            LogUnavailable: if the log cannot write or publish now.
        """
        if transaction.inside():
            raise AppendInsideTransaction("append was called inside a store transaction; commit it first")
        if append.event_id is None:
            return await asyncio.shield(self._enqueue(append))
        under_way = self._running.get(append.event_id)
        if under_way is None:
            under_way = asyncio.ensure_future(self._once(append.event_id, append))
            under_way.add_done_callback(_retrieve)
            self._running[append.event_id] = under_way
        return await asyncio.shield(under_way)

    async def checkpoint(self) -> Checkpoint:
        """Return the newest checkpoint."""
        return Checkpoint.parse(Note.parse(await self.note()).text)

    async def note(self) -> str:
        """Return the newest published checkpoint as a signed note."""
        data = await asyncio.to_thread(self._blobs.get, "checkpoint")
        if data is None:
            raise LogUnavailable("no checkpoint is published yet")
        return data.decode()

    def policy(self) -> str:
        """Return the operator's C2SP tlog-policy: this log's key, and its witnesses if it has any."""
        return self.witnessing.text

    async def lane_key(self, partner: str, subject: bytes) -> bytes:
        """Return the key of a person's shared lane, which names her to the partner."""
        return await self._sequencer.lanes.key_of((partner, tags.SHARED, subject))

    async def person_file(self, subject: bytes, partner_ids: Iterable[str]) -> dict[str, Any]:
        """Make the file with which a person checks her history; see `history.person_file`."""
        return await history.person_file(
            self._store, self._sequencer.lanes, self.log_id, subject, partner_ids
        )

    async def receipt(self, index: int, subject: bytes) -> str | None:
        """Make the receipt of one of a person's leaves; None if she has none there."""
        found = await receipts.recorded_at(
            self._store,
            self._blobs,
            self._sequencer.lanes,
            await self.note(),
            log_id=self.log_id,
            index=index,
            subject=subject,
        )
        return None if found is None else found.receipt()

    async def public_receipt(self, index: int) -> str | None:
        """Make the receipt that everybody may have of a published leaf; None if the log does not reach it."""
        note = await self.note()
        if index >= Checkpoint.parse(Note.parse(note).text).size:
            return None
        found = await receipts.public_leaf_at(self._store, self._blobs, note, log_id=self.log_id, index=index)
        return None if found is None else found.receipt()

    async def public_record(self, partner: str) -> PartnerRecord:
        """Give everything the published log says of a partner."""
        return await self._totals.of(partner, (await self.checkpoint()).size)

    async def newest_epoch(self) -> Epoch | None:
        """Give the newest published epoch; None before the first."""
        return await self._totals.epoch((await self.checkpoint()).size)

    async def totals(self) -> Mapping[tuple[str, str, str, str], tuple[int, int]]:
        """Count all published event leaves by partner, kind, operation and basis."""
        return await self._totals.up_to((await self.checkpoint()).size)

    async def _once(self, event_id: bytes, append: Append) -> tuple[Recorded, ...]:
        try:
            return await self._earlier(event_id, append) or await self._enqueue(append)
        finally:
            del self._running[event_id]

    async def _earlier(self, event_id: bytes, append: Append) -> tuple[Recorded, ...] | None:
        row = await self._store.read(lambda tx: tx.one(EARLIER, log_id=self.log_id, event_id=event_id))
        if row is None:
            return None
        indexes: list[int] = json.loads(row[0])
        if max(indexes) >= (await self.checkpoint()).size:
            # Committed by an append that could not publish: nothing is carried out before its leaf is public.
            await self._enqueue(Append(()))
        await self._effects.apply(indexes)
        note = await self.note()
        found = [
            await self._recorded_again(index, item, note)
            for index, item in zip(indexes, append.items, strict=True)
        ]
        return tuple(leaf for leaf in found if leaf is not None)

    async def _recorded_again(self, index: int, item: object, note: str) -> Recorded | None:
        if not isinstance(item, Draft):
            return await receipts.public_leaf_at(
                self._store, self._blobs, note, log_id=self.log_id, index=index
            )
        return await receipts.recorded_at(
            self._store,
            self._blobs,
            self._sequencer.lanes,
            note,
            log_id=self.log_id,
            index=index,
            subject=item.subject,
        )

    def _enqueue(self, append: Append) -> asyncio.Future[tuple[Recorded, ...]]:
        if self._task is None or self._task.done() or self._closing:
            raise LogUnavailable("the log is not running")
        future: asyncio.Future[tuple[Recorded, ...]] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_retrieve)
        self._waiting.append((append, future))
        self._wake.set()
        return future

    async def _run(self) -> None:
        while not self._closing:
            await self._wake.wait()
            pool, self._waiting = self._waiting[:MOST_IN_A_POOL], self._waiting[MOST_IN_A_POOL:]
            if not self._waiting and not self._closing:
                self._wake.clear()
            if pool:
                await self._sequence(pool)

    async def _keep_recovering(self) -> None:
        """Try again, every now and then, what could not be carried out."""
        while True:
            await asyncio.sleep(RECOVER_SECONDS)
            try:
                await self._effects.recover((await self.checkpoint()).size)
            except (OSError, StoreError, RecorderError):
                logger.exception("what events set in motion could not be looked at")

    async def _sequence(self, pool: list[Waiter]) -> None:
        try:
            answers = await self._sequencer.sequence([append for append, _ in pool])
        except RecorderError as error:
            _fail(pool, error)
            return
        except Exception as error:
            logger.exception("a pool of %d appends was not recorded", len(pool))
            _fail(pool, LogUnavailable(f"the log cannot write now: {error}"))
            return
        for waiter, answer in zip(pool, answers, strict=True):
            self._settle(waiter, answer)
        self._epochs.grown(self._sequencer.size)

    def _settle(self, waiter: Waiter, answer: tuple[Recorded, ...] | Exception) -> None:
        append, future = waiter
        if isinstance(answer, Exception):
            if not future.done():
                future.set_exception(answer)
        elif any(item.effect is not None for item in append.items):
            task = asyncio.create_task(self._carry_out(future, answer))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
        elif not future.done():
            future.set_result(answer)

    async def _carry_out(
        self, future: asyncio.Future[tuple[Recorded, ...]], answer: tuple[Recorded, ...]
    ) -> None:
        try:
            await self._effects.apply(leaf.index for leaf in answer)
        except Exception as error:
            logger.exception("recorded, but not yet carried out")
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(answer)


def _fail(pool: list[Waiter], error: Exception) -> None:
    for _, future in pool:
        if not future.done():
            future.set_exception(error)


def _retrieve(future: asyncio.Future[tuple[Recorded, ...]]) -> None:
    """Mark an exception as seen, for callers that went away."""
    if not future.cancelled():
        future.exception()
