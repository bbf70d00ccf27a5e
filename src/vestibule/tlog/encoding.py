"""Spellings that several C2SP formats share, each with exactly one accepted form: base64, decimal, UTF-8."""

import re
from base64 import b64decode, b64encode

from vestibule.tlog.errors import TlogError
from vestibule.tlog.merkle import HASH_SIZE, MAX_SIZE

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SHOWN = 40
_QUOTED = 80


def shown(text: str) -> str:
    """Give what a stranger wrote as it may stand in an error: printable, on one line, cut after 80."""
    return text if len(text) <= _QUOTED and text.isprintable() else repr(text[:_QUOTED])


def to_base64(data: bytes) -> str:
    """Encode as RFC 4648, section 4, padded."""
    return b64encode(data).decode("ascii")


def from_base64(text: str, error: type[TlogError]) -> bytes:
    """Decode RFC 4648, section 4, and accept only what `to_base64` would have written."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise error(f"expected base64, got {text[:_SHOWN]!r}") from None
    # Unused bits at the end would give one signature or hash several spellings.
    if to_base64(data) != text:
        raise error(f"expected canonical base64, got {text[:_SHOWN]!r}")
    return data


def hash_from_base64(text: str, error: type[TlogError]) -> bytes:
    """Decode one SHA-256 hash."""
    digest = from_base64(text, error)
    if len(digest) != HASH_SIZE:
        raise error(f"expected a hash of 32 bytes, got {len(digest)}")
    return digest


def from_decimal(text: str, error: type[TlogError]) -> int:
    """Read ASCII decimal without leading zeros, from 0 to 2**63 - 1."""
    if _DECIMAL.fullmatch(text) is None or int(text) > MAX_SIZE:
        raise error(f"expected a decimal number from 0 to 2**63 - 1, got {text[:_SHOWN]!r}")
    return int(text)


def utf8(data: str | bytes, error: type[TlogError]) -> str:
    """Return `data` as text that UTF-8 can carry, whether it came as bytes or as str."""
    try:
        if isinstance(data, bytes):
            return data.decode("utf-8")
        data.encode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError) as cause:
        raise error(f"expected valid utf-8: {cause.reason}") from None
    return data
