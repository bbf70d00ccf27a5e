"""JSON objects that other libraries wrote: members in any order, each once."""

import json
from typing import Any

from vestibule.ledger.errors import JsonError


def object_of(data: bytes) -> dict[str, Any]:
    """Read an object.

    Raises:
        JsonError: if it is anything else, or names a member twice.
    """
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise JsonError(f"expected JSON in UTF-8: {str(error)[:80]}") from error
    if not isinstance(value, dict):
        raise JsonError(f"expected a JSON object, got {type(value).__name__}")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a member twice: readers disagree about which one counts (RFC 8725)."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("expected each member once")
    return made
