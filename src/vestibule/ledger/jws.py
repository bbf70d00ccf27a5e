"""JSON Web Signatures by the log's key: RFC 7515, compact, EdDSA over Ed25519 (RFC 8037), one form of header.

The key that signs checkpoints signs these too. Neither can pass for the other: what a note's signature is
over ends in a newline (C2SP signed-note), and a JWS signing input has none (RFC 7515 section 5.1).
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from vestibule.ledger import canonical
from vestibule.ledger.errors import JwsError, LedgerError
from vestibule.ledger.fields import Reader

EDDSA: Final = "EdDSA"
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Jws:
    """A signed payload.

    Attributes:
        typ: what kind of thing is signed (RFC 8725 section 3.11).
        kid: the name of the key.
        payload: what is signed.
        signature: 64 bytes over `signing_input`.
    """

    typ: str
    kid: str
    payload: bytes
    signature: bytes

    @property
    def signing_input(self) -> bytes:
        """What the signature is over."""
        return signing_input(self.typ, self.kid, self.payload)

    def render(self) -> str:
        """Write the compact serialization."""
        return f"{self.signing_input.decode()}.{b64url(self.signature)}"

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Read a compact serialization; its header has `alg`, `kid` and `typ`, and nothing else.

        Raises:
            JwsError: if it is anything else.
        """
        header, payload, signature = split(text)
        try:
            reader = Reader(canonical.decode(header))
            alg, kid, typ = reader.text("alg"), reader.text("kid"), reader.text("typ")
            reader.done()
        except LedgerError as error:
            raise JwsError(f"header: {error}") from None
        if alg != EDDSA:
            raise JwsError(f"header: expected alg {EDDSA}, got {alg[:80]!r}")
        return cls(typ, kid, payload, signature)


def split(text: bytes) -> tuple[bytes, bytes, bytes]:
    """Take a compact serialization apart into header, payload and signature, all decoded and none checked.

    Raises:
        JwsError: if it is no three parts of base64url.
    """
    parts = text.split(b".")
    if len(parts) != _PARTS:
        raise JwsError(f"expected three parts with a dot between, got {len(parts)}")
    header, payload, signature = map(_unb64url, parts)
    return header, payload, signature


def sign(typ: str, kid: str, payload: bytes, by: Callable[[bytes], bytes]) -> str:
    """Sign a payload; `by` gives the Ed25519 signature over bytes."""
    return Jws(typ, kid, payload, by(signing_input(typ, kid, payload))).render()


def signing_input(typ: str, kid: str, payload: bytes) -> bytes:
    """Give the bytes that are signed: header and payload in base64url, with a dot between."""
    header = canonical.encode({"alg": EDDSA, "kid": kid, "typ": typ})
    return f"{b64url(header)}.{b64url(payload)}".encode()


def b64url(data: bytes) -> str:
    """Encode as base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64url(part: bytes) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        raise JwsError(f"expected base64url, got {part[:40]!r}") from None
    if b64url(data).encode() != part:  # the decoder skips what it does not know
        raise JwsError(f"expected base64url in its one spelling, got {part[:40]!r}")
    return data
