"""A log of its own for each test: real store, real files, a clock that the test sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vestibule.ledger import tags
from vestibule.recorder.drafts import Append, Draft, Effect, Recorded
from vestibule.recorder.effects import Handler
from vestibule.recorder.keys import LogKeys, load_keys
from vestibule.recorder.recorder import Recorder
from vestibule.recorder.second_head import SecondHead
from vestibule.recorder.witnessing import Mode, Pace, Witnessing, read_witnessing
from vestibule.store import Blobs, FolderBlobs, Store, open_store
from vestibule.tlog.policy import Policy
from vestibule.tlog.proof import TlogProof, verify

ORIGIN = "vestibule.test/log"
DAY = 86_400_000_000
ANA = b"ana-ana-ana-ana-"
BOB = b"bob-bob-bob-bob-"

Run = Callable[..., Any]


def event(
    subject: bytes = ANA, kind: Any = "access", n: int = 1, effect: Effect | None = None, **more: Any
) -> Draft:
    """Draft an event of Jukebox about somebody."""
    return Draft(kind, "messages.read", "jukebox", tags.SHARED, subject, n, effect=effect, **more)


def one(*drafts: Draft, event_id: bytes | None = None) -> Append:
    """Make an append of drafts."""
    return Append(drafts or (event(),), event_id)


@dataclass
class Log:
    """A log that a test opens, breaks, closes and opens again."""

    run: Run
    folder: Path
    now: int = 20_000 * DAY
    epoch_seconds: float = 3600.0
    handlers: dict[str, Handler] = field(default_factory=dict)
    blobs: Blobs | None = None
    store: Store | None = None
    recorder: Recorder | None = None
    witnessing: Witnessing | None = None
    second_head: Path | SecondHead | None = None

    @property
    def keys(self) -> LogKeys:
        return load_keys(self.folder / "keys", ORIGIN)

    @property
    def files(self) -> FolderBlobs:
        return FolderBlobs(self.folder / "log")

    def open(self) -> Recorder:
        store: Store = self.store or self.run(open_store(self.folder))
        self.store = store
        self.blobs = self.blobs or self.files
        recorder: Recorder = self.run(
            Recorder.open(
                store,
                self.blobs,
                self.keys,
                self.handlers,
                lambda: self.now,
                epoch_seconds=self.epoch_seconds,
                witnessing=self.witnessing,
                second_head=self._second_head(),
            )
        )
        self.recorder = recorder
        return recorder

    def _second_head(self) -> SecondHead | None:
        if isinstance(self.second_head, Path):
            return SecondHead(self.second_head, self.folder)
        return self.second_head

    def close(self) -> None:
        if self.recorder is not None:
            self.run(self.recorder.close())
        if self.store is not None:
            self.run(self.store.close())
        self.recorder = self.store = None

    def reopen(self) -> Recorder:
        self.close()
        return self.open()

    def witnessed_by(self, lines: str, mode: Mode = "synchronous", pace: Pace | None = None) -> None:
        """Have the log ask these witnesses from its next start on."""
        path = self.folder / "witnesses.txt"
        path.write_text(lines)
        key = self.keys.signing.verifier
        self.witnessing = read_witnessing(path, mode, key, f"https://{ORIGIN}", pace)

    def append(self, append: Append) -> tuple[Recorded, ...]:
        assert self.recorder is not None
        recorded: tuple[Recorded, ...] = self.run(self.recorder.append(append))
        return recorded

    def check(self, recorded: Recorded) -> None:
        """Check a receipt as a stranger does: by the policy and the proof alone."""
        assert self.recorder is not None
        policy = Policy.parse(self.recorder.policy())
        verify(TlogProof.parse(recorded.receipt()), recorded.leaf, policy)
