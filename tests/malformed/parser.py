"""What a parser under test is, and what it may do with whatever it is given."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 600
"""Characters of a message; what is quoted of the input is cut."""

UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Kinds of characters that break a line, a terminal, or the encoding of what is printed."""


@dataclass(frozen=True, slots=True)
class Parser:
    """One way in for what strangers send.

    Attributes:
        name: of what is parsed.
        read: parses bytes; its outcome does not matter, but what it raises does.
        samples: inputs that `read` accepts, from which others are made by changes.
        errors: the room's family, all that it may raise.
    """

    name: str
    read: Callable[[bytes], object]
    samples: tuple[bytes, ...]
    errors: type[Exception]

    def complaint(self, data: bytes) -> str | None:
        """Read the data; say what makes the message of an error unfit to be shown, if anything.

        Any other error than those of the room is let through.
        """
        try:
            self.read(data)
        except self.errors as error:
            return _complaint(str(error))
        return None


def text(data: bytes) -> str:
    """Turn bytes into text; what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _complaint(message: str) -> str | None:
    unfit = sorted({unicodedata.category(character) for character in message} & UNFIT)
    if unfit:
        return f"characters of {', '.join(unfit)} in {message!r}"
    if len(message) > LONGEST:
        return f"{len(message)} characters: {message[:LONGEST]}"
    return None if len(message) > len("expected") else f"hardly anything said: {message!r}"
