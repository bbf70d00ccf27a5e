"""The platform's own log as a stranger checks it: from the published files, verified, replayed, and kept.

Questions on public pages are answered by the rooms that answer `vestibule verify`. A replay runs beside the
event loop, one at a time; whoever comes meanwhile waits for the same one.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from vestibule.recorder.recorder import Recorder
from vestibule.store import Blobs
from vestibule.verdict.log_view import CHECKPOINT, WITNESSED, LogView, read_checkpoint, read_log
from vestibule.verdict.trust import trust

MOST_LEAVES = 100_000
"""A longer log is not replayed for visitors: it would take seconds and more than 100 MB."""
REST = 20
"""Reading the log takes at most one part in so many of the time, however fast it grows and people ask."""


class LogTooLong(Exception):  # noqa: N818  (what is the case)
    """The log has grown beyond what is replayed for visitors."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The log under a checkpoint, and that checkpoint's note as it was verified."""

    view: LogView
    note: str


class Replays:
    """Keeps the newest replay. It belongs to one event loop.

    Args:
        blobs: the log's public files.
        recorder: gives the checkpoints as everybody gets them, and the operator's policy they are read under.
    """

    def __init__(self, blobs: Blobs, recorder: Recorder) -> None:
        self._blobs = blobs
        self._recorder = recorder
        self._kept: Replayed | None = None
        self._fresh_until = 0.0
        self._running: asyncio.Task[Replayed] | None = None

    async def newest(self) -> Replayed:
        """Give the log under its newest checkpoint, or one that was the newest a moment ago.

        Raises:
            LogTooLong: if it has more than `MOST_LEAVES` leaves.
            VerdictError: if what is published does not hold.
        """
        if self._running is None:
            if self._kept is not None and asyncio.get_running_loop().time() < self._fresh_until:
                return self._kept
            self._running = asyncio.create_task(self._read())
            self._running.add_done_callback(self._ended)
        return await asyncio.shield(self._running)

    async def _read(self) -> Replayed:
        loop = asyncio.get_running_loop()
        began = loop.time()
        recorder = self._recorder
        witnessed = recorder.witnessed()
        notes = {
            CHECKPOINT: (await recorder.note()).encode(),
            WITNESSED: None if witnessed is None else witnessed.encode(),
        }
        self._kept = await asyncio.to_thread(_read, self._blobs, notes, recorder.policy(), self._kept)
        ended = loop.time()
        self._fresh_until = ended + REST * (ended - began)
        return self._kept

    def _ended(self, task: asyncio.Task[Replayed]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # whoever waits has it; nobody may be left


def _read(blobs: Blobs, notes: Mapping[str, bytes | None], policy: str, before: Replayed | None) -> Replayed:
    """Check the newest checkpoint; replay only if its tree is another than before."""
    asked: list[str] = []

    def fetch(path: str) -> bytes:
        asked.append(path)
        data = blobs.get(path) if path not in notes else notes[path]
        if data is None:
            raise FileNotFoundError(path)
        return data

    trusted = trust(policy.encode())
    verified = read_checkpoint(fetch, trusted)
    note = fetch(asked[-1]).decode()
    if before is not None and before.view.verified.checkpoint == verified.checkpoint:
        return Replayed(replace(before.view, verified=verified), note)
    if verified.checkpoint.size > MOST_LEAVES:
        raise LogTooLong
    return Replayed(read_log(fetch, trusted), note)
