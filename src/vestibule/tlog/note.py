"""Signed notes: a text, a blank line, signature lines (C2SP signed-note)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from vestibule.tlog.cosignature import verify_cosignature
from vestibule.tlog.encoding import from_base64, shown, utf8
from vestibule.tlog.errors import NoteError
from vestibule.tlog.keys import (
    COSIGNATURE,
    COSIGNATURES,
    ED25519,
    KEY_ID_SIZE,
    MLDSA44,
    SigningKey,
    VerifierKey,
    check_name,
    check_text,
    signature_line,
)

__all__ = ["COSIGNATURE", "ED25519", "MLDSA44", "Note", "Signature", "SigningKey", "VerifierKey"]

MAX_SIGNATURES = 100
"""Signature lines accepted; the specification demands at least 16."""

_DASH = "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims to have signed, and what follows the key ID."""

    name: str
    key_id: bytes
    blob: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a signature line, with or without its newline.

        Raises:
            NoteError: malformed.
        """
        dash, name, encoded = _split_line(line.removesuffix("\n"))
        if dash != _DASH:
            raise NoteError(f"expected a signature line to begin with an em dash, got {line[:80]!r}")
        check_name(name)
        data = from_base64(encoded, NoteError)
        if len(data) <= KEY_ID_SIZE:
            raise NoteError(f"expected a key id and a signature by {shown(name)}, got {len(data)} bytes")
        return cls(name, data[:KEY_ID_SIZE], data[KEY_ID_SIZE:])

    def render(self) -> str:
        """Return the line with its newline."""
        return signature_line(self.name, self.key_id, self.blob)

    def claims(self, key: VerifierKey) -> bool:
        """Tell whether name and key ID are those of `key`; says nothing about validity."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it. The text means nothing before `verified` has returned."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: str | bytes) -> Self:
        """Split a signed note at its last blank line.

        Raises:
            NoteError: malformed, no signature line, or more than 100.
        """
        whole = check_text(utf8(data, NoteError))
        text, blank, lines = whole.rpartition("\n\n")
        if not blank:
            raise NoteError("expected a blank line between text and signatures")
        signature_lines = lines.removesuffix("\n").split("\n")
        if len(signature_lines) > MAX_SIGNATURES:
            raise NoteError(f"expected at most {MAX_SIGNATURES} signatures, got {len(signature_lines)}")
        return cls(text + "\n", tuple(Signature.parse(line) for line in signature_lines))

    def render(self) -> str:
        """Return the note as it stands in a file."""
        return f"{self.text}\n{''.join(signature.render() for signature in self.signatures)}"

    def with_lines(self, *lines: str) -> Self:
        """Return the note with further signature lines under it, none of them twice.

        Raises:
            NoteError: a line is malformed.
        """
        added = dict.fromkeys((*self.signatures, *(Signature.parse(line) for line in lines)))
        return type(self)(self.text, tuple(added))

    def verified(self, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Return which of `keys` have signed, each once, in the order given.

        Signatures of unknown keys are ignored; one that names a known key and does not verify spoils
        the note.

        Raises:
            NoteError: a known key's signature does not verify, or no known key has signed.
        """
        known = tuple(dict.fromkeys(keys))
        signed = tuple(key for key in known if self.verify_key(key))
        if not signed:
            raise NoteError(f"expected a signature by one of {len(known)} known keys, got none")
        return signed

    def verify_key(self, key: VerifierKey) -> tuple[int, ...]:
        """Check every signature that claims `key`; return their timestamps (0 for a plain signature), if any.

        Raises:
            NoteError: one of them does not verify.
        """
        return tuple(_verify(self.text, s.blob, key) for s in self.signatures if s.claims(key))


def _verify(text: str, blob: bytes, key: VerifierKey) -> int:
    if key.algorithm in COSIGNATURES:
        return verify_cosignature(text, blob, key)
    key.verify_bytes(text.encode(), blob)
    return 0


def _split_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    match parts:
        case [dash, name, encoded]:
            return dash, name, encoded
        case _:
            raise NoteError(f"expected a signature line of dash, name and base64, got {line[:80]!r}")
