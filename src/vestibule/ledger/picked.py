"""The messages that a person picked by hand, which a canonical grant commits to and does not name.

The canonical grant stands in openings that the partner holds. A list of ids there would tell it how many
messages she picked, and so how many are withheld because their writers have not agreed.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Self

from vestibule.ledger import canonical
from vestibule.ledger.consent import OPAQUE, need_ascending
from vestibule.ledger.errors import ConsentError, LedgerError
from vestibule.ledger.fields import Reader, b64, need_match

RANDOM_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Picked:
    """Hand-picked messages, and what opens the commitment to them.

    Attributes:
        messages: the partner's ids of them, in ascending order, each once.
        random: 32 fresh bytes.

    Raises:
        ConsentError: naming what is not so.
    """

    messages: tuple[str, ...]
    random: bytes

    def __post_init__(self) -> None:
        try:
            for message in self.messages:
                need_match("a message's id", OPAQUE, message)
        except LedgerError as error:
            raise ConsentError(str(error)) from None
        need_ascending("messages", self.messages)
        if len(self.random) != RANDOM_LENGTH:
            raise ConsentError(f"expected {RANDOM_LENGTH} random bytes, got {len(self.random)}")

    def committed(self) -> str:
        """Give what stands in the canonical grant: hex SHA-256(random || canonical JSON of the ids)."""
        return sha256(self.random + canonical.encode({"messages": self.messages})).hexdigest()

    def fields(self) -> dict[str, Any]:
        """Give the fields of its JSON object."""
        return {"messages": self.messages, "random": b64(self.random)}

    def to_json(self) -> str:
        """Render for storage."""
        return canonical.encode(self.fields()).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        return cls.read(Reader(canonical.decode(text.encode())))

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields.

        Raises:
            LedgerError: if they are others.
        """
        found = cls(reader.strings("messages"), reader.binary("random"))
        reader.done()
        return found
