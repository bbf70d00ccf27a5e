"""What the gate hands to the recorder, and what it gets back. Frozen values."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vestibule.ledger import canonical
from vestibule.ledger.leaf import Basis, EventKind, Leaf
from vestibule.ledger.request import SignedRequest
from vestibule.tlog.proof import TlogProof


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event sets in motion: a topic and a JSON body, applied once under the event's index."""

    topic: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event about one person, before it has a counter, a day and a place in the log.

    Attributes:
        kind: event kind of docs/log.md, such as `access`.
        op: operation, such as `messages.read`.
        partner: the partner's id.
        lane: `shared` or `own`.
        subject: the person's 16 random bytes, or `NOBODY`.
        n: public item count.
        basis: `grant` or `operator`.
        items: the true number, kept in the opening; equal to n except for exposures.
        grant: log index of the grant leaf it stands on, -1 without one.
        last_day: the last UTC day on which it may be recorded, None where nothing ends.
        conversation: what the partner knows the conversation by, or nothing.
        messages: hex SHA-256 of each message released.
        request: the partner's signed request, where there is one.
        effect: applied once the leaf is published.
    """

    kind: EventKind
    op: str
    partner: str
    lane: str
    subject: bytes
    n: int
    basis: Basis = "grant"
    items: int = 0
    grant: int = -1
    last_day: int | None = None
    conversation: str = ""
    messages: tuple[str, ...] = ()
    request: SignedRequest | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A register leaf to be: made for the day on which the sequencer places it."""

    leaf_on: Callable[[int], Leaf]
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """Leaves that belong together: all of them are recorded in one commit, or none.

    Attributes:
        items: events, or register leaves.
        event_id: 16 bytes; a second append under the same id gets the same leaves. None: never repeated.
        probes: recorded also while the witnesses do not answer, so that they are asked again. Epochs alone.
    """

    items: tuple[Draft | Registration, ...]
    event_id: bytes | None = None
    probes: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """A leaf in a published, signed checkpoint, with what is needed for its receipt.

    Attributes:
        index: its place in the log.
        leaf: its bytes.
        r: the commitment's 32 random bytes, empty for register leaves.
        private: the opening's canonical JSON, empty for register leaves.
        lane_key: the shared lane's 32-byte key; empty for register leaves and in the own lane, whose key is
            the person's alone. Neither subject nor VRF proof is here: receipts go to partners.
        hashes: inclusion proof, leaf's sibling first.
        note: the checkpoint note that covers it.
    """

    index: int
    leaf: bytes
    r: bytes
    private: bytes
    lane_key: bytes
    hashes: tuple[bytes, ...]
    note: str

    def receipt(self) -> str:
        """Render the C2SP tlog-proof, with leaf and opening in `extra`."""
        extra: dict[str, Any] = {"v": 1, "leaf": self.leaf.decode()}
        if self.private:
            extra |= {"r": base64.b64encode(self.r).decode(), "private": self.private.decode()}
        if self.lane_key:
            extra["lane_key"] = base64.b64encode(self.lane_key).decode()
        return TlogProof(self.index, self.hashes, self.note, canonical.encode(extra)).render()
