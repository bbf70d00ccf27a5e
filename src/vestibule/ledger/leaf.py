"""Every kind of leaf, and the way from a leaf to its bytes and back."""

from vestibule.ledger import canonical
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.errors import LeafError
from vestibule.ledger.event import BASES, EVENT_KINDS, Basis, Event, EventKind, read_event, read_wire
from vestibule.ledger.fields import Reader
from vestibule.ledger.register import (
    SUITE,
    Genesis,
    KeyLeaf,
    PartnerLeaf,
    PrivilegeLeaf,
    ReconcileLeaf,
    Withdrawal,
    privilege_text,
    reconcile_text,
)
from vestibule.ledger.report import ReportLeaf
from vestibule.ledger.standing import RelationshipLeaf, SuspensionLeaf

__all__ = [
    "BASES",
    "ENTRY_LIMIT",
    "EVENT_KINDS",
    "SUITE",
    "Basis",
    "EpochLeaf",
    "Event",
    "EventKind",
    "Genesis",
    "KeyLeaf",
    "Leaf",
    "PartnerLeaf",
    "PrivilegeLeaf",
    "ReconcileLeaf",
    "RegisterLeaf",
    "RelationshipLeaf",
    "ReportLeaf",
    "SuspensionLeaf",
    "Withdrawal",
    "encode",
    "parse",
    "privilege_text",
    "reconcile_text",
]

RegisterLeaf = (
    Genesis
    | PartnerLeaf
    | KeyLeaf
    | PrivilegeLeaf
    | Withdrawal
    | SuspensionLeaf
    | RelationshipLeaf
    | ReconcileLeaf
    | ReportLeaf
    | EpochLeaf
)
Leaf = RegisterLeaf | Event

ENTRY_LIMIT = 65535
"""The longest entry C2SP tlog-tiles can carry, in bytes."""

_REGISTER: dict[str, type[RegisterLeaf]] = {
    "genesis": Genesis,
    "partner": PartnerLeaf,
    "key": KeyLeaf,
    "privilege": PrivilegeLeaf,
    "withdrawal": Withdrawal,
    "suspension": SuspensionLeaf,
    "relationship": RelationshipLeaf,
    "reconcile": ReconcileLeaf,
    "report": ReportLeaf,
    "epoch": EpochLeaf,
}


def encode(leaf: Leaf) -> bytes:
    """Give the leaf's bytes, as they stand in the log.

    Raises:
        LeafError: if they are longer than an entry may be.
        CanonicalError: if a text is not encodable.
    """
    if isinstance(leaf, Event):
        return leaf.encode()
    data = canonical.encode(leaf.fields())
    if len(data) > ENTRY_LIMIT:
        raise LeafError(f"expected at most {ENTRY_LIMIT} bytes, got {len(data)}")
    return data


def parse(data: bytes) -> Leaf:
    """Read a leaf from its bytes; exactly the bytes `encode` gives are accepted.

    Raises:
        CanonicalError: if `data` is not canonical JSON.
        LeafError: if it is no leaf of this version and grammar.
    """
    event = read_wire(data)
    if event is not None:
        return event
    if len(data) > ENTRY_LIMIT:
        raise LeafError(f"expected at most {ENTRY_LIMIT} bytes, got {len(data)}")
    reader = Reader(canonical.decode(data))
    version = reader.number("v")
    if version != 1:
        raise LeafError(f"expected version 1, got {version}")
    kind = reader.text("k")
    if kind in EVENT_KINDS:
        return read_event(kind, reader)
    if kind not in _REGISTER:
        raise LeafError(f"expected a known kind, got {kind[:80]!r}")
    leaf = _REGISTER[kind].read(reader)
    reader.done()
    return leaf
