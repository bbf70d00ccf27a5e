"""The platform's own log as a stranger checks it: from the published files, verified, replayed, and kept.

Questions on public pages are answered by the rooms that answer `vestibule verify`. A replay runs beside the
event loop, one at a time; whoever comes meanwhile waits for the same one.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from vestibule.store import Blobs
from vestibule.tlog.tiles import Fetch
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
        policy: gives the operator's policy, under which they are read.
    """

    def __init__(self, blobs: Blobs, policy: Callable[[], str]) -> None:
        self._blobs = blobs
        self._policy = policy
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
        self._kept = await asyncio.to_thread(_read, self._blobs, self._policy(), self._kept)
        ended = loop.time()
        self._fresh_until = ended + REST * (ended - began)
        return self._kept

    def _ended(self, task: asyncio.Task[Replayed]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # whoever waits has it; nobody may be left


def _read(blobs: Blobs, policy: str, before: Replayed | None) -> Replayed:
    """Check the newest checkpoint; replay only if its tree is another than before."""
    asked: list[str] = []
    fetch = _pinned(blobs, asked)
    trusted = trust(policy.encode())
    verified = read_checkpoint(fetch, trusted)
    note = fetch(asked[-1]).decode()
    if before is not None and (before.view.trust, before.view.verified.checkpoint) == (
        trusted,
        verified.checkpoint,
    ):
        return Replayed(replace(before.view, verified=verified), note)
    if verified.checkpoint.size > MOST_LEAVES:
        raise LogTooLong
    return Replayed(read_log(fetch, trusted), note)


def _pinned(blobs: Blobs, asked: list[str]) -> Fetch:
    """Fetch published files; both checkpoints stay what they were, though the log goes on growing."""
    notes = {path: blobs.get(path) for path in (CHECKPOINT, WITNESSED)}

    def fetch(path: str) -> bytes:
        asked.append(path)
        data = notes[path] if path in notes else blobs.get(path)
        if data is None:
            raise FileNotFoundError(path)
        return data

    return fetch
