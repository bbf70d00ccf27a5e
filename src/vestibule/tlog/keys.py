"""Keys of signed notes: names, key IDs, vkeys, and the signatures below them (C2SP signed-note)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Self

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey as Ed25519Secret
from nacl.signing import VerifyKey as Ed25519Public

from vestibule.tlog import mldsa
from vestibule.tlog.encoding import from_base64, shown, to_base64, utf8
from vestibule.tlog.errors import NoteError

ED25519 = 0x01
"""Signature type: Ed25519 over the note's text."""

COSIGNATURE = 0x04
"""Signature type: timestamped Ed25519 cosignature, version 1 (C2SP tlog-cosignature)."""

MLDSA44 = 0x06
"""Signature type: timestamped ML-DSA-44 cosignature, version 1 (C2SP tlog-cosignature)."""

COSIGNATURES = (COSIGNATURE, MLDSA44)
"""Signature types of cosigners, who sign with a time."""

SEED_SIZE = 32
PUBLIC_SIZES = {ED25519: 32, COSIGNATURE: 32, MLDSA44: mldsa.PUBLIC_SIZE}
SIGNATURE_SIZES = {ED25519: 64, COSIGNATURE: 64, MLDSA44: mldsa.SIGNATURE_SIZE}
KEY_ID_SIZE = 4
_VKEY_PARTS = 3


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Public key of a log or a cosigner, with the name it signs under."""

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        size = PUBLIC_SIZES.get(self.algorithm)
        if size is None:
            raise NoteError(f"expected signature type 0x01, 0x04 or 0x06, got 0x{self.algorithm:02x}")
        if len(self.public) != size:
            raise NoteError(f"expected a public key of {size} bytes, got {len(self.public)}")

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read `name+hex key ID+base64(type || public key)`.

        Raises:
            NoteError: malformed, of another signature type, or with a key ID that is not this key's.
        """
        parts = vkey.split("+", _VKEY_PARTS - 1)  # base64 may contain a plus itself
        if len(parts) != _VKEY_PARTS:
            raise NoteError(f"expected name+id+key, got {vkey[:80]!r}")
        name, shown_id, encoded = parts
        material = from_base64(encoded, NoteError)
        if not material:
            raise NoteError("expected a signature type and a public key, got nothing")
        key = cls(name, material[0], material[1:])
        if shown_id != key.key_id.hex():
            raise NoteError(f"expected key id {key.key_id.hex()} for {shown(name)}, got {shown_id[:16]!r}")
        return key

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || type || public key)."""
        material = bytes([self.algorithm]) + self.public
        return sha256(self.name.encode() + b"\n" + material).digest()[:KEY_ID_SIZE]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.algorithm]) + self.public)}"

    def verify_bytes(self, message: bytes, signature: bytes) -> None:
        """Check a plain signature: Ed25519 (RFC 8032) or ML-DSA-44 (FIPS 204).

        Raises:
            NoteError: wrong length, not this key's signature over `message`, or no ML-DSA-44 here.
        """
        size = SIGNATURE_SIZES[self.algorithm]
        if len(signature) != size:
            raise NoteError(
                f"expected a signature of {size} bytes by {shown(self.name)}, got {len(signature)}"
            )
        if not self._made(message, signature):
            raise NoteError(f"signature by {shown(self.name)} does not verify")

    def _made(self, message: bytes, signature: bytes) -> bool:
        if self.algorithm == MLDSA44:
            return mldsa.is_valid(self.public, message, signature)
        try:
            Ed25519Public(self.public).verify(message, signature)
        except BadSignatureError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Secret key of a log or a cosigner; the secret shows in no repr."""

    verifier: VerifierKey
    _sign: Callable[[bytes], bytes] = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, name: str, seed: bytes, algorithm: int = ED25519) -> Self:
        """Make the key of a 32-byte seed (RFC 8032 private key, FIPS 204 seed).

        Raises:
            NoteError: bad name, seed length or signature type, or no ML-DSA-44 here.
        """
        if len(seed) != SEED_SIZE:
            raise NoteError(f"expected a seed of 32 bytes, got {len(seed)}")
        if algorithm == MLDSA44:
            return cls(VerifierKey(name, algorithm, mldsa.public_of(seed)), partial(mldsa.sign, seed))
        secret = Ed25519Secret(seed)
        public = bytes(secret.verify_key)
        return cls(VerifierKey(name, algorithm, public), lambda message: secret.sign(message).signature)

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the plain signature over `message`: 64 bytes, or 2420 of ML-DSA-44."""
        return self._sign(message)

    def sign(self, text: str) -> str:
        """Return the signature line over a note's text.

        Raises:
            NoteError: the key makes cosignatures, which need a time, or `text` does not end in a newline.
        """
        if self.verifier.algorithm != ED25519:
            raise NoteError(f"{shown(self.verifier.name)} is a cosigner's key and signs only with a time")
        return self.line(self.sign_bytes(check_text(text).encode()))

    def line(self, blob: bytes) -> str:
        """Render a signature line around what follows the key ID."""
        return signature_line(self.verifier.name, self.verifier.key_id, blob)


def signature_line(name: str, key_id: bytes, blob: bytes) -> str:
    """Render `em dash, space, name, space, base64(key ID || blob), newline`."""
    return f"\N{EM DASH} {name} {to_base64(key_id + blob)}\n"


def check_name(name: str) -> None:
    """Refuse names that are empty or hold Unicode spaces, control characters or a plus."""
    utf8(name, NoteError)
    if not name or any(c.isspace() or c == "+" or c < " " for c in name):
        raise NoteError(f"expected a key name without spaces and plus, got {name[:80]!r}")


def check_text(text: str) -> str:
    """Return a note's text, or refuse one that has no final newline or holds control characters."""
    utf8(text, NoteError)
    if not text.endswith("\n"):
        raise NoteError("expected the text to end in a newline")
    control = next((c for c in text if c < " " and c != "\n"), None)
    if control is not None:
        raise NoteError(f"expected no control characters but newline, got {control!r}")
    return text
