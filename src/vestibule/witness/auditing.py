"""An auditor: a witness that has replayed the log to the size it cosigns, and found no breach.

It is the witness's further check. What breaks a rule, or is of another tree than was seen before, is refused
for good, over every restart: no later leaf mends it.
"""

from collections.abc import Callable
from threading import Lock

from vestibule.ledger.history import Breach, History
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.keys import VerifierKey
from vestibule.tlog.tiles import Fetch
from vestibule.witness.errors import CheckFailed, Forked
from vestibule.witness.replaying import Replaying, Sighting
from vestibule.witness.sightings import Sightings


class Auditor:
    """Audits one log; a `Check`.

    Args:
        key: of the log.
        fetch: gets the log's files; OSError, LookupError or TlogError where it cannot.
        sightings: what it saw before.
        clock: seconds since 1970.
    """

    def __init__(
        self, key: VerifierKey, fetch: Fetch, sightings: Sightings, clock: Callable[[], int]
    ) -> None:
        self._origin = key.name
        self._fetch = fetch
        self._sightings = sightings
        self._clock = clock
        self._replaying = Replaying(key)
        # Two requests may be checked at a time; the log is read for one, and found read by the other.
        self._one_at_a_time = Lock()

    def __call__(self, checkpoint: Checkpoint) -> None:
        """Replay the log up to a checkpoint that it has signed, and remember that it was seen.

        Raises:
            CheckFailed: with 422 if the log is refused for good, with 503 if it cannot be read now.
            StateError: what was seen cannot be read or written.
        """
        with self._one_at_a_time:
            if (reason := self._sightings.refused(self._origin)) is not None:
                raise CheckFailed(reason)
            now = self._clock()
            try:
                self.replay(checkpoint, now)
            except Forked as error:
                raise self._refused(str(error)) from error
            except (TlogError, OSError, LookupError) as error:
                raise CheckFailed(f"cannot read the log: {error}", 503) from error
            if self.breaches:
                first = self.breaches[0]
                raise self._refused(f"leaf {first.index}: {first.message}")
            if checkpoint.size >= self.seen.size:
                self._sightings.saw(self._origin, Sighting(checkpoint.size, checkpoint.root, now))

    @property
    def seen(self) -> Sighting:
        """The largest tree seen so far, and when last."""
        return self._sightings.last(self._origin)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """What breaks a rule in the leaves replayed so far."""
        return self._replaying.breaches

    def history(self) -> History:
        """Say what the leaves replayed so far say."""
        return self._replaying.history()

    def replay(self, checkpoint: Checkpoint, latest: int) -> None:
        """Replay the log up to a checkpoint, which existed at `latest`; see Replaying.extend."""
        self._replaying.extend(self._fetch, checkpoint, self.seen, latest)

    def _refused(self, reason: str) -> CheckFailed:
        self._sightings.refuse(self._origin, reason)
        return CheckFailed(reason)
