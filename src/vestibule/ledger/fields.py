"""The grammar of single fields: what a partner id, a scope, a day or a key may look like, both ways."""

import binascii
import re
from collections.abc import Mapping
from typing import Any

from vestibule.ledger.canonical import LIMIT
from vestibule.ledger.errors import LeafError

NAME = re.compile(r"[a-z0-9][a-z0-9._:-]{0,63}")
KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
TEXT_LIMIT = 4096


def b64(data: bytes) -> str:
    """Encode as standard base64 with padding (RFC 4648 section 4)."""
    return binascii.b2a_base64(data, newline=False).decode()


def unb64(text: str) -> bytes:
    """Decode standard base64 with padding.

    Raises:
        LeafError: if `text` is not the one canonical encoding of some bytes.
    """
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise LeafError(f"expected base64, got {text[:80]!r}") from None
    if b64(data) != text:  # bits that decode to nothing would give one value two spellings
        raise LeafError(f"expected canonical base64, got {text[:80]!r}")
    return data


def need_match(what: str, pattern: re.Pattern[str], value: str) -> None:
    """Raise LeafError unless the whole of `value` matches `pattern`."""
    if type(value) is not str or pattern.fullmatch(value) is None:
        raise LeafError(f"expected {what} like {pattern.pattern}, got {str(value)[:80]!r}")


def need_text(what: str, value: str) -> None:
    """Raise LeafError unless `value` is text of 1 to 4096 characters."""
    if type(value) is not str or not 0 < len(value) <= TEXT_LIMIT:
        raise LeafError(f"expected {what} of 1 to {TEXT_LIMIT} characters, got {len(value)}")


def need_count(what: str, value: int) -> None:
    """Raise LeafError unless `value` is an integer from 0 below 2**53."""
    if type(value) is not int or not 0 <= value < LIMIT:
        raise LeafError(f"expected {what} from 0 below 2**53, got {value!r}")


def need_bytes(what: str, value: bytes, length: int) -> None:
    """Raise LeafError unless `value` is exactly `length` bytes."""
    if type(value) is not bytes or len(value) != length:
        raise LeafError(f"expected {what} of {length} bytes, got {len(value)}")


class Reader:
    """Takes typed values out of a decoded object, and at the end insists that none is left over."""

    __slots__ = ("_left",)

    def __init__(self, value: Mapping[str, Any]) -> None:
        self._left = dict(value)

    def has(self, name: str) -> bool:
        """Say whether the field is there and not yet taken."""
        return name in self._left

    def text(self, name: str) -> str:
        """Take a string."""
        value = self._take(name)
        if not isinstance(value, str):
            raise LeafError(f"expected a string in {name!r}, got {type(value).__name__}")
        return value

    def number(self, name: str) -> int:
        """Take an integer."""
        value = self._take(name)
        if not isinstance(value, int):
            raise LeafError(f"expected an integer in {name!r}, got {type(value).__name__}")
        return value

    def binary(self, name: str) -> bytes:
        """Take base64 bytes."""
        return unb64(self.text(name))

    def strings(self, name: str) -> tuple[str, ...]:
        """Take a list of strings."""
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise LeafError(f"expected a list of strings in {name!r}")
        return tuple(value)

    def mapping(self, name: str) -> dict[str, Any]:
        """Take a nested object."""
        value = self._take(name)
        if not isinstance(value, dict):
            raise LeafError(f"expected an object in {name!r}, got {type(value).__name__}")
        return value

    def mappings(self, name: str) -> tuple[dict[str, Any], ...]:
        """Take a list of objects."""
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise LeafError(f"expected a list of objects in {name!r}")
        return tuple(value)

    def done(self) -> None:
        """Raise LeafError if a field was not taken: an unknown field is refused, never skipped."""
        if self._left:
            raise LeafError(f"expected no further field, got {', '.join(sorted(self._left))!r:.80}")

    def _take(self, name: str) -> object:
        try:
            return self._left.pop(name)
        except KeyError:
            raise LeafError(f"expected the field {name!r}, got none") from None
