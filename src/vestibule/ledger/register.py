"""The register leaves: what everybody may read in full. They carry no tag: they are about no person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from vestibule.ledger import canonical
from vestibule.ledger.errors import LeafError
from vestibule.ledger.fields import (
    KEY_ID,
    NAME,
    SHA256_HEX,
    Reader,
    b64,
    need_bytes,
    need_count,
    need_match,
    need_text,
)

SUITE = 1
"""SHA-256 trees and commitments, Ed25519 signatures, ECVRF-EDWARDS25519-SHA512-TAI."""


@dataclass(frozen=True, slots=True)
class Genesis:
    """Leaf 0: the keys everything else is checked with.

    Attributes:
        origin: the log's origin line (wire `origin`).
        vrf: the 32-byte public VRF key (wire `vrf`, base64).
        log: the log's C2SP verifier key, as text (wire `log`).
        suite: the algorithms; 1 is the only one (wire `suite`).
        day: UTC day number (wire `d`).
        previous: the last checkpoint note of the origin this one follows, if any (wire `previous`).
    """

    origin: str
    vrf: bytes
    log: str
    suite: int
    day: int
    previous: str | None = None

    def __post_init__(self) -> None:
        need_text("an origin", self.origin)
        need_bytes("a vrf key", self.vrf, 32)
        need_text("a verifier key", self.log)
        if self.suite != SUITE:
            raise LeafError(f"expected suite {SUITE}, got {self.suite}")
        need_count("a day", self.day)
        if self.previous is not None:
            need_text("a previous checkpoint", self.previous)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire = {"v": 1, "k": "genesis", "origin": self.origin, "vrf": b64(self.vrf), "log": self.log}
        wire |= {"suite": self.suite, "d": self.day}
        return wire if self.previous is None else wire | {"previous": self.previous}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            origin=reader.text("origin"),
            vrf=reader.binary("vrf"),
            log=reader.text("log"),
            suite=reader.number("suite"),
            day=reader.number("d"),
            previous=reader.text("previous") if reader.has("previous") else None,
        )


@dataclass(frozen=True, slots=True)
class PartnerLeaf:
    """A partner enters the register.

    Attributes:
        partner: its id, never given to another (wire `p`).
        legal_entity: the company that answers for it; one company may have several ids (wire `entity`).
        name: what people see (wire `name`).
        home_origin: its web origin, scheme included (wire `home`).
        day: UTC day number (wire `d`).
    """

    partner: str
    legal_entity: str
    name: str
    home_origin: str
    day: int

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_text("a legal entity", self.legal_entity)
        need_text("a name", self.name)
        need_text("a home origin", self.home_origin)
        need_count("a day", self.day)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "partner", "p": self.partner, "entity": self.legal_entity}
        return wire | {"name": self.name, "home": self.home_origin, "d": self.day}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            partner=reader.text("p"),
            legal_entity=reader.text("entity"),
            name=reader.text("name"),
            home_origin=reader.text("home"),
            day=reader.number("d"),
        )


@dataclass(frozen=True, slots=True)
class KeyLeaf:
    """A partner's Ed25519 key, or a new end date for one already registered.

    Attributes:
        partner: whose key (wire `p`).
        key_id: the `keyid` of its signatures (wire `id`).
        key: 32 bytes (wire `key`, base64).
        from_day: first UTC day of use (wire `from`).
        until_day: last UTC day of use, None while open (wire `until`, left out while open).
        day: UTC day number of this leaf (wire `d`).
    """

    partner: str
    key_id: str
    key: bytes
    from_day: int
    until_day: int | None
    day: int

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_match("a key id", KEY_ID, self.key_id)
        need_bytes("a key", self.key, 32)
        need_count("a first day", self.from_day)
        if self.until_day is not None:
            need_count("a last day", self.until_day)
        need_count("a day", self.day)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "key", "p": self.partner, "id": self.key_id}
        wire |= {"key": b64(self.key), "from": self.from_day, "d": self.day}
        return wire if self.until_day is None else wire | {"until": self.until_day}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            partner=reader.text("p"),
            key_id=reader.text("id"),
            key=reader.binary("key"),
            from_day=reader.number("from"),
            until_day=reader.number("until") if reader.has("until") else None,
            day=reader.number("d"),
        )


@dataclass(frozen=True, slots=True)
class PrivilegeLeaf:
    """What the operator lets a partner ask people for; invalid without the partner's own signature.

    Attributes:
        partner: whose privilege (wire `p`).
        scope: what it may ask for (wire `scope`).
        purpose: what for, in words (wire `purpose`).
        agreement: hex SHA-256 of the agreement between operator and partner (wire `agreement`).
        until_day: last UTC day in force (wire `until`).
        day: UTC day number of this leaf (wire `d`).
        key_id: which registered key signed (wire `key`).
        signature: Ed25519 over `signed_text()`, 64 bytes (wire `sig`, base64).
    """

    partner: str
    scope: str
    purpose: str
    agreement: str
    until_day: int
    day: int
    key_id: str
    signature: bytes

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_match("a scope", NAME, self.scope)
        need_text("a purpose", self.purpose)
        need_match("an agreement digest", SHA256_HEX, self.agreement)
        need_count("a last day", self.until_day)
        need_count("a day", self.day)
        need_match("a key id", KEY_ID, self.key_id)
        need_bytes("a signature", self.signature, 64)

    def signed_text(self) -> bytes:
        """Give the bytes the partner signed."""
        return privilege_text(
            partner=self.partner,
            scope=self.scope,
            purpose=self.purpose,
            agreement=self.agreement,
            until_day=self.until_day,
            key_id=self.key_id,
        )

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "privilege", "p": self.partner, "scope": self.scope}
        wire |= {"purpose": self.purpose, "agreement": self.agreement, "until": self.until_day}
        return wire | {"d": self.day, "key": self.key_id, "sig": b64(self.signature)}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            partner=reader.text("p"),
            scope=reader.text("scope"),
            purpose=reader.text("purpose"),
            agreement=reader.text("agreement"),
            until_day=reader.number("until"),
            day=reader.number("d"),
            key_id=reader.text("key"),
            signature=reader.binary("sig"),
        )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A privilege ends before its date.

    Attributes:
        partner: whose (wire `p`).
        scope: which (wire `scope`).
        day: UTC day number (wire `d`).
    """

    partner: str
    scope: str
    day: int

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_match("a scope", NAME, self.scope)
        need_count("a day", self.day)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        return {"v": 1, "k": "withdrawal", "p": self.partner, "scope": self.scope, "d": self.day}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(partner=reader.text("p"), scope=reader.text("scope"), day=reader.number("d"))


