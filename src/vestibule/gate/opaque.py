"""Ids as one partner sees them: conversations and messages, sealed with a key that only the platform has.

A partner's ids are different from every other partner's, and say nothing about how many messages it does not
see. They are 16 bytes, base32: an SIV construction (RFC 5297's idea) over HMAC-SHA256, so that they can be
read back without a table and cannot be made up.
"""

import base64
import hmac

from vestibule.gate.errors import BadRequest

SIV_BYTES = 8
ID_BYTES = 16


def _key(secret: bytes, kind: str) -> bytes:
    return hmac.digest(secret, f"vestibule/{kind}/v1\0".encode(), "sha256")


def seal(secret: bytes, kind: str, number: int) -> str:
    """Write a row's number as an id for a partner.

    Args:
        secret: the platform's 32-byte key.
        kind: what is numbered, and for which partner and person; ids of one kind mean nothing in another.
        number: from 0 up to 2**63 - 1.
    """
    key = _key(secret, kind)
    plain = number.to_bytes(8, "big")
    siv = hmac.digest(key, b"siv" + plain, "sha256")[:SIV_BYTES]
    mask = hmac.digest(key, b"mask" + siv, "sha256")[:SIV_BYTES]
    sealed = siv + bytes(a ^ b for a, b in zip(plain, mask, strict=True))
    return base64.b32encode(sealed).decode().rstrip("=").lower()


def unseal(secret: bytes, kind: str, text: str) -> int:
    """Read an id that `seal` wrote.

    Raises:
        BadRequest: if it is not one of this partner's for this person and kind.
    """
    key = _key(secret, kind)
    try:
        sealed = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        sealed = b""
    siv, masked = sealed[:SIV_BYTES], sealed[SIV_BYTES:]
    mask = hmac.digest(key, b"mask" + siv, "sha256")[:SIV_BYTES]
    if len(sealed) == ID_BYTES:
        plain = bytes(a ^ b for a, b in zip(masked, mask, strict=True))
        if hmac.compare_digest(siv, hmac.digest(key, b"siv" + plain, "sha256")[:SIV_BYTES]):
            return int.from_bytes(plain, "big")
    raise BadRequest(
        f"{kind.partition('/')[0]}: expected an id that was given to this connection, got {text[:60]!r}"
    )
