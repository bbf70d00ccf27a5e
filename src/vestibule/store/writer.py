"""The one writer thread: many queued transactions, one commit. Nothing else writes to the database."""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import apsw

from vestibule.store.connection import SqliteTx, translated
from vestibule.store.errors import StoreBroken, StoreClosed, StoreError, WrongWork
from vestibule.store.transaction import Tx, drive

MOST_JOBS = 512
"""Jobs of one commit, so that its transaction stays bounded."""

Work = Callable[[Tx], Awaitable[Any]]
Batch = Callable[[Tx, Sequence[Any]], Awaitable[Sequence[Any]]]


@dataclass(slots=True, eq=False)
class Job:
    """One waiter and what it wants done; `result` or `error` is set before it is told."""

    waiter: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    work: Work | None = None
    batch: Batch | None = None
    item: Any = None
    result: Any = None
    error: Exception | None = None


class Rollback(Exception):  # noqa: N818 - a signal between two functions here, never seen outside
    """The whole transaction is gone, not only the savepoint of the group that failed."""

    def __init__(self, group: list[Job]) -> None:
        super().__init__()
        self.group = group


class Writer:
    """Runs jobs in their order of arrival, as many as are waiting in one transaction."""

    def __init__(self, connection: apsw.Connection, between: Callable[[apsw.Connection], None]) -> None:
        self._connection = connection
        self._between = between
        self._queue: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._broken: str | None = None
        self._thread = threading.Thread(target=self._run, name="vestibule-writer", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Queue a job, together with whatever its event loop queues in the same turn.

        Waking this thread for each job would have it compete with the loop that is still making jobs.

        Raises:
            StoreClosed: The writer takes no more jobs.
            StoreBroken: An earlier commit ended in an unknown state.
        """
        with self._lock:
            if self._closed:
                raise StoreClosed("the store is closed")
            if self._broken is not None:
                raise StoreBroken(self._broken)
            gathered = self._gathered.get(job.loop)
            if gathered is None:
                gathered = self._gathered[job.loop] = []
                job.loop.call_soon(self._hand_over, job.loop)
            gathered.append(job)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            jobs = self._gathered.pop(loop, None)
            if jobs is not None:
                self._queue.put(jobs)

    def close(self) -> None:
        """Finish what is queued, then end the thread."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for jobs in self._gathered.values():
                    self._queue.put(jobs)
                self._gathered.clear()
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            jobs, going = self._drain()
            if jobs:
                self._settle(jobs)
                _tell(jobs)
                self._between(self._connection)

    def _drain(self) -> tuple[list[Job], bool]:
        """Wait for one job, then take along whatever else is waiting."""
        some = self._queue.get()
        jobs: list[Job] = []
        while some is not None:
            jobs += some
            if len(jobs) >= MOST_JOBS:
                return jobs, True
            try:
                some = self._queue.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _settle(self, jobs: list[Job]) -> None:
        """Give every job its result or its error, durable when this returns."""
        commits = [_grouped(jobs)]
        while commits and self._broken is None:
            groups = commits.pop(0)
            try:
                self._commit(groups)
            except Rollback as lost:
                # Nothing of it stands. The guilty job keeps its error; the others run again, as work
                # functions may, now with a commit each, so that a full disk costs no more than that.
                commits[:0] = [[group] for group in _without(groups, lost.group)]
        for job in chain.from_iterable(chain.from_iterable(commits)):
            job.error = StoreBroken(str(self._broken))

    def _commit(self, groups: list[list[Job]]) -> None:
        execute = self._connection.execute
        try:
            execute("begin immediate")
            for group in groups:
                self._attempt(group)
            execute("commit")
        except apsw.Error as error:
            self._undo(error)
            for job in chain.from_iterable(groups):
                job.error = translated(error) if self._broken is None else StoreBroken(self._broken)

    def _attempt(self, group: list[Job]) -> None:
        """Run one group in a savepoint; if a batch fails, run each of its items alone."""
        execute = self._connection.execute
        execute("savepoint job")
        try:
            _perform(group, SqliteTx(self._connection))
            if self._connection.in_transaction:
                execute("release job")
                return
            raise StoreError("an error that the work ignored has rolled back the transaction")  # noqa: TRY301
        except BaseException as error:  # whatever a work function raises belongs to its waiter
            group[0].error = (
                error if isinstance(error, Exception) else WrongWork(f"the work raised {error!r}")
            )
            if not self._connection.in_transaction:
                raise Rollback(group) from error
        execute("rollback to job")
        execute("release job")
        if len(group) > 1:
            for job in group:
                self._attempt([job])

    def _undo(self, error: apsw.Error) -> None:
        """Roll back after a failed commit; where it is unknown what stands, refuse every further write."""
        unknown = isinstance(error, apsw.IOError | apsw.CorruptError | apsw.NotADBError | apsw.NoMemError)
        try:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
        except apsw.Error:
            unknown = True
        if unknown:
            self._broken = f"a commit ended in an unknown state ({error}); restart to find out what stands"


def _grouped(jobs: list[Job]) -> list[list[Job]]:
    """Put the items of one batch function together, where the first of them stood; other jobs stand alone."""
    groups: list[list[Job]] = []
    batches: dict[Batch, list[Job]] = {}
    for job in jobs:
        if job.batch is None:
            groups.append([job])
        elif job.batch in batches:
            batches[job.batch].append(job)
        else:
            groups.append([job])
            batches[job.batch] = groups[-1]
    return groups


def _without(groups: list[list[Job]], lost: list[Job]) -> list[list[Job]]:
    """Leave out the job that lost the transaction; where a batch did, its items are to run alone."""
    if len(lost) > 1:
        return [part for group in groups for part in ([[job] for job in group] if group is lost else [group])]
    kept = ([job for job in group if job is not lost[0]] for group in groups)
    return [group for group in kept if group]


def _perform(group: list[Job], tx: SqliteTx) -> None:
    for job in group:
        job.result = job.error = None
    first = group[0]
    try:
        if first.batch is None:
            assert first.work is not None  # noqa: S101 - one of the two is always given
            first.result = drive(first.work, tx)
            return
        batch, items = first.batch, [job.item for job in group]
        answers = drive(lambda tx: batch(tx, items), tx)
    finally:
        tx.end()
    if len(answers) != len(group):
        raise WrongWork(f"expected {len(group)} answers from a batch, got {len(answers)}")
    for job, answer in zip(group, answers, strict=True):
        if isinstance(answer, Exception):
            job.error = answer
        else:
            job.result = answer


def _tell(jobs: list[Job]) -> None:
    """Wake the waiters with one call per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, told in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, told)
        except RuntimeError:  # the loop is closed: nobody waits any more, and the work stands
            continue


def _resolve(jobs: list[Job]) -> None:
    for job in jobs:
        if job.waiter.done():  # cancelled: the work stands
            continue
        if job.error is None:
            job.waiter.set_result(job.result)
        elif isinstance(job.error, StopIteration):  # a future cannot hold one
            job.waiter.set_exception(StoreError(f"the work raised {job.error!r}"))
        else:
            job.waiter.set_exception(job.error)
