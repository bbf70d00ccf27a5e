"""The pool: appends wait here for their turn, go through the sequencer together, and are answered."""

import asyncio
import logging
from collections.abc import Callable

from vestibule.recorder.drafts import Append, Recorded
from vestibule.recorder.effects import Effects
from vestibule.recorder.errors import LogRefusesToStart, LogUnavailable, LostTheLog, RecorderError
from vestibule.recorder.sequencer import Sequencer
from vestibule.recorder.waiting import Waiting
from vestibule.store.errors import StoreBroken

MOST_IN_A_POOL = 1024
FINAL = (LostTheLog, LogRefusesToStart, StoreBroken)
"""After these only a new process can find out what stands, or the log is another process's."""

logger = logging.getLogger(__name__)

Answer = tuple[Recorded, ...]
Waiter = tuple[Append, "asyncio.Future[Answer]"]


class Pool:
    """Everything that is to be appended, in its order of arrival; belongs to one event loop.

    Attributes:
        stopped: set once this process must not write any more; `why` says what happened.
    """

    def __init__(
        self, sequencer: Sequencer, witnesses: Waiting, effects: Effects, grown: Callable[[int], None]
    ) -> None:
        self.stopped = asyncio.Event()
        self.why: str | None = None
        self._sequencer = sequencer
        self._witnesses = witnesses
        self._effects = effects
        self._grown = grown
        self._waiting: list[Waiter] = []
        self._wake = asyncio.Event()
        self._settling: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        """Begin to append."""
        self._task = asyncio.create_task(self._run())

    async def finish(self) -> None:
        """Append what is under way and nothing else."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """Wait for what is being carried out; whoever still waits is told that nothing was recorded."""
        await asyncio.gather(*self._settling, return_exceptions=True)
        _fail(self._waiting, LogUnavailable("the log is shutting down"))

    def put(self, append: Append) -> "asyncio.Future[Answer]":
        """Queue an append.

        Raises:
            LogUnavailable: if the log does not run.
        """
        if self._task is None or self._task.done() or self._closing:
            raise LogUnavailable(self.why or "the log is not running")
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        future.add_done_callback(retrieve)
        self._waiting.append((append, future))
        self._wake.set()
        return future

    async def _run(self) -> None:
        while not self._closing and self.why is None:
            await self._wake.wait()
            pool, self._waiting = self._waiting[:MOST_IN_A_POOL], self._waiting[MOST_IN_A_POOL:]
            if not self._waiting and not self._closing:
                self._wake.clear()
            pool = self._admitted(pool)
            if pool:
                await self._sequence(pool)
        if self.why is not None:
            _fail(self._waiting, LogUnavailable(self.why))

    def _admitted(self, pool: list[Waiter]) -> list[Waiter]:
        """Refuse, before anything is appended, everybody but a probe while the witnesses do not answer."""
        closed = self._witnesses.closed
        if closed is None:
            return pool
        _fail([waiter for waiter in pool if not waiter[0].probes], LogUnavailable(closed))
        return [waiter for waiter in pool if waiter[0].probes]

    async def _sequence(self, pool: list[Waiter]) -> None:
        try:
            answers = await self._sequencer.sequence([append for append, _ in pool])
        except FINAL as error:
            self._stop(error)
            _fail(pool, LogUnavailable(str(error)))
        except RecorderError as error:
            _fail(pool, error)
        except Exception as error:
            logger.exception("a pool of %d appends was not recorded", len(pool))
            _fail(pool, LogUnavailable(f"the log cannot write now: {error}"))
        else:
            self._witnesses.published(self._sequencer.shown)
            for waiter, answer in zip(pool, answers, strict=True):
                self._settle(waiter, answer)
            self._grown(self._sequencer.size)

    def _stop(self, error: Exception) -> None:
        logger.critical("the log has stopped: %s", error)
        self.why = f"the log has stopped: {error}"
        self.stopped.set()

    def _settle(self, waiter: Waiter, answer: Answer | Exception) -> None:
        append, future = waiter
        if isinstance(answer, Exception):
            if not future.done():
                future.set_exception(answer)
        elif self._witnesses.synchronous or any(item.effect is not None for item in append.items):
            task = asyncio.create_task(self._carry_out(waiter, answer))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
        elif not future.done():
            future.set_result(answer)

    async def _carry_out(self, waiter: Waiter, answer: Answer) -> None:
        """Wait for the witnesses where releases do, and carry out what the events set in motion."""
        append, future = waiter
        try:
            answer = await self._witnesses.released(answer, probes=append.probes)
            if any(item.effect is not None for item in append.items):
                await self._apply(answer)
        except Exception as error:  # noqa: BLE001  (whatever it is belongs to the waiter)
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(answer)

    async def _apply(self, answer: Answer) -> None:
        try:
            await self._effects.apply(leaf.index for leaf in answer)
        except Exception:
            logger.exception("recorded, but not yet carried out")
            raise


def _fail(pool: list[Waiter], error: Exception) -> None:
    for _, future in pool:
        if not future.done():
            future.set_exception(error)


def retrieve(future: "asyncio.Future[Answer]") -> None:
    """Mark an exception as seen, for callers that went away."""
    if not future.cancelled():
        future.exception()
