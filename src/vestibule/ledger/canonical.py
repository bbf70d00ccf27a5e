"""Canonical JSON: RFC 8785 restricted to objects, arrays, strings and integers below 2**53, with ASCII keys.

Under these restrictions Python's own serializer gives the bytes of RFC 8785: integers need no number
formatting, ASCII keys sort the same by code point and by UTF-16 unit, and both escape the same characters.
"""

import json
from collections.abc import Iterable
from typing import Any

from vestibule.ledger.errors import CanonicalError

LIMIT = 2**53


def encode(value: dict[str, Any]) -> bytes:
    """Serialize an object to its one canonical form.

    Args:
        value: strings, integers, and lists, tuples or dicts of them.

    Raises:
        CanonicalError: for floats, booleans, null, integers of 2**53 and more, keys that are not ASCII
            strings, lone surrogates, and nesting too deep to serialize.
    """
    try:
        _check(value)
        return utf8(_dumps(value))
    except RecursionError:
        raise CanonicalError("expected shallow nesting, got a value too deep to serialize") from None


def decode(data: bytes) -> dict[str, Any]:
    """Parse canonical bytes.

    Raises:
        CanonicalError: if `data` is anything but the canonical form of an object of the restricted kind;
            duplicate keys, other key orders, white space and other escapes are all refused.
    """
    try:
        value = json.loads(data.decode())
    except RecursionError:
        raise CanonicalError("expected shallow nesting, got bytes too deep to parse") from None
    except ValueError as error:
        raise CanonicalError(f"expected json in utf-8, got an error: {error}") from None
    if not isinstance(value, dict):
        raise CanonicalError(f"expected an object, got {type(value).__name__}")
    # Writing it again and comparing is what refuses duplicate keys, spaces, and every other spelling.
    if encode(value) != data:
        raise CanonicalError("expected the canonical form, got another spelling of the same object")
    return value


def text(value: str) -> str:
    """Give one string in canonical form, quotes included, for encodings written out by hand."""
    return _dumps(value)


def utf8(wire: str) -> bytes:
    """Encode a serialized object.

    Raises:
        CanonicalError: if it holds a lone surrogate, which no UTF-8 can.
    """
    try:
        return wire.encode()
    except UnicodeEncodeError as error:
        raise CanonicalError(f"expected text, got a lone surrogate: {error}") from None


def _check(value: object) -> None:
    # Only these exact types: bool is an int to isinstance, and a str subclass may serialize as it likes.
    if type(value) is int:
        if not -LIMIT < value < LIMIT:
            raise CanonicalError(f"expected an integer below 2**53, got {value!r:.40}")
    elif type(value) is dict:
        if not all(type(key) is str and key.isascii() for key in value):
            raise CanonicalError(f"expected ascii strings as keys, got {list(value)!r:.80}")
        _check_items(value.values())
    elif type(value) is list or type(value) is tuple:
        _check_items(value)
    elif type(value) is not str:
        raise CanonicalError(f"expected a string, integer, list or dict, got {type(value).__name__}")


def _check_items(items: Iterable[object]) -> None:
    for item in items:
        if type(item) is not str:  # most are: one call saved for each
            _check(item)


_dumps = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
