"""A partner's receipts, kept in a folder: one file that only grows, and a file for each answer that failed.

`receipts.jsonl` has a line for each answer whose receipts held, written and synced before the answer is
handed on. A crash can leave half a line, of an answer that nobody got; the next start cuts it off. One
process has the folder at a time; its threads may share one `Receipts`.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from vestibule import files
from vestibule.ledger import canonical
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.event import Event
from vestibule.ledger.fields import unb64
from vestibule.ledger.leaf import parse
from vestibule.ledger.opening import Private
from vestibule.sdk.counters import Counters
from vestibule.sdk.errors import BadStore
from vestibule.sdk.lines import Lines
from vestibule.tlog.errors import TlogError
from vestibule.tlog.proof import TlogProof

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from vestibule.sdk.evidence import Evidence
    from vestibule.verdict.receipt import Release

FILE = "receipts.jsonl"
BUSY = (
    "another process keeps its receipts there; give each process a folder of its own, or let one process "
    "make the requests"
)


class Receipts:
    """What one partner can show: its receipts, its counts made of them, and answers that did not hold."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, made the first time; nobody but its owner can read what is in it.

        Raises:
            StoreInUse: another process, or another `Receipts` of this one, has it open.
            BadStore: the file in it is not what was written there.
            OSError: it cannot be read or written.
        """
        self.file = folder / FILE
        self.counters = Counters()
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lines = Lines(self.file, self._take, busy=BUSY)

    def keep(self, texts: Sequence[str], releases: tuple[Release, ...], *, repeatable: bool = False) -> None:
        """Write down the checked receipts of one answer and count them; durable when this returns.

        Args:
            texts: the receipts.
            releases: what they show.
            repeatable: whether they may have been kept before, because the request was sent before.

        Raises:
            BadReceipt: a counter was used before; nothing is kept.
            OSError: they cannot be written; nothing is kept, and the answer must not be used.
        """
        with self._lock:
            fresh = self.counters.unseen(releases) if repeatable else releases
            self.counters.check_new(fresh)
            if fresh:
                self._lines.append(json.dumps({"receipts": list(texts)}).encode() + b"\n")
            for release in fresh:
                self.counters.add(release.index, release.event, release.private, release.lane_key)

    def keep_evidence(self, evidence: Evidence) -> Path:
        """Write down an answer that failed its check, for `vestibule verify receipt`; returns the file."""
        request = evidence.asked.request
        file = self.file.with_name(f"evidence-{request.created}-{request.signature[:6].hex()}.json")
        files.replace(file, evidence.to_json().encode())
        return file

    def close(self) -> None:
        """Let another process have the folder."""
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, line: bytes, number: int) -> None:
        try:
            for counted in opened(line):
                self.counters.add(*counted)
        except BadStore as error:
            raise BadStore(f"{self.file}, line {number}: {error}") from error


def texts_of(line: bytes) -> tuple[str, ...]:
    """Return the receipts in a line of the file.

    Raises:
        BadStore: if it is something else.
    """
    try:
        found = json.loads(line)["receipts"]
    except (ValueError, LookupError, TypeError) as error:
        raise BadStore(f"expected receipts in JSON, got {line[:60]!r}") from error
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise BadStore(f"expected receipts in JSON, got {line[:60]!r}")
    return tuple(found)


def opened(line: bytes) -> Iterator[tuple[int, Event, Private, bytes]]:
    """Give index, leaf, private half and lane key of each receipt; they were checked when they came."""
    for text in texts_of(line):
        try:
            proof = TlogProof.parse(text)
            extra: dict[str, Any] = canonical.decode(proof.extra or b"")
            leaf, private = parse(extra["leaf"].encode()), Private.parse(extra["private"].encode())
            lane_key = unb64(extra["lane_key"])
        except (TlogError, LedgerError, LookupError, AttributeError) as error:
            raise BadStore(f"expected a receipt of an event: {error}") from error
        if not isinstance(leaf, Event):
            raise BadStore(f"expected a receipt of an event, got {type(leaf).__name__}")
        yield proof.index, leaf, private, lane_key
