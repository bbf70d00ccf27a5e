"""Reading a JSON file of somebody's, field by field; an error names the file and the place in it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vestibule.ledger.canonical import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vestibule.verdict.errors import VerdictError


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A kind of file: its name in messages, its format line, and the error that a malformed one raises."""

    name: str
    format: str
    error: type[VerdictError]

    def decode(self, data: bytes) -> Any:
        """Read the whole file; a name twice in one object is refused, and so is another format."""
        try:
            value = json.loads(data.decode(), object_pairs_hook=self._no_duplicates)
        except UnicodeDecodeError as error:
            raise self.error(
                f"{self.name}: expected UTF-8, got byte {data[error.start]:#04x} at {error.start}"
            ) from None
        except self.error:
            raise
        except (ValueError, RecursionError) as error:  # a number of 5000 digits is a plain ValueError
            raise self.error(f"{self.name}: expected JSON, got {error}") from None
        if self.get(value, "format", str, "") != self.format:
            raise self.error(f"{self.name}: expected format {self.format}, got {value['format']!r:.80}")
        return value

    def get(self, value: object, name: str, kind: type, where: str) -> Any:
        """Take a field of exactly this type."""
        if not isinstance(value, dict) or name not in value:
            raise self.error(f"{self.name}, {_place(where, name)}: missing")
        found: Any = value[name]
        if type(found) is not kind:
            raise self.error(
                f"{self.name}, {_place(where, name)}: expected {kind.__name__}, got {type(found).__name__}"
            )
        return found

    def index(self, value: object, name: str, where: str) -> int:
        """Take a field that holds a leaf index."""
        found: int = self.get(value, name, int, where)
        if not 0 <= found < LIMIT:
            raise self.error(f"{self.name}, {_place(where, name)}: expected a leaf index, got {found!r:.40}")
        return found

    def text(self, value: object, name: str, where: str) -> bytes:
        """Take a text field as bytes; what is no UTF-8 stays apart from what is."""
        found: str = self.get(value, name, str, where)
        return found.encode("utf-8", "surrogatepass")

    def binary(self, value: object, name: str, where: str, size: int | None = None) -> bytes:
        """Take a field of base64, of `size` bytes if given."""
        text = self.get(value, name, str, where)
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise self.error(
                f"{self.name}, {_place(where, name)}: expected base64, got {text[:20]!r}"
            ) from None
        if size is not None and len(data) != size:
            raise self.error(f"{self.name}, {_place(where, name)}: expected {size} bytes, got {len(data)}")
        return data

    def hex(self, value: object, name: str, where: str, size: int) -> bytes:
        """Take a field of hex digits, of `size` bytes."""
        try:
            data = bytes.fromhex(self.get(value, name, str, where))
        except ValueError:
            raise self.error(f"{self.name}, {_place(where, name)}: expected hex") from None
        if len(data) != size:
            raise self.error(f"{self.name}, {_place(where, name)}: expected {size} bytes, got {len(data)}")
        return data

    def _no_duplicates(self, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise self.error(f"{self.name}: the name {name!r:.80} is twice in one object")
            found[name] = value
        return found


def _place(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
