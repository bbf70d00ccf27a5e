"""Proof Key for Code Exchange (RFC 7636): the code is worth nothing to whoever sees it pass."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from vestibule.sdk.base64url import encode

VERIFIER_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pkce:
    """A code verifier, kept until the code comes back, and the challenge that goes ahead of it."""

    verifier: str = field(repr=False)

    @classmethod
    def new(cls) -> Pkce:
        """Make a fresh one (section 4.1)."""
        return cls(encode(secrets.token_bytes(VERIFIER_BYTES)))

    @property
    def challenge(self) -> str:
        """The verifier's S256 (section 4.2)."""
        return encode(sha256(self.verifier.encode("ascii")).digest())
