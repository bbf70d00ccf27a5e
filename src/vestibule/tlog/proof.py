"""Offline proofs that an entry is in a log: `.tlog-proof` files (C2SP tlog-proof)."""

from dataclasses import dataclass
from typing import Self

from vestibule.tlog.encoding import from_base64, from_decimal, hash_from_base64, to_base64, utf8
from vestibule.tlog.errors import ProofError
from vestibule.tlog.merkle import leaf_hash, verify_inclusion
from vestibule.tlog.policy import Policy, VerifiedCheckpoint

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
"""Longest inclusion proof: one hash per level of the largest tree."""


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index, its inclusion proof, and the signed checkpoint the proof leads to.

    Attributes:
        index: of the entry, from 0.
        hashes: the leaf's sibling first, the root's child last.
        checkpoint_note: the checkpoint with its signatures, verbatim.
        extra: opaque bytes that nobody signed; never trusted.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: str
    extra: bytes | None = None

    def render(self) -> str:
        """Return the file."""
        extra = () if self.extra is None else (f"extra {to_base64(self.extra)}",)
        lines = (HEADER, *extra, f"index {self.index}", *map(to_base64, self.hashes))
        return "\n".join(lines) + f"\n\n{self.checkpoint_note}"

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a file; the checkpoint in it is not looked at before `verify`.

        Raises:
            ProofError: malformed.
        """
        head, blank, note = utf8(text, ProofError).partition("\n\n")
        lines = head.split("\n")
        if not blank or not note:
            raise ProofError("expected a blank line and a checkpoint after the proof")
        if lines.pop(0) != HEADER:
            raise ProofError(f"expected {HEADER} on the first line")
        extra = from_base64(lines.pop(0)[len("extra ") :], ProofError) if _begins(lines, "extra ") else None
        if not _begins(lines, "index "):
            raise ProofError("expected an index line")
        index = from_decimal(lines.pop(0)[len("index ") :], ProofError)
        if len(lines) > MAX_HASHES:
            raise ProofError(f"expected at most {MAX_HASHES} hashes, got {len(lines)}")
        return cls(index, tuple(hash_from_base64(line, ProofError) for line in lines), note, extra)


def verify(proof: TlogProof, entry: bytes, policy: Policy) -> VerifiedCheckpoint:
    """Check that `entry` is in the log the policy trusts, at the proof's index.

    Raises:
        TlogError: of the kind that names what does not hold; see Policy.verify and merkle.verify_inclusion.
    """
    verified = policy.verify(proof.checkpoint_note)
    verify_inclusion(
        leaf_hash=leaf_hash(entry),
        index=proof.index,
        size=verified.checkpoint.size,
        proof=proof.hashes,
        root=verified.checkpoint.root,
    )
    return verified


def _begins(lines: list[str], word: str) -> bool:
    return bool(lines) and lines[0].startswith(word)
