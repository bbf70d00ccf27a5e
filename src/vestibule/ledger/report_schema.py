"""The JSON Schema of an engagement report's file (draft 2020-12), for readers and writers of other languages.

What no schema can say stands in `engagement`: days of the period alone, each day and place once.
"""

from typing import Any, Final

from vestibule.ledger.canonical import LIMIT

_WORD: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": "^[a-z0-9._-]{0,64}$",
    "description": "as the address of the button's dialog said it; empty if it said nothing",
}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0, "maximum": LIMIT - 1}
_ROW: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["day", "interface", "surface", "variant", "sends", "clicks"],
    "properties": {
        "day": {"type": "string", "format": "date", "description": "a UTC day of the period"},
        "interface": _WORD,
        "surface": _WORD,
        "variant": _WORD,
        "sends": _COUNT | {"description": "dialogs that were sent, each once"},
        "clicks": _COUNT | {"description": "clicks that came with a new click value"},
    },
}
SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Engagement report of a fortnight",
    "type": "object",
    "additionalProperties": False,
    "required": ["v", "partner", "period", "zone", "edition", "rows"],
    "properties": {
        "v": {"const": 1},
        "partner": {"type": "string", "description": "your id"},
        "period": {
            "type": "string",
            "pattern": "^[0-9]{4}-W[0-9]{2}$",
            "description": "the ISO 8601 week that the fortnight begins with",
        },
        "zone": {"const": "UTC"},
        "edition": {"type": "integer", "minimum": 1, "maximum": LIMIT - 1},
        "rows": {"type": "array", "items": _ROW},
    },
}
