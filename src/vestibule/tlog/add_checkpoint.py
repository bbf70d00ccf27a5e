"""What is asked of a witness, and where (C2SP tlog-witness). The log writes it, the witness reads it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from vestibule.tlog.encoding import from_decimal, hash_from_base64, to_base64, utf8
from vestibule.tlog.errors import RequestError, TlogError
from vestibule.tlog.note import Note

ADD_CHECKPOINT: Final = "/add-checkpoint"
"""Where a checkpoint is posted, under the witness's prefix."""

MOST_HASHES = 63
"""Consistency hashes that a request may carry."""

_OLD = "old "


def cosigned_path(origin: str) -> str:
    """Return where, under its prefix, a witness shows the last checkpoint of a log that it has cosigned."""
    return f"/{sha256(origin.encode()).hexdigest()}/checkpoint"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A checkpoint to cosign, and the proof that it appends to the one cosigned last.

    Attributes:
        old_size: size of the checkpoint that the sender takes for the last one cosigned.
        proof: consistency proof from that size (RFC 6962, section 2.1.2).
        note: the checkpoint as the log signed it.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def origin(self) -> str:
        """First line of the checkpoint: the log it claims to be of."""
        return self.note.text.partition("\n")[0]

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a request's body.

        Raises:
            RequestError: malformed; the message names the line.
        """
        try:
            head, empty, note = utf8(body, TlogError).partition("\n\n")
            if not empty:
                raise RequestError("expected an empty line between the proof and the checkpoint, got none")
            old, *hashes = head.split("\n")
            return cls(_old_size(old), _proof(hashes), Note.parse(note))
        except TlogError as error:
            raise RequestError(str(error)) from None

    def render(self) -> str:
        """Return the body that a log sends."""
        hashes = "".join(f"{to_base64(digest)}\n" for digest in self.proof)
        return f"{_OLD}{self.old_size}\n{hashes}\n{self.note.render()}"


def _old_size(line: str) -> int:
    if not line.startswith(_OLD):
        raise RequestError(f"line 1: expected old <size>, got {line[:40]!r}")
    try:
        return from_decimal(line.removeprefix(_OLD), TlogError)
    except TlogError as error:
        raise RequestError(f"line 1: {error}") from None


def _proof(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > MOST_HASHES:
        raise RequestError(f"expected up to {MOST_HASHES} consistency hashes, got {len(lines)}")
    hashes: list[bytes] = []
    for number, line in enumerate(lines, start=2):
        try:
            hashes.append(hash_from_base64(line, TlogError))
        except TlogError as error:
            raise RequestError(f"line {number}: {error}") from None
    return tuple(hashes)
