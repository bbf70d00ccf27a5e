"""Tokens of sessions and known browsers: a person's row id, then 32 random bytes, base64url. No database.

The row id says where to look, so that a person's sessions stand together; the random bytes are the secret,
and only the SHA-256 of the whole is ever stored.
"""

import base64
import hashlib
import secrets

from vestibule.store.errors import BadId
from vestibule.store.ids import decode, encode

_RANDOM_BYTES = 32
_ID_LENGTH = 13
LENGTH = _ID_LENGTH + 43


def new_token(user_id: int) -> str:
    """Make a token for one person."""
    return (
        encode(user_id) + base64.urlsafe_b64encode(secrets.token_bytes(_RANDOM_BYTES)).rstrip(b"=").decode()
    )


def owner_of(token: str) -> int | None:
    """Return whom a token claims to stand for, None if it is no token."""
    if len(token) != LENGTH:
        return None
    try:
        return decode(token[:_ID_LENGTH])
    except BadId:
        return None


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
