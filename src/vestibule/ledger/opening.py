"""The private half of an event: what its person, and in the shared lane its partner, can prove about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from vestibule.ledger import canonical
from vestibule.ledger.canonical import LIMIT
from vestibule.ledger.errors import LedgerError, OpeningError
from vestibule.ledger.event import Event
from vestibule.ledger.fields import NAME, Reader, b64
from vestibule.ledger.request import SignedRequest, from_opening
from vestibule.ledger.tags import OWN, SHARED, partner_person_id, tag

NO_GRANT: Final = -1
"""The `grant` of an event that no grant leaf stands behind."""

_MESSAGES = re.compile(r'[0-9a-f]{64}(?:","[0-9a-f]{64})*')
_PERSON = re.compile(r"[A-Z2-7]{32}")


@dataclass(frozen=True, slots=True)
class Private:
    """What the commitment of an event leaf covers.

    Attributes:
        person: the id that the lane's key gives (`tags.partner_person_id`): in the shared lane the one the
            partner knows her by. Never her subject, by which two partners could find they mean one person.
        lane: SHARED or OWN.
        counter: the event's number in that lane; its tag follows from it.
        partner: as in the leaf.
        kind: as in the leaf.
        op: as in the leaf.
        at: when it was decided, microseconds since 1970.
        grant: index of the grant leaf it rests on, NO_GRANT if none.
        conversation: the conversation's id as text, empty if none.
        messages: hex SHA-256 of each released message, in the order of the answer.
        n: the true number of items; the leaf of an exposure shows 1 instead.
        request: the partner's signed request, None where no partner asked (a dialog send, an end).
        extra: what one kind of event has to say more, text by ASCII name.
    """

    person: str
    lane: str
    counter: int
    partner: str
    kind: str
    op: str
    at: int
    grant: int
    conversation: str
    messages: tuple[str, ...]
    n: int
    request: SignedRequest | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.lane not in (SHARED, OWN):
            raise OpeningError(f"expected the lane shared or own, got {self.lane[:80]!r}")
        for value in (self.partner, self.kind, self.op):
            if NAME.fullmatch(value) is None:
                raise OpeningError(f"expected a name like {NAME.pattern}, got {value[:80]!r}")
        if _PERSON.fullmatch(self.person) is None:
            raise OpeningError(f"expected a person's id like {_PERSON.pattern}, got {self.person[:80]!r}")
        if self.messages and _MESSAGES.fullmatch('","'.join(self.messages)) is None:
            raise OpeningError("expected the hex sha-256 of each message, got something else")
        for number in (self.counter, self.at, self.grant, self.n):
            if not NO_GRANT <= number < LIMIT:
                raise OpeningError(f"expected a number below 2**53, got {number}")

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` included."""
        wire: dict[str, Any] = {
            "v": 1,
            "person": self.person,
            "lane": self.lane,
            "counter": self.counter,
            "partner": self.partner,
            "kind": self.kind,
            "op": self.op,
            "at": self.at,
            "grant": self.grant,
            "conversation": self.conversation,
            "messages": self.messages,
            "n": self.n,
            "extra": dict(self.extra),
        }
        if self.request is not None:
            wire["request"] = {
                "base": self.request.base,
                "signature": b64(self.request.signature),
                "key_id": self.request.key_id,
            }
        return wire

    def encode(self) -> bytes:
        """Give the canonical bytes that `commitment.commit` takes, written out by hand as in Event.

        Raises:
            CanonicalError: if a text is not encodable.
        """
        extra = canonical.encode(dict(self.extra)).decode() if self.extra else "{}"
        messages = '"' + '","'.join(self.messages) + '"' if self.messages else ""
        wire = (
            f'{{"at":{self.at},"conversation":{canonical.text(self.conversation)},"counter":{self.counter},'
            f'"extra":{extra},"grant":{self.grant},"kind":"{self.kind}","lane":"{self.lane}",'
            f'"messages":[{messages}],"n":{self.n},"op":"{self.op}","partner":"{self.partner}",'
            f'"person":"{self.person}",{_write_request(self.request)}"v":1}}'
        )
        return canonical.utf8(wire)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a private half from its canonical bytes.

        Raises:
            OpeningError: if `data` is anything else.
        """
        try:
            reader = Reader(canonical.decode(data))
            private = cls._read(reader)
            reader.done()
        except OpeningError:
            raise
        except LedgerError as error:
            raise OpeningError(f"expected the private half of an event: {error}") from None
        return private

    def agrees_with(self, event: Event, lane_key: bytes) -> None:
        """Check that this private half says the same as its public leaf, and is of this lane.

        Args:
            event: the leaf whose commitment this opens (`commitment.Opening.opens`).
            lane_key: the key of this person's lane: the person's from her verified VRF proof, the partner's
                as the platform gave it.

        Raises:
            OpeningError: naming the first difference.
        """
        shown = 1 if self.kind == "exposure" else self.n
        for what, here, there in (
            ("partner", self.partner, event.partner),
            ("kind", self.kind, event.kind),
            ("operation", self.op, event.op),
            ("number of items", shown, event.n),
        ):
            if here != there:
                raise OpeningError(f"expected the leaf's {what} {there!r}, got {here!r}")
        if self.person != (person := partner_person_id(lane_key)):
            raise OpeningError(f"expected person {person} of this lane, got {self.person}")
        if tag(lane_key, self.counter) != event.tag:
            raise OpeningError(f"expected the tag of counter {self.counter} in this lane, got another")

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        version = reader.number("v")
        if version != 1:
            raise OpeningError(f"expected version 1, got {version}")
        return cls(
            person=reader.text("person"),
            lane=reader.text("lane"),
            counter=reader.number("counter"),
            partner=reader.text("partner"),
            kind=reader.text("kind"),
            op=reader.text("op"),
            at=reader.number("at"),
            grant=reader.number("grant"),
            conversation=reader.text("conversation"),
            messages=reader.strings("messages"),
            n=reader.number("n"),
            request=_read_request(reader.mapping("request")) if reader.has("request") else None,
            extra=_read_extra(reader.mapping("extra")),
        )


def _write_request(request: SignedRequest | None) -> str:
    if request is None:
        return ""
    base, key_id = canonical.text(request.base), canonical.text(request.key_id)
    return f'"request":{{"base":{base},"key_id":{key_id},"signature":"{b64(request.signature)}"}},'


def _read_request(value: Mapping[str, Any]) -> SignedRequest:
    reader = Reader(value)
    request = from_opening(reader.text("base"), reader.binary("signature"))
    key_id = reader.text("key_id")
    reader.done()
    if key_id != request.key_id:
        raise OpeningError(f"expected the key id of the base, {request.key_id!r}, got {key_id[:80]!r}")
    return request


def _read_extra(value: Mapping[str, Any]) -> dict[str, str]:
    if not all(isinstance(item, str) for item in value.values()):
        raise OpeningError("expected text in extra")
    return dict(value)