@dataclass(frozen=True, slots=True)
class ReconcileLeaf:
    """A partner's own signed count of what it was served, over the first `size` leaves.

    Attributes:
        partner: who counted (wire `p`).
        size: the log size the count covers (wire `size`).
        counts: `kind/op` to (events, items), of the requests it made itself (wire `counts`).
        day: UTC day number (wire `d`).
        key_id: which registered key signed (wire `key`).
        signature: Ed25519 over `signed_text()`, 64 bytes (wire `sig`, base64).
    """

    partner: str
    size: int
    counts: Mapping[str, tuple[int, int]]
    day: int
    key_id: str
    signature: bytes

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        need_count("a size", self.size)
        for pair, (events, items) in self.counts.items():
            kind, _, op = pair.partition("/")
            need_match("an event kind", NAME, kind)
            need_match("an operation", NAME, op)
            need_count("a number of events", events)
            need_count("a number of items", items)
        need_count("a day", self.day)
        need_match("a key id", KEY_ID, self.key_id)
        need_bytes("a signature", self.signature, 64)

    def signed_text(self) -> bytes:
        """Give the bytes the partner signed."""
        return reconcile_text(partner=self.partner, size=self.size, counts=self.counts, key_id=self.key_id)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "reconcile", "p": self.partner, "size": self.size}
        wire |= {"counts": {pair: list(count) for pair, count in self.counts.items()}}
        return wire | {"d": self.day, "key": self.key_id, "sig": b64(self.signature)}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            partner=reader.text("p"),
            size=reader.number("size"),
            counts={pair: _pair_of_counts(count) for pair, count in reader.mapping("counts").items()},
            day=reader.number("d"),
            key_id=reader.text("key"),
            signature=reader.binary("sig"),
        )


def privilege_text(
    *, partner: str, scope: str, purpose: str, agreement: str, until_day: int, key_id: str
) -> bytes:
    """Give what a partner signs for a privilege: the leaf's canonical bytes without `d` and `sig`."""
    wire = {"v": 1, "k": "privilege", "p": partner, "scope": scope, "purpose": purpose}
    return canonical.encode(wire | {"agreement": agreement, "until": until_day, "key": key_id})


def reconcile_text(*, partner: str, size: int, counts: Mapping[str, tuple[int, int]], key_id: str) -> bytes:
    """Give what a partner signs for its counts: the leaf's canonical bytes without `d` and `sig`."""
    wire = {"v": 1, "k": "reconcile", "p": partner, "size": size, "counts": dict(counts), "key": key_id}
    return canonical.encode(wire)


def _pair_of_counts(value: object) -> tuple[int, int]:
    match value:
        case [int(events), int(items)]:
            return events, items
        case _:
            raise LeafError(f"expected [events, items], got {value!r:.80}")
