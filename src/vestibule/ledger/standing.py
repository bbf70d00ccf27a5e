"""Two more register leaves: whether a partner is suspended as a whole, and what ties it to the operator."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from vestibule.ledger.errors import LeafError
from vestibule.ledger.fields import NAME, SHA256_HEX, Reader, need_count, need_match, need_text

SUSPENDERS: Final = ("operator", "partner")
"""Who can suspend a partner; each lifts only what they did themselves."""

STOPPED: Final = frozenset({"access", "exposure", "send", "delete", "notify", "grant"})
"""The event kinds of which a suspended partner has none; refusals and ends go on."""

_SUSPENDED, _LIFTED = "suspended", "lifted"
_STATE = re.compile(f"{_SUSPENDED}|{_LIFTED}")
_BY = re.compile("|".join(SUSPENDERS))


@dataclass(frozen=True, slots=True)
class SuspensionLeaf:
    """A partner is suspended as a whole, or not any more.

    Attributes:
        partner: who (wire `p`).
        by: who suspends, or lifts what they had suspended: `operator` or `partner` (wire `by`).
        lifted: whether it is not so any more (wire `state`: `suspended` or `lifted`).
        day: UTC day number (wire `d`).
    """

    partner: str
    by: str
    lifted: bool
    day: int

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_match("a suspender", _BY, self.by)
        need_count("a day", self.day)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        state = _LIFTED if self.lifted else _SUSPENDED
        return {"v": 1, "k": "suspension", "p": self.partner, "by": self.by, "state": state, "d": self.day}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        state = reader.text("state")
        need_match("a state", _STATE, state)
        return cls(reader.text("p"), reader.text("by"), state == _LIFTED, reader.number("d"))


@dataclass(frozen=True, slots=True)
class RelationshipLeaf:
    """What ties partner and operator, as the operator discloses it.

    Attributes:
        partner: with whom (wire `p`).
        kind: such as `payment`, `shares` or `seat` (wire `kind`).
        band: how much, in words, direction included (wire `band`).
        from_day: first UTC day (wire `from`).
        until_day: last UTC day, None while it goes on (wire `until`, left out then).
        document: hex SHA-256 of the document that shows it (wire `doc`).
        day: UTC day number of this leaf (wire `d`).
    """

    partner: str
    kind: str
    band: str
    from_day: int
    until_day: int | None
    document: str
    day: int

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_match("a kind", NAME, self.kind)
        need_text("a band", self.band)
        need_count("a first day", self.from_day)
        if self.until_day is not None:
            need_count("a last day", self.until_day)
            if self.until_day < self.from_day:
                raise LeafError(f"expected a last day from {self.from_day} on, got {self.until_day}")
        need_match("a document's digest", SHA256_HEX, self.document)
        need_count("a day", self.day)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "relationship", "p": self.partner, "kind": self.kind}
        wire |= {"band": self.band, "from": self.from_day, "doc": self.document, "d": self.day}
        return wire if self.until_day is None else wire | {"until": self.until_day}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            partner=reader.text("p"),
            kind=reader.text("kind"),
            band=reader.text("band"),
            from_day=reader.number("from"),
            until_day=reader.number("until") if reader.has("until") else None,
            document=reader.text("doc"),
            day=reader.number("d"),
        )
