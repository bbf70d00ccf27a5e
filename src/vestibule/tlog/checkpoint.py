"""Checkpoints: origin, tree size, root hash, as the text of a signed note (C2SP tlog-checkpoint)."""

from dataclasses import dataclass
from typing import Self

from vestibule.tlog.encoding import from_decimal, hash_from_base64, shown, to_base64, utf8
from vestibule.tlog.errors import CheckpointError, EmptyRootError
from vestibule.tlog.keys import SigningKey, VerifierKey
from vestibule.tlog.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from vestibule.tlog.note import Note

_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says its whole content is: `size` entries under `root`."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        utf8(self.origin, CheckpointError)
        if not self.origin or any(c < " " for c in self.origin):
            raise CheckpointError(f"expected an origin on one line, got {self.origin[:80]!r}")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointError(f"expected a tree size from 0 to 2**63 - 1, got {self.size}")
        if len(self.root) != HASH_SIZE:
            raise CheckpointError(f"expected a root hash of 32 bytes, got {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise EmptyRootError("tree size is 0 and the root is not that of the empty tree")

    @property
    def text(self) -> str:
        """The note text: three lines, the last newline included."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a checkpoint's text.

        Extension lines are refused: cosigners do not agree on whether they sign them.

        Raises:
            CheckpointError: malformed, or with extension lines.
        """
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1]:
            raise CheckpointError(f"expected origin, size and root on three lines, got {len(lines) - 1}")
        origin, size, root, _ = lines
        return cls(origin, from_decimal(size, CheckpointError), hash_from_base64(root, CheckpointError))


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the signed note of a checkpoint.

    Raises:
        CheckpointError: the key's name is not the origin.
        NoteError: the key is a cosigner's.
    """
    _check_origin(checkpoint, key.verifier)
    return f"{checkpoint.text}\n{key.sign(checkpoint.text)}"


def open_checkpoint(data: str | bytes, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint of a note that the log's `key` has signed; cosignatures are not looked at.

    Raises:
        NoteError: malformed, or not signed by `key`.
        CheckpointError: not a checkpoint, or of another origin than the key's name.
    """
    note = Note.parse(data)
    note.verified([key])
    checkpoint = Checkpoint.parse(note.text)
    _check_origin(checkpoint, key)
    return checkpoint


def _check_origin(checkpoint: Checkpoint, key: VerifierKey) -> None:
    if key.name != checkpoint.origin:
        raise CheckpointError(f"expected a key named {shown(checkpoint.origin)}, got {shown(key.name)}")
