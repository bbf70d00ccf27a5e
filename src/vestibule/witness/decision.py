"""Whether a checkpoint may be cosigned: a pure function of request, last one cosigned and known logs.

The checks, their order and their answers are those of C2SP tlog-witness.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.errors import CheckpointError, EmptyRootError, NoteError, ProofError
from vestibule.tlog.keys import VerifierKey
from vestibule.tlog.merkle import EMPTY_ROOT, verify_consistency
from vestibule.tlog.note import Note

KnownLogs: TypeAlias = Mapping[str, Sequence[VerifierKey]]
"""Keys trusted to sign for each origin."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The tree of the last checkpoint cosigned for an origin, and when that was, in seconds since 1970."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    time: int = 0


@dataclass(frozen=True, slots=True)
class Appends:
    """The checkpoint is the log's, and appends to what was seen.

    Attributes:
        after: what it appends to.
        checkpoint: what the log signed.
        note: its text with the signatures of the log's known keys, and no others.
    """

    after: Seen
    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the checkpoint is not cosigned, as HTTP says it.

    Attributes:
        status: HTTP status.
        reason: one line; for `stale` the size alone, which the sender reads.
        stale: the sender's old size is not that of the last checkpoint cosigned.
    """

    status: int
    reason: str
    stale: bool = False


def known_logs(keys: Iterable[VerifierKey]) -> KnownLogs:
    """Sort the logs' keys by origin, which is the key's name."""
    logs: dict[str, list[VerifierKey]] = {}
    for key in keys:
        logs.setdefault(key.name, []).append(key)
    return logs


def decide(request: AddCheckpoint, seen: Seen, logs: KnownLogs) -> Appends | Refusal:
    """Check a request against the last checkpoint cosigned for its origin."""
    keys = logs.get(request.origin)
    if keys is None:
        return Refusal(404, f"expected the checkpoint of a known log, got one of {request.origin[:80]!r}")
    try:
        signed_by = request.note.verified(keys)
        checkpoint = Checkpoint.parse(request.note.text)
    except NoteError as error:
        return Refusal(403, str(error))
    except CheckpointError as error:
        return Refusal(422 if isinstance(error, EmptyRootError) else 400, str(error))
    refusal = _compare(request, checkpoint, seen)
    return refusal or Appends(seen, checkpoint, _only_by(request.note, signed_by))


def _compare(request: AddCheckpoint, checkpoint: Checkpoint, seen: Seen) -> Refusal | None:
    if request.old_size > checkpoint.size:
        return Refusal(400, f"expected an old size up to {checkpoint.size}, got {request.old_size}")
    if request.old_size != seen.size:
        return stale(seen)
    try:
        verify_consistency(
            old_size=seen.size,
            old_root=seen.root,
            new_size=checkpoint.size,
            new_root=checkpoint.root,
            proof=request.proof,
        )
    except ProofError as error:
        return Refusal(422, str(error))
    return None


def stale(seen: Seen) -> Refusal:
    """Refuse with the size of the last checkpoint cosigned, from which the sender has to prove."""
    return Refusal(409, str(seen.size), stale=True)


def _only_by(note: Note, keys: Iterable[VerifierKey]) -> Note:
    known = tuple(keys)
    return Note(note.text, tuple(s for s in note.signatures if any(s.claims(key) for key in known)))
