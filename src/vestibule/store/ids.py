"""Row ids: 63 bits, ordered by time, and their spelling in URLs."""

import secrets
from functools import lru_cache

from vestibule.store.errors import BadId

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_TIME_BITS = 41
_RANDOM_BITS = 22
_LENGTH = 13
_LIMIT = 1 << (_TIME_BITS + _RANDOM_BITS)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case
_DIGITS = {letter: value for value, letter in enumerate(_ALPHABET)}


def new_id(now: int) -> int:
    """Make an id: 41 bits of milliseconds since 2020, then 22 random bits.

    Args:
        now: Microseconds since 1970.

    Raises:
        ValueError: The time is before 2020 or after 2089.
    """
    since = now // 1000 - _EPOCH_MS
    if not 0 <= since < 1 << _TIME_BITS:
        raise ValueError(f"expected a time from 2020 to 2089 in microseconds, got {now}")
    return since << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)


def encode(row_id: int) -> str:
    """Spell an id as 13 characters of Crockford base32, lower case; order is kept.

    Raises:
        BadId: The number is negative or needs more than 63 bits.
    """
    if not 0 <= row_id < _LIMIT:
        raise BadId(f"expected an id of 63 bits, got {row_id}")
    return "".join(_ALPHABET[row_id >> shift & 31] for shift in range(60, -1, -5))


@lru_cache(maxsize=1 << 16)
def decode(text: str) -> int:
    """Read an id back; each id has exactly one spelling.

    Remembered, because the same few conversations are named by every message that is sent to them.

    Raises:
        BadId: The text is not what `encode` writes.
    """
    if len(text) != _LENGTH:
        raise BadId(f"expected {_LENGTH} characters, got {len(text)}")
    row_id = 0
    for letter in text:
        digit = _DIGITS.get(letter)
        if digit is None:
            raise BadId(f"expected Crockford base32 in lower case, got {letter!r}")
        row_id = row_id << 5 | digit
    if row_id >= _LIMIT:
        raise BadId(f"expected an id of 63 bits, got {text!r}")
    return row_id
