"""The recorder: the one place where something enters the log, and where its keeper is asked."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from vestibule.ledger import jws, tags
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.history import Epoch
from vestibule.recorder import epochs, history
from vestibule.recorder import head as heads
from vestibule.recorder.drafts import Append, Draft, Recorded
from vestibule.recorder.effects import Effects, Handler
from vestibule.recorder.errors import AppendInsideTransaction, LogUnavailable, RecorderError
from vestibule.recorder.keys import LogKeys
from vestibule.recorder.pooling import Pool, retrieve
from vestibule.recorder.proving import Prover
from vestibule.recorder.public_record import PartnerRecord
from vestibule.recorder.receipts import Receipts
from vestibule.recorder.second_head import SecondHead
from vestibule.recorder.sequencer import Sequencer
from vestibule.recorder.totals import RunningTotals
from vestibule.recorder.waiting import Waiting
from vestibule.recorder.witnessing import Witnessing, unwitnessed
from vestibule.store import Blobs, Store, StoreError, transaction
from vestibule.tlog import layout
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.note import Note

RECOVER_SECONDS = 30
EARLIER = "select indexes from appended where log_id = :log_id and event_id = :event_id"

logger = logging.getLogger(__name__)


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
        second_head: SecondHead | None,
        epoch_seconds: float,
    ) -> None:
        self.log_id = keys.origin
        self.witnessing = witnessing or unwitnessed(keys.signing.verifier)
        self._store = store
        self._blobs = blobs
        self._signing = keys.signing
        self._sequencer = Sequencer(store, blobs, keys, clock, second_head)
        self._witnesses = Waiting(self.witnessing, Prover(blobs, lambda: self._sequencer.tree), blobs)
        self._effects = Effects(store, keys.origin, handlers)
        self._epochs = epochs.Epochs(store, keys.origin, self.append, clock, epoch_seconds)
        self._pool = Pool(self._sequencer, self._witnesses, self._effects, self._epochs.grown)
        self._receipts = Receipts(store, blobs, self._sequencer.lanes, keys.origin)
        self._totals = RunningTotals(store, keys.origin)
        self._running: dict[bytes, asyncio.Future[tuple[Recorded, ...]]] = {}
        self._background: tuple[asyncio.Task[None], ...] = ()

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
        second_head: SecondHead | None = None,
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
            second_head: a file elsewhere that remembers the head; None for none.
            epoch_seconds: how long after one epoch the next is due, if anything was written.

        Raises:
            LogRefusesToStart: if store, files, keys and what others hold of the log contradict each other.
        """
        await heads.create(store, keys, clock() // MICROSECONDS_A_DAY)
        recorder = cls(
            store,
            blobs,
            keys,
            handlers,
            clock,
            witnessing=witnessing,
            second_head=second_head,
            epoch_seconds=epoch_seconds,
        )
        try:
            await recorder._start()
        except BaseException:
            await recorder._witnesses.close()
            raise
        return recorder

    async def _start(self) -> None:
        await self._sequencer.load(await self._witnesses.claims())
        self._witnesses.start(self._sequencer.shown)
        self._pool.start()
        self._background = (
            asyncio.create_task(self._keep_recovering()),
            asyncio.create_task(self._epochs.run()),
        )
        await self._effects.recover(self._settled)

    async def close(self) -> None:
        """Stop after the pool under way; whoever still waits is told that nothing was recorded."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._pool.finish()
        await self._witnesses.close()
        await self._pool.close()

    @property
    def stopped(self) -> asyncio.Event:
        """Set once this process must not write any more; it should end then."""
        return self._pool.stopped

    @property
    def why_stopped(self) -> str | None:
        """What happened, in a line; None while the log can be written."""
        return self._pool.why

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Record leaves and return when they are durable, in a signed checkpoint, published, and carried out.

        Where releases wait for witnesses, the checkpoint has a quorum of cosignatures. The append outlives
        its caller: if the request that asked for it is cancelled, the leaves stand all the same.

        Raises:
            AppendInsideTransaction: if called inside a store transaction.
            Overtaken: if what an event stands on has ended.
            LogUnavailable: if the log cannot write or publish now, or its witnesses do not answer.
        """
        if transaction.inside():
            raise AppendInsideTransaction("append was called inside a store transaction; commit it first")
        if append.event_id is None:
            return await asyncio.shield(self._pool.put(append))
        under_way = self._running.get(append.event_id)
        if under_way is None:
            under_way = asyncio.ensure_future(self._once(append.event_id, append))
            under_way.add_done_callback(retrieve)
            self._running[append.event_id] = under_way
        return await asyncio.shield(under_way)

    async def checkpoint(self) -> Checkpoint:
        """Return the newest checkpoint."""
        return Checkpoint.parse(Note.parse(await self.note()).text)

    async def note(self) -> str:
        """Return the newest published checkpoint as a signed note, with the cosignatures it has so far."""
        data = await asyncio.to_thread(self._blobs.get, layout.CHECKPOINT)
        if data is None:
            raise LogUnavailable("no checkpoint is published yet")
        return self._witnesses.dressed(data.decode())

    def witnessed(self) -> str | None:
        """Return the newest checkpoint with a quorum of cosignatures, None while there is none."""
        return self._witnesses.covering(0)

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
        """Make the receipt of one of a person's leaves; None if she has none there.

        Raises:
            LogUnavailable: if releases wait for witnesses, and none has covered the leaf yet.
        """
        found = await self._receipts.of_person(index, subject, await self._note_for(index))
        return None if found is None else found.receipt()

    async def receipts_of(self, partner: str, *, after: int, limit: int) -> tuple[Recorded, ...]:
        """Make the receipts of a partner's published leaves in shared lanes after an index once more."""
        note = await (self._note_for(0) if self._witnesses.synchronous else self.note())
        return await self._receipts.of_partner(partner, note, after=after, limit=limit)

    async def keep_back(self, partner: str, recorded: Sequence[Recorded]) -> None:
        """Remember of a partner's leaves that their answer never left."""
        await self._receipts.keep_back(partner, [leaf.index for leaf in recorded])

    async def public_receipt(self, index: int) -> str | None:
        """Make the receipt that everybody may have of a published leaf; None if the log does not reach it.

        It leads to the newest witnessed checkpoint, where that covers the leaf.

        Raises:
            LogUnavailable: if releases wait for witnesses, and none has covered the leaf yet.
        """
        if index >= (await self.checkpoint()).size:
            return None
        found = await self._receipts.public(index, await self._note_for(index))
        return None if found is None else found.receipt()

    async def recorded_under(self, event_id: bytes) -> tuple[int, ...]:
        """Find the leaves of an append by its event id; none while they are not published."""
        row = await self._store.read(lambda tx: tx.one(EARLIER, log_id=self.log_id, event_id=event_id))
        indexes: tuple[int, ...] = () if row is None else tuple(json.loads(row[0]))
        return indexes if max(indexes, default=0) < (await self.checkpoint()).size else ()

    async def leading_to_one(
        self, subject: bytes, hers: Iterable[int], others: Iterable[int]
    ) -> tuple[Recorded, ...]:
        """Make what receipts are rendered of, all to one checkpoint: a person's leaves, and then others'.

        Args:
            subject: the person.
            hers: her leaves, which come with their openings.
            others: leaves of which she gets what everybody may have.

        Raises:
            LogUnavailable: if releases wait for witnesses, and none has covered the leaves yet.
        """
        hers, others = tuple(hers), tuple(others)
        note = await self._note_for(max((*hers, *others)))
        found = [await self._receipts.of_person(index, subject, note) for index in hers]
        found += [await self._receipts.public(index, note) for index in others]
        return tuple(leaf for leaf in found if leaf is not None)

    def sign_jws(self, typ: str, payload: bytes) -> str:
        """Sign a payload by the log's key, so that it can pass for no checkpoint (`ledger.jws`)."""
        return jws.sign(typ, self.log_id, payload, self._signing.sign_bytes)

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
            return await self._earlier(event_id, append) or await self._pool.put(append)
        finally:
            del self._running[event_id]

    async def _earlier(self, event_id: bytes, append: Append) -> tuple[Recorded, ...] | None:
        row = await self._store.read(lambda tx: tx.one(EARLIER, log_id=self.log_id, event_id=event_id))
        if row is None:
            return None
        indexes: list[int] = json.loads(row[0])
        if max(indexes) >= (await self.checkpoint()).size:
            # Committed by an append that could not publish: nothing is carried out before its leaf is public.
            await self._pool.put(Append((), probes=append.probes))
        await self._witnesses.covered(max(indexes), probes=append.probes)
        await self._effects.apply(indexes)
        note = await self._note_for(max(indexes))
        found = [
            await self._recorded_again(index, item, note)
            for index, item in zip(indexes, append.items, strict=True)
        ]
        return tuple(leaf for leaf in found if leaf is not None)

    async def _recorded_again(self, index: int, item: object, note: str) -> Recorded | None:
        if isinstance(item, Draft):
            return await self._receipts.of_person(index, item.subject, note)
        return await self._receipts.public(index, note)

    async def _note_for(self, index: int) -> str:
        """Return the checkpoint a receipt leads to: a witnessed one where it covers the leaf."""
        witnessed = self._witnesses.covering(index)
        if witnessed is None and self._witnesses.synchronous:
            raise LogUnavailable(f"leaf {index} waits for the log's witnesses")
        return witnessed or await self.note()

    @property
    def _settled(self) -> int:
        """How many leaves may be released, and what they set in motion carried out."""
        if self._witnesses.synchronous:
            return self._witnesses.size
        return Checkpoint.parse(Note.parse(self._sequencer.shown).text).size

    async def _keep_recovering(self) -> None:
        """Try again, every now and then and when witnesses are back, what could not be carried out."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RECOVER_SECONDS):
                    await self._witnesses.reopened.wait()
            self._witnesses.reopened.clear()
            try:
                await self._effects.recover(self._settled)
            except (StoreError, RecorderError):
                logger.exception("what events set in motion could not be looked at")
