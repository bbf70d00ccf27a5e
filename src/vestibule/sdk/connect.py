"""The way to a connection: PKCE (RFC 7636) and the consent page's address. Pure but for the random bytes."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

VERIFIER_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pkce:
    """A code verifier, kept until the code comes back, and the challenge that goes ahead of it."""

    verifier: str
    challenge: str

    @classmethod
    def new(cls) -> Pkce:
        """Make a fresh pair (RFC 7636 sections 4.1 and 4.2, S256)."""
        verifier = _b64url(secrets.token_bytes(VERIFIER_BYTES))
        return cls(verifier, _b64url(sha256(verifier.encode()).digest()))


def authorize_url(platform: str, *, partner: str, request_uri: str) -> str:
    """Write the address of the consent page for a pushed request (RFC 9126 section 4).

    Args:
        platform: the platform's origin, such as `https://example.com`.
        partner: the caller's own id.
        request_uri: as the platform answered it.
    """
    query = urlencode({"client_id": partner, "request_uri": request_uri})
    return f"{platform.rstrip('/')}/oauth/authorize?{query}"


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
