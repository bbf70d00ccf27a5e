"""JSON objects read by name and type, with errors that say which member was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from vestibule.sdk.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

Kind = TypeVar("Kind")


class Fields:
    """The members of one JSON object.

    Raises:
        BadAnswer: naming object and member, whatever is asked for and not there.
    """

    def __init__(self, what: str, value: object) -> None:
        self._what = what
        if not isinstance(value, dict):
            raise BadAnswer(f"{what}: expected a JSON object, got {type(value).__name__}")
        self._value = value

    def has(self, name: str) -> bool:
        """Tell whether a member is there and not null."""
        return self._value.get(name) is not None

    def get(self, name: str) -> object:
        """Return a member whatever it is, None if it is not there."""
        return self._value.get(name)

    def flag(self, name: str) -> bool:
        """Return whether a member is there and true."""
        return self._value.get(name) is True

    def text(self, name: str) -> str:
        """Return a text."""
        return self._of(name, str, "a text")

    def number(self, name: str) -> int:
        """Return a whole number."""
        return self._of(name, int, "a whole number")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self._of(name, list, "a list")
        if not all(isinstance(one, str) for one in found):
            raise BadAnswer(f"{self._what}: {name}: expected texts")
        return tuple(found)

    def mapping(self, name: str) -> Mapping[str, str]:
        """Return an object whose members are texts."""
        found = self._of(name, dict, "an object")
        if not all(isinstance(one, str) for one in found.values()):
            raise BadAnswer(f"{self._what}: {name}: expected texts")
        return found

    def object(self, name: str) -> Mapping[str, Any]:
        """Return an object, whatever its members are."""
        return self._of(name, dict, "an object")

    def each(self, name: str) -> tuple[Fields, ...]:
        """Return a list of objects."""
        return tuple(Fields(f"{self._what}: {name}", one) for one in self._of(name, list, "a list"))

    def _of(self, name: str, kind: type[Kind], words: str) -> Kind:
        value = self._value.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadAnswer(f"{self._what}: {name}: expected {words}, got {type(value).__name__}")
        return value
