"""Reading posted forms.

Not the framework's own parser: that one keeps the last thousand bodies in a cache, and ours hold passwords
and private words; it also guesses at bytes that are not UTF-8 where we refuse them.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from litestar import Request
from litestar.exceptions import ClientException

LARGEST = 128 * 1024
"""Bytes of a form without files; the longest message, percent-encoded, fits."""
MOST_FIELDS = 500
URL_ENCODED = "application/x-www-form-urlencoded"


class Fields:
    """The fields of one form, each a list of texts."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Return a field's last value with lines ended by LF, or "" when it is missing."""
        return self._fields.get(name, [""])[-1].replace("\r\n", "\n")

    def word(self, name: str) -> str:
        """Return a field without spaces around it."""
        return self.text(name).strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeated field, each once."""
        return tuple(dict.fromkeys(self._fields.get(name, ())))


def parse(body: bytes) -> Fields:
    """Read `application/x-www-form-urlencoded` bytes.

    Raises:
        ClientException: they are not UTF-8, or have too many fields.
    """
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError:
        raise ClientException("expected form fields in percent-encoded UTF-8") from None
    except ValueError:
        raise ClientException(f"expected at most {MOST_FIELDS} form fields") from None
    return Fields(fields)


async def fields_of(request: Request[Any, Any, Any]) -> Fields:
    """Read the form of a request.

    Raises:
        ClientException: it is of another kind, or malformed.
    """
    kind = request.content_type[0]
    if kind != URL_ENCODED:
        raise ClientException(f"expected {URL_ENCODED}, got {kind[:80]!r}", status_code=415)
    return parse(await request.body())
