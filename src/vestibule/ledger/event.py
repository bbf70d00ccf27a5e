"""The event leaf: one thing done to one person's data by one partner, as the public sees it."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from vestibule.ledger.errors import LeafError
from vestibule.ledger.fields import NAME, Reader, b64, need_bytes, need_count, need_match, unb64

EventKind = Literal["access", "exposure", "send", "delete", "refusal", "notify", "grant", "end"]
Basis = Literal["grant", "operator"]

EVENT_KINDS: Final[frozenset[str]] = frozenset(get_args(EventKind))
BASES: Final[frozenset[str]] = frozenset(get_args(Basis))

# The canonical form of every event and of nothing else; what it misses is refused the slow way.
_WIRE = re.compile(
    rb'\{"b":"(grant|operator)","c":"([A-Za-z0-9+/]{43}=)","d":(0|[1-9][0-9]{0,15}),'
    rb'"k":"(access|exposure|send|delete|refusal|notify|grant|end)","n":(0|[1-9][0-9]{0,15}),'
    rb'"op":"([a-z0-9][a-z0-9._:-]{0,63})","p":"([a-z0-9][a-z0-9._:-]{0,63})",'
    rb'"tag":"([A-Za-z0-9+/]{43}=)","v":1\}'
)


@dataclass(frozen=True, slots=True)
class Event:
    """An event leaf; never a person, an exact time, or a content hash without its random key.

    Attributes:
        kind: what was done, one of EVENT_KINDS (wire `k`).
        op: the scope or operation (wire `op`).
        partner: the partner's id on the register (wire `p`).
        n: how many items, exact (wire `n`).
        basis: on whose authority (wire `b`).
        day: UTC day number, set by the sequencer (wire `d`).
        tag: 32 bytes, `tags.tag` of the lane at its counter (wire `tag`, base64).
        commitment: 32 bytes, `commitment.commit` of the private half (wire `c`, base64).

    Raises:
        LeafError: on construction, if a field is outside the grammar.
    """

    kind: EventKind
    op: str
    partner: str
    n: int
    basis: Basis
    day: int
    tag: bytes
    commitment: bytes

    def __post_init__(self) -> None:
        if self.kind not in EVENT_KINDS:
            raise LeafError(f"expected an event kind, got {self.kind!r}")
        if self.basis not in BASES:
            raise LeafError(f"expected the basis grant or operator, got {self.basis!r}")
        need_match("an operation", NAME, self.op)
        need_match("a partner id", NAME, self.partner)
        need_count("a number of items", self.n)
        need_count("a day", self.day)
        need_bytes("a tag", self.tag, 32)
        need_bytes("a commitment", self.commitment, 32)

    def fields(self) -> dict[str, str | int]:
        """Give the wire fields, `v` and `k` included."""
        return {
            "v": 1,
            "k": self.kind,
            "p": self.partner,
            "op": self.op,
            "n": self.n,
            "b": self.basis,
            "d": self.day,
            "tag": b64(self.tag),
            "c": b64(self.commitment),
        }

    def encode(self) -> bytes:
        """Give the leaf's bytes, written out by hand: a test proves them equal to the canonical encoding."""
        # No field can hold a character that JSON escapes: the grammar was checked on construction.
        return (
            f'{{"b":"{self.basis}","c":"{b64(self.commitment)}","d":{self.day},"k":"{self.kind}","n":{self.n},'
            f'"op":"{self.op}","p":"{self.partner}","tag":"{b64(self.tag)}","v":1}}'
        ).encode()


def read_wire(data: bytes) -> Event | None:
    """Read an event straight from its bytes, or return None if they are not an event's canonical form."""
    found = _WIRE.fullmatch(data)
    if found is None:
        return None
    basis, commitment, day, kind, n, op, partner, tag = found.group(1, 2, 3, 4, 5, 6, 7, 8)
    return Event(
        kind=kind.decode(),  # type: ignore[arg-type]  # the pattern lists the kinds
        op=op.decode(),
        partner=partner.decode(),
        n=int(n),
        basis=basis.decode(),  # type: ignore[arg-type]  # the pattern lists the bases
        day=int(day),
        tag=unb64(tag.decode()),
        commitment=unb64(commitment.decode()),
    )


def read_event(kind: str, reader: Reader) -> Event:
    """Build an event from decoded fields; `v` and `k` are already taken."""
    values: dict[str, Any] = {
        "kind": kind,
        "op": reader.text("op"),
        "partner": reader.text("p"),
        "n": reader.number("n"),
        "basis": reader.text("b"),
        "day": reader.number("d"),
        "tag": reader.binary("tag"),
        "commitment": reader.binary("c"),
    }
    reader.done()
    return Event(**values)
