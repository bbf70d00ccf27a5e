"""Ids as one partner sees them: conversations and messages, sealed with a key that only the platform has.

A partner's ids are different from every other partner's, and say nothing about how many messages it does not
see. They are 16 bytes in hex: an SIV construction (RFC 5297's idea) over keyed BLAKE2b (RFC 7693), so that
they can be read back without a table and cannot be made up.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from vestibule.connections.errors import UnknownId

HALF = 8
"""Bytes of the synthetic IV, and of the number."""

FILES = 16
"""More than the files of one message."""

_SPELLING = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Sealer:
    """Writes numbers of one kind as ids, and reads them back.

    Attributes:
        kind: what is numbered; ids of one kind mean nothing in another.
        key: made of the platform's secret and the kind.
    """

    kind: str
    key: bytes

    @classmethod
    def of(cls, secret: bytes, kind: str) -> Self:
        """Make the sealer of a kind, such as `message/41/jukebox/7`, under the platform's 32-byte secret."""
        return cls(
            kind, blake2b(kind.encode(), key=secret, digest_size=32, person=b"vestibule/id/v1").digest()
        )

    def seal(self, number: int) -> str:
        """Write a number from 0 up to 2**63 - 1 as an id for a partner."""
        siv = self._siv(number)
        return (siv + (number ^ self._mask(siv)).to_bytes(HALF, "big")).hex()

    def unseal(self, text: str) -> int:
        """Read an id that `seal` wrote.

        Raises:
            UnknownId: if it is not one of this kind.
        """
        if _SPELLING.fullmatch(text):
            sealed = bytes.fromhex(text)
            number = int.from_bytes(sealed[HALF:], "big") ^ self._mask(sealed[:HALF])
            if hmac.compare_digest(sealed[:HALF], self._siv(number)):
                return number
        what = self.kind.partition("/")[0]
        raise UnknownId(
            f"{what}: expected an id that this partner was given for this person, got {text[:60]!r}"
        )

    def _siv(self, number: int) -> bytes:
        return blake2b(number.to_bytes(HALF, "big"), key=self.key, digest_size=HALF, person=b"siv").digest()

    def _mask(self, siv: bytes) -> int:
        return int.from_bytes(blake2b(siv, key=self.key, digest_size=HALF, person=b"mask").digest(), "big")


@dataclass(frozen=True, slots=True)
class PartnersIds:
    """The ids by which one partner knows one person's conversations and messages.

    Attributes:
        secret: the platform's 32 bytes.
    """

    secret: bytes
    partner_id: str
    user_id: int

    def connection(self, connection_id: int) -> str:
        """Return the id of a connection."""
        return self._sealer("connection").seal(connection_id)

    def conversation(self, conversation_id: int) -> str:
        """Return the id of a conversation."""
        return self._sealer("conversation").seal(conversation_id)

    def conversation_of(self, text: str) -> int:
        """Read the id of a conversation; raises UnknownId."""
        return self._sealer("conversation").unseal(text)

    def message(self, conversation_id: int, seq: int) -> str:
        """Return the id of a message."""
        return self._sealer(f"message/{conversation_id}").seal(seq)

    def message_of(self, conversation_id: int, text: str) -> int:
        """Read the id of a message; raises UnknownId."""
        return self._sealer(f"message/{conversation_id}").unseal(text)

    def attachment(self, conversation_id: int, seq: int, number: int) -> str:
        """Return the id of a message's file, of which there are fewer than `FILES`."""
        return self._sealer(f"attachment/{conversation_id}").seal(seq * FILES + number)

    def attachment_of(self, conversation_id: int, text: str) -> tuple[int, int]:
        """Read the id of a file: its message's number, and which of its files; raises UnknownId."""
        return divmod(self._sealer(f"attachment/{conversation_id}").unseal(text), FILES)

    def friend(self, user_id: int) -> str:
        """Return a place in the list of the person's friends; it names nobody."""
        return self._sealer("friend").seal(user_id)

    def friend_of(self, text: str) -> int:
        """Read a place in the list of friends; raises UnknownId."""
        return self._sealer("friend").unseal(text)

    def recommendation(self, number: int) -> str:
        """Return the id of something that was recommended to the person."""
        return self._sealer("recommendation").seal(number)

    def recommendation_of(self, text: str) -> int:
        """Read the id of something that was recommended to the person; raises UnknownId."""
        return self._sealer("recommendation").unseal(text)

    def _sealer(self, what: str) -> Sealer:
        return Sealer.of(self.secret, f"{what}/{self.partner_id}/{self.user_id}")
