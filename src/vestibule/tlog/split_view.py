"""Split views: the proof that a log signed two checkpoints which no one tree has (RFC 9162, section 2.1)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.encoding import hash_from_base64, to_base64, utf8
from vestibule.tlog.errors import ProofError
from vestibule.tlog.keys import VerifierKey
from vestibule.tlog.merkle import ReadNode, consistency_proof, root, verify_consistency

_FIELDS = frozenset({"v", "smaller", "larger", "root", "proof"})


@dataclass(frozen=True, slots=True)
class SplitView:
    """Two signed checkpoints, and what the larger tree has where the smaller one should be.

    It needs nothing beside itself but the log's key: a consistency proof binds the root of the larger tree's
    first leaves, and the smaller checkpoint has another.

    Attributes:
        smaller: the note of the checkpoint of the smaller size, or of one of two of the same.
        larger: the other note.
        root: of the larger tree's first leaves, as many as the smaller one has.
        proof: of consistency, from `root` to the larger checkpoint's root.
    """

    smaller: str
    larger: str
    root: bytes
    proof: tuple[bytes, ...]

    def verify(self, key: VerifierKey) -> tuple[Checkpoint, Checkpoint]:
        """Return the two checkpoints, smaller first, if `key` signed both and no tree has both.

        Raises:
            TlogError: a note is not this log's, the proof does not hold, or the checkpoints agree.
        """
        smaller, larger = open_checkpoint(self.smaller, key), open_checkpoint(self.larger, key)
        verify_consistency(
            old_size=smaller.size,
            old_root=self.root,
            new_size=larger.size,
            new_root=larger.root,
            proof=self.proof,
        )
        if self.root == smaller.root:
            raise ProofError(
                f"expected two checkpoints that contradict each other, got {smaller.size} of both"
            )
        return smaller, larger

    def render(self) -> str:
        """Return the file: one JSON object, the notes verbatim in it."""
        fields = {"v": 1, "smaller": self.smaller, "larger": self.larger, "root": to_base64(self.root)}
        return json.dumps(fields | {"proof": [to_base64(digest) for digest in self.proof]}, indent=1) + "\n"

    @classmethod
    def parse(cls, data: str | bytes) -> Self:
        """Read a file; nothing in it is checked before `verify`.

        Raises:
            ProofError: malformed.
        """
        fields = _object(data)
        match fields["v"], fields["smaller"], fields["larger"], fields["proof"]:
            case 1, str(smaller), str(larger), list(proof):
                return cls(smaller, larger, _digest(fields["root"]), tuple(map(_digest, proof)))
            case _:
                raise ProofError("expected version 1, two notes and a list of hashes, got something else")


def find_split(
    smaller: tuple[Checkpoint, str], larger: tuple[Checkpoint, str], read: ReadNode
) -> SplitView | None:
    """Compare two checkpoints, each with its note, and return the proof if they contradict each other.

    Args:
        smaller: the one of the smaller or the same size.
        larger: the other.
        read: nodes of the larger tree, checked against its root.

    Raises:
        ProofError: the sizes are not in order.
    """
    size = smaller[0].size
    proof = consistency_proof(size, larger[0].size, read)
    expected = larger[0].root if size == larger[0].size else root(size, read)
    if expected == smaller[0].root:
        return None
    return SplitView(smaller[1], larger[1], expected, proof)


def _object(data: str | bytes) -> dict[str, Any]:
    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ProofError("expected every field once, got one twice")
        return found

    text = utf8(data, ProofError)
    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise ProofError(f"expected JSON: {error}") from None
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        raise ProofError(f"expected the fields {', '.join(sorted(_FIELDS))}, got others")
    return value


def _digest(value: object) -> bytes:
    if not isinstance(value, str):
        raise ProofError(f"expected a hash in base64, got {type(value).__name__}")
    return hash_from_base64(value, ProofError)
