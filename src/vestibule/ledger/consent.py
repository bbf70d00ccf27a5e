"""What a person agreed to, in one canonical text: shown to her, and where she has a passkey signed by it.

It is a text of its own, and not the grant as the gate enforces it, because it says everything in the ids by
which the partner knows her and hers: it stands in openings that the partner holds.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, Self

from vestibule.ledger import canonical
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.errors import ConsentError, LedgerError
from vestibule.ledger.fields import NAME, SHA256_HEX, Reader, need_count, need_match, need_text

CONSENT: Final = "consent"
"""The name, in the `extra` of a grant leaf's opening, under which the canonical text stands."""

PICKED: Final = "picked"
REACHES: Final = ("conversations", "through_partner", PICKED)
"""Which messages: all of the chosen conversations, those that came through the partner with the replies to
them, or hand-picked ones."""

PERSON: Final = re.compile(r"[A-Z2-7]{32}")
OPAQUE: Final = re.compile(r"[0-9a-f]{32}")
ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Allowed:
    """One thing the partner may do.

    Attributes:
        scope: such as `messages.read`.
        purpose: the sentence she read, as the privilege gives it.
        privilege: index of the privilege's leaf.
    """

    scope: str
    purpose: str
    privilege: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The messages she chose.

    Attributes:
        reach: one of REACHES.
        conversations: the partner's ids of the chosen conversations, in ascending order.
        picked: commitment to the hand-picked messages (`ledger.picked`), 64 hex digits; "" for another reach.
        since: microseconds since 1970; what was sent before is out of reach.
    """

    reach: str
    conversations: tuple[str, ...]
    picked: str
    since: int


@dataclass(frozen=True, slots=True)
class Consent:
    """The canonical grant.

    Attributes:
        origin: the platform's web origin, where she agreed.
        partner: the partner's id on the register.
        person: the partner's id of her (`tags.partner_person_id`).
        connection: the partner's id of the connection.
        allowed: what the partner may do, by scope in ascending order; at least one.
        chosen: with which messages.
        until_day: the last UTC day on which anything is permitted.
        issued: when she was shown it, microseconds since 1970.

    Raises:
        ConsentError: naming the first field that is not so.
    """

    origin: str
    partner: str
    person: str
    connection: str
    allowed: tuple[Allowed, ...]
    chosen: Chosen
    until_day: int
    issued: int

    def __post_init__(self) -> None:
        try:
            self._check_names()
            for one in self.allowed:
                _check_allowed(one)
            _check_chosen(self.chosen)
            need_count("until_day", self.until_day)
            need_count("issued", self.issued)
        except LedgerError as error:
            raise ConsentError(str(error)) from None
        need_ascending("permissions", tuple(one.scope for one in self.allowed))
        if not self.allowed:
            raise ConsentError("expected at least one permission, got none")
        if self.until_day < (issued := self.issued // MICROSECONDS_A_DAY):
            raise ConsentError(f"expected an end on or after day {issued}, got day {self.until_day}")

    def encode(self) -> bytes:
        """Give the canonical bytes.

        Raises:
            ConsentError: if a text is not encodable.
        """
        try:
            return canonical.encode(self._fields())
        except LedgerError as error:
            raise ConsentError(str(error)) from None

    def challenge(self) -> bytes:
        """Give what her passkey signs as the WebAuthn challenge: SHA-256 of the canonical bytes."""
        return sha256(self.encode()).digest()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a consent from its canonical bytes.

        Raises:
            ConsentError: if `data` is anything else.
        """
        try:
            return cls._read(canonical.decode(data))
        except ConsentError:
            raise
        except LedgerError as error:
            raise ConsentError(f"expected the canonical grant: {error}") from None

    def _check_names(self) -> None:
        need_match("an origin", ORIGIN, self.origin)
        need_match("a partner", NAME, self.partner)
        need_match("a person's id", PERSON, self.person)
        need_match("a connection's id", OPAQUE, self.connection)

    def _fields(self) -> dict[str, Any]:
        return {
            "v": _VERSION,
            "origin": self.origin,
            "partner": self.partner,
            "person": self.person,
            "connection": self.connection,
            "permissions": [
                {"scope": one.scope, "purpose": one.purpose, "privilege": one.privilege}
                for one in self.allowed
            ],
            "selection": {
                "reach": self.chosen.reach,
                "conversations": self.chosen.conversations,
                "picked": self.chosen.picked,
                "since": self.chosen.since,
            },
            "until_day": self.until_day,
            "issued": self.issued,
        }

    @classmethod
    def _read(cls, value: dict[str, Any]) -> Self:
        reader = Reader(value)
        version = reader.number("v")
        if version != _VERSION:
            raise ConsentError(f"expected version {_VERSION}, got {version}")
        consent = cls(
            origin=reader.text("origin"),
            partner=reader.text("partner"),
            person=reader.text("person"),
            connection=reader.text("connection"),
            allowed=tuple(_read_allowed(Reader(one)) for one in reader.mappings("permissions")),
            chosen=_read_chosen(Reader(reader.mapping("selection"))),
            until_day=reader.number("until_day"),
            issued=reader.number("issued"),
        )
        reader.done()
        return consent


def _read_allowed(reader: Reader) -> Allowed:
    allowed = Allowed(reader.text("scope"), reader.text("purpose"), reader.number("privilege"))
    reader.done()
    return allowed


def _read_chosen(reader: Reader) -> Chosen:
    chosen = Chosen(
        reach=reader.text("reach"),
        conversations=reader.strings("conversations"),
        picked=reader.text("picked"),
        since=reader.number("since"),
    )
    reader.done()
    return chosen


def _check_allowed(allowed: Allowed) -> None:
    need_match("a scope", NAME, allowed.scope)
    need_text(f"a purpose of {allowed.scope}", allowed.purpose)
    need_count("privilege", allowed.privilege)


def _check_chosen(chosen: Chosen) -> None:
    if chosen.reach not in REACHES:
        raise ConsentError(f"expected a reach of {', '.join(REACHES)}, got {chosen.reach[:80]!r}")
    for conversation in chosen.conversations:
        need_match("a conversation's id", OPAQUE, conversation)
    if chosen.reach == PICKED:
        need_match("a commitment to messages", SHA256_HEX, chosen.picked)
    elif chosen.picked:
        raise ConsentError(f"expected picked messages only with reach picked, got reach {chosen.reach}")
    need_ascending("conversations", chosen.conversations)
    need_count("since", chosen.since)


def need_ascending(what: str, names: tuple[str, ...]) -> None:
    """Raise ConsentError unless names are in order, each once: one grant has one text."""
    if any(left >= right for left, right in pairwise(names)):
        raise ConsentError(f"expected {what} in ascending order, each once, got {', '.join(names)!r:.120}")
