"""Waiting for witnesses: rounds of asking, the newest witnessed checkpoint, and who waits for one.

A quorum on a checkpoint stands for every smaller one. In synchronous mode nothing is released before; a
failed round closes the log until a later one succeeds, and everybody who waits then is told so: leaves that
are recorded stand, and are witnessed with the next. In asynchronous mode nobody waits, and a round follows
the log's growth at a pace. Touches the published file `checkpoint.witnessed`, and no other.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from vestibule.recorder import remembered
from vestibule.recorder.drafts import Recorded
from vestibule.recorder.errors import LogRefusesToStart, LogUnavailable
from vestibule.recorder.head import Claim
from vestibule.recorder.proving import Prover
from vestibule.recorder.witnesses import Shown, Witnesses
from vestibule.recorder.witnessing import Witnessing
from vestibule.store import Blobs, StoreError
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.layout import WITNESSED
from vestibule.tlog.note import Note

MOST_DOUBLED = 20
"""Failed rounds after which the pause between two is doubled no more."""

SHUTTING_DOWN = "the log is shutting down"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Cosigned:
    """A published checkpoint and the cosignature that came for it from each witness, by its name."""

    shown: Shown
    lines: dict[str, str] = field(default_factory=dict)

    @property
    def checkpoint(self) -> Checkpoint:
        """What the log signed."""
        return self.shown.checkpoint

    def render(self) -> str:
        """Return the note with all its signature lines."""
        return self.shown.note.with_lines(*self.lines.values()).render()


class Waiting:
    """The rounds of one log; belongs to its event loop.

    Attributes:
        closed: why nothing may be appended now; None while the log is open. Always None in asynchronous mode.
        reopened: set when a round has succeeded after one that failed, or as the first.
    """

    def __init__(self, witnessing: Witnessing, prover: Prover, blobs: Blobs) -> None:
        self.synchronous = witnessing.mode == "synchronous"
        self.closed: str | None = None
        self.reopened = asyncio.Event()
        self._witnessing = witnessing
        self._log = witnessing.policy.log.key
        self._witnesses = Witnesses(witnessing)
        self._prover = prover
        self._blobs = blobs
        self._every = witnessing.pace.every
        self._newest = ""
        self._asked: Cosigned | None = None
        self._witnessed: Cosigned | None = None
        self._late = False
        self._shut = False
        self._told = False  # that a round has failed, and not yet that a later one has succeeded
        self._failures = 1  # rounds since one that succeeded; before the first, an earlier process's count
        self._waiters: list[tuple[int, asyncio.Future[Cosigned]]] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def claims(self) -> list[Claim]:
        """Collect the checkpoints that were witnessed before: by the published file, and by the witnesses.

        Raises:
            LogRefusesToStart: if the published one is not signed by this log's key.
        """
        return [*self._read_back(), *await remembered.claims(self._witnesses.cosigners, self._log)]

    def _read_back(self) -> Iterator[Claim]:
        """Read the published file; what it holds counts as witnessed if it has today's quorum.

        It is read without witnesses too: it binds a log that has given them up.
        """
        data = self._blobs.get(WITNESSED)
        if data is None:
            return
        try:
            checkpoint = open_checkpoint(data, self._log)
            note = Note.parse(data)
            signed = {witness.name for witness in self._witnessing.witnesses if note.verify_key(witness.key)}
        except TlogError as error:
            raise LogRefusesToStart(f"published {WITNESSED}: {error}") from error
        if self._witnessing.mode != "none" and self._witnessing.satisfied_by(signed):
            self._witnessed = Cosigned(Shown(note, checkpoint))
        yield Claim(f"the published {WITNESSED}", checkpoint)

    def start(self, shown: str) -> None:
        """Begin asking, from the newest published checkpoint on."""
        if self._witnessing.mode != "none":
            self.published(shown)
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop asking; whoever still waits, or comes to wait, is told that the log shuts down."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._witnesses.close()
        self._shut = True
        self._fail_waiters(LogUnavailable(SHUTTING_DOWN))

    @property
    def size(self) -> int:
        """How many leaves a quorum has witnessed."""
        return 0 if self._witnessed is None else self._witnessed.checkpoint.size

    def published(self, note: str) -> None:
        """Take note of the newest published checkpoint."""
        self._newest = note
        self._wake.set()

    def covering(self, index: int) -> str | None:
        """Return the newest witnessed checkpoint if it covers a leaf."""
        return self._witnessed.render() if self._witnessed is not None and index < self.size else None

    def dressed(self, note: str) -> str:
        """Return a checkpoint with the cosignatures it has so far."""
        if self._asked is None and self._witnessed is None:
            return note
        checkpoint = Shown.parse(note).checkpoint
        for cosigned in (self._asked, self._witnessed):
            if cosigned is not None and cosigned.checkpoint == checkpoint:
                return cosigned.render()
        return note

    async def released(self, answer: tuple[Recorded, ...], *, probes: bool) -> tuple[Recorded, ...]:
        """Wait until recorded leaves may be released; their receipts then lead to a witnessed checkpoint.

        Args:
            answer: leaves of one append.
            probes: wait for the next round also while the log is closed.

        Raises:
            LogUnavailable: as for `covered`.
        """
        if not self.synchronous or not answer:
            return answer
        witnessed = await self._covering(max(leaf.index for leaf in answer), probes=probes)
        note = witnessed.render()
        return tuple(
            [
                replace(
                    leaf, hashes=await self._prover.inclusion(leaf.index, witnessed.checkpoint), note=note
                )
                for leaf in answer
            ]
        )

    async def covered(self, index: int, *, probes: bool) -> None:
        """Return once a leaf may be released.

        Raises:
            LogUnavailable: if a round fails meanwhile, or the log is closed already or shuts down.
        """
        if self.synchronous:
            await self._covering(index, probes=probes)

    async def _covering(self, index: int, *, probes: bool) -> Cosigned:
        if self._witnessed is not None and index < self.size:
            return self._witnessed
        if self._shut:  # no round will come that could answer
            raise LogUnavailable(SHUTTING_DOWN)
        if self.closed is not None and not probes:
            raise LogUnavailable(self.closed)
        future: asyncio.Future[Cosigned] = asyncio.get_running_loop().create_future()
        self._waiters.append((index, future))
        return await future

    async def _run(self) -> None:
        while True:
            while not self._behind():
                self._wake.clear()  # before anything is awaited: what comes meanwhile must not be missed
                await self._save_late()
                await self._wake.wait()
            self._wake.clear()
            if not await self._round() or not self.synchronous:
                await self._pause()

    def _behind(self) -> bool:
        return bool(self._newest) and Shown.parse(self._newest).checkpoint.size > self.size

    async def _pause(self) -> None:
        """Wait before asking again; where releases wait, less at first, and until a leaf comes at most."""
        if not self.synchronous:
            await asyncio.sleep(self._every)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self._every, 2.0 ** (min(self._failures, MOST_DOUBLED) - 2))):
                await self._wake.wait()

    async def _round(self) -> bool:
        """Ask everybody about the newest checkpoint; tell whether the quorum has cosigned it."""
        asked = self._asked = Cosigned(Shown.parse(self._newest))

        def heard(name: str, line: str) -> None:
            asked.lines[name] = line
            if asked is self._witnessed:
                self._late = True
                self._wake.set()

        try:
            failed = await self._witnesses.ask(asked.shown, self._prover.consistency, heard)
            if self._witnessing.satisfied_by(asked.lines):
                await self._save(asked)
                self._open(asked)
                return True
            reason = f"expected quorum {self._witnessing.quorum}; {'; '.join(sorted(failed.values()))}"
        except (OSError, StoreError) as error:
            reason = f"the witnessed checkpoint cannot be written: {error}"
        except Exception as error:  # whatever it is, those who wait must be told
            logger.exception("a round of asking witnesses was broken off")
            reason = f"unexpected {type(error).__name__}"
        self._fail(f"the log waits for its witnesses: {reason}")
        return False

    async def _save(self, cosigned: Cosigned) -> None:
        await asyncio.to_thread(self._blobs.replace, WITNESSED, cosigned.render().encode())

    async def _save_late(self) -> None:
        """Publish cosignatures that came after the quorum's."""
        while self._late and self._witnessed is not None:
            self._late = False
            with suppress(OSError, StoreError):  # the quorum stands in the file already
                await self._save(self._witnessed)

    def _open(self, witnessed: Cosigned) -> None:
        if self._failures:
            self.reopened.set()
        if self._told:
            name, size = self._witnessing.quorum, witnessed.checkpoint.size
            logger.warning("the witnesses answer again: quorum %s at size %d", name, size)
        self._failures, self._told = 0, False
        self._witnessed, self.closed = witnessed, None
        waiting, self._waiters = self._waiters, []
        for index, future in waiting:
            if index >= self.size:
                self._waiters.append((index, future))
            elif not future.done():
                future.set_result(witnessed)

    def _fail(self, reason: str) -> None:
        logger.warning("%s", reason)
        self._failures, self._told = self._failures + 1, True
        if self.synchronous:
            self.closed = reason
            self._fail_waiters(LogUnavailable(reason))

    def _fail_waiters(self, error: LogUnavailable) -> None:
        waiting, self._waiters = self._waiters, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)
