"""A witness: parses, decides, lets a further check speak, signs, persists, and only then answers.

The seam for auditors is `Check`: it is called once signatures and consistency are proven and before anything
is signed, in a thread because it may take seconds, and raises `CheckFailed` to prevent the cosignature. Other
requests are answered while it runs, so that it may run for two checkpoints at a time; the one that finishes
first is cosigned, and the other is told that it is stale.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.errors import RequestError
from vestibule.tlog.keys import SigningKey
from vestibule.witness.decision import Appends, KnownLogs, Refusal, decide, stale
from vestibule.witness.errors import CheckFailed
from vestibule.witness.state import State

Check: TypeAlias = Callable[[Checkpoint], None]
"""Raises CheckFailed if the checkpoint, whose signature and consistency are proven, may not be cosigned."""


class Witness:
    """What it cosigned is in `state`, and nowhere else.

    Args:
        keys: the cosigner's keys; each makes a line.
        logs: the keys of the logs it cosigns for.
        state: what it cosigned before; owned by the thread that runs the event loop.
        clock: seconds since 1970.
        check: what else has to hold; see the module.
    """

    def __init__(
        self,
        keys: Sequence[SigningKey],
        logs: KnownLogs,
        state: State,
        clock: Callable[[], int],
        check: Check | None = None,
    ) -> None:
        self._keys = keys
        self._logs = logs
        self._state = state
        self._clock = clock
        self._check = check

    async def add_checkpoint(self, body: bytes) -> str | Refusal:
        """Return the cosignature lines for a request's checkpoint, which is persisted by then; or a refusal.

        Raises:
            StateError: the state cannot be read or written; nothing was cosigned.
        """
        try:
            request = AddCheckpoint.parse(body)
        except RequestError as error:
            return Refusal(400, str(error))
        decision = decide(request, self._state.seen(request.origin), self._logs)
        if isinstance(decision, Refusal):
            return decision
        if self._check is not None:
            try:
                await asyncio.to_thread(self._check, decision.checkpoint)
            except CheckFailed as error:
                return Refusal(error.status, str(error))
        return self._cosign(decision)

    def cosigned(self, origin: str) -> str | None:
        """Return the last cosigned checkpoint of a log, with the log's signatures and the witness's.

        Raises:
            StateError: the state cannot be read.
        """
        return self._state.note(origin)

    def _cosign(self, decision: Appends) -> str | Refusal:
        """Sign and persist. A signature whose persisting fails leaves this function for nowhere."""
        now = self._clock()
        last = self._state.seen(decision.checkpoint.origin)
        # Each says what was the largest tree at its time, so an earlier time would contradict the last one.
        if now < last.time:
            return Refusal(503, f"expected a time from {last.time}, that of the last cosignature, got {now}")
        lines = [cosign(decision.note.text, key, now) for key in self._keys]
        note = decision.note.with_lines(*lines).render()
        if not self._state.advance(decision.after, decision.checkpoint, now, note):
            return stale(last)
        return "".join(lines)
