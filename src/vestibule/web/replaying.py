"""The platform's own log as a stranger checks it: from the published files, verified, replayed, and kept.

Questions on public pages are answered by the rooms that answer `vestibule verify`. One thread does it for all
visitors, so that no crowd of them stands in the way of the log's own files. A replay runs once for all who
wait. It shares the interpreter with the event loop, whose turns may come some 5 ms later meanwhile.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar

from vestibule.recorder.recorder import Recorder
from vestibule.store import Blobs
from vestibule.tlog.layout import CHECKPOINT, WITNESSED
from vestibule.verdict.errors import VerdictError
from vestibule.verdict.log_view import LogView, read_checkpoint, read_log
from vestibule.verdict.trust import trust

Result = TypeVar("Result")

MOST_LEAVES = 100_000
"""A longer log is not replayed for visitors; so many take some 3 s and 200 MB."""
REST = 20
"""Reading the log takes at most one part in so many of the time, however fast it grows and people ask."""


class LogTooLong(Exception):  # noqa: N818  (what is the case)
    """The log has grown beyond what is replayed for visitors."""


Outcome: TypeAlias = LogView | LogTooLong | VerdictError


class Replays:
    """Keeps the newest replay. It belongs to one event loop.

    Args:
        blobs: the log's public files.
        recorder: gives the checkpoints as everybody gets them, and the operator's policy they are read under.
    """

    def __init__(self, blobs: Blobs, recorder: Recorder) -> None:
        self._blobs = blobs
        self._recorder = recorder
        self._newest: Outcome | None = None
        self._fresh_until = 0.0
        self._running: asyncio.Task[Outcome] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="claims")

    async def beside(self, work: Callable[[], Result]) -> Result:
        """Do what a question needs in the thread that is there for it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def newest(self) -> LogView:
        """Give the log under its newest checkpoint, or one that was the newest a moment ago.

        Raises:
            LogTooLong: if it has more than `MOST_LEAVES` leaves.
            VerdictError: if what is published does not hold.
        """
        if self._running is None:
            if self._newest is not None and asyncio.get_running_loop().time() < self._fresh_until:
                return _given(self._newest)
            self._running = asyncio.create_task(self._read())
            self._running.add_done_callback(self._ended)
        return _given(await asyncio.shield(self._running))

    async def _read(self) -> Outcome:
        loop, recorder = asyncio.get_running_loop(), self._recorder
        witnessed = recorder.witnessed()
        notes = {
            CHECKPOINT: (await recorder.note()).encode(),
            WITNESSED: None if witnessed is None else witnessed.encode(),
        }
        began = loop.time()
        self._newest = await self.beside(
            partial(_read, self._blobs, notes, recorder.policy(), before=self._newest)
        )
        ended = loop.time()
        self._fresh_until = ended + REST * (ended - began)
        return self._newest

    def _ended(self, task: asyncio.Task[Outcome]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # whoever waits has it; nobody may be left


def _given(outcome: Outcome) -> LogView:
    if isinstance(outcome, LogView):
        return outcome
    raise outcome.with_traceback(None)


def _read(blobs: Blobs, notes: Mapping[str, bytes | None], policy: str, *, before: Outcome | None) -> Outcome:
    """Check the newest checkpoint; replay only if its tree is another than before."""

    def fetch(path: str) -> bytes:
        data = notes[path] if path in notes else blobs.get(path)
        if data is None:
            raise FileNotFoundError(path)
        return data

    try:
        trusted = trust(policy.encode())
        verified = read_checkpoint(fetch, trusted)
        if isinstance(before, LogView) and before.verified.checkpoint == verified.checkpoint:
            return replace(before, verified=verified)
        if verified.checkpoint.size > MOST_LEAVES:
            return LogTooLong()
        return read_log(fetch, trusted)
    except VerdictError as error:
        return error
