"""Base64 for addresses and tokens, without padding (RFC 7515 section 2)."""

from __future__ import annotations

import base64


def encode(data: bytes) -> str:
    """Write bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
