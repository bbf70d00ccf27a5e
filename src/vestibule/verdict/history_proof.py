"""The short proof of a person's history: one file, checked without the log. Pure parsing (docs/log.md)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vestibule.ledger.commitment import Opening
from vestibule.verdict.errors import BadHistoryProof
from vestibule.verdict.json_file import JsonFile
from vestibule.verdict.person_file import LANES, PROOF_BYTES, R_BYTES, SUBJECT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT = "vestibule-history-proof/v1"
FILE = JsonFile("history proof", FORMAT, BadHistoryProof)


@dataclass(frozen=True, slots=True)
class EventProof:
    """An event of hers: the leaf's bytes, and what opens it."""

    leaf: bytes
    opening: Opening


@dataclass(frozen=True, slots=True)
class LaneProof:
    """One lane: its VRF proof, and its events by counter."""

    proof: bytes
    events: tuple[EventProof, ...]


@dataclass(frozen=True, slots=True)
class HistoryProof:
    """A short proof, of which nothing is checked yet.

    Attributes:
        note: the signed checkpoint.
        subject: her 16 random bytes.
        genesis: the bytes of leaf 0.
        epoch_index: place of the epoch leaf that the map's root is taken from.
        epoch: its bytes.
        tree: hashes for the inclusion of leaf 0, the epoch leaf and the events (`shared_paths`).
        map: the prefix map cut down to her tags (`pruned_map`).
        partners: for each partner id, both lanes.
    """

    note: bytes
    subject: bytes
    genesis: bytes
    epoch_index: int
    epoch: bytes
    tree: bytes
    map: bytes
    partners: Mapping[str, Mapping[str, LaneProof]]

    def events(self) -> Iterator[EventProof]:
        """Go through the events of all lanes."""
        for lanes in self.partners.values():
            for lane in lanes.values():
                yield from lane.events

    def indexes(self) -> tuple[int, ...]:
        """List the leaves whose inclusion the file shows."""
        return (0, self.epoch_index, *(event.opening.index for event in self.events()))


def parse(data: bytes) -> HistoryProof:
    """Read a history proof.

    Raises:
        BadHistoryProof: naming the place in the file, what was expected and what was got.
    """
    value = FILE.decode(data)
    epoch = FILE.get(value, "epoch", dict, "")
    partners: dict[str, Mapping[str, LaneProof]] = {}
    for at, entry in enumerate(FILE.get(value, "partners", list, "")):
        where = f"partners[{at}]"
        partner = FILE.get(entry, "partner", str, where)
        if partner in partners:
            raise BadHistoryProof(f"history proof, {where}: partner {partner!r:.80} is there twice")
        lanes = FILE.get(entry, "lanes", dict, where)
        partners[partner] = {name: _lane(lanes, name, f"{where}.lanes") for name in LANES}
    if not partners:
        raise BadHistoryProof("history proof, partners: expected one or more, got none")
    return HistoryProof(
        note=FILE.text(value, "checkpoint", ""),
        subject=FILE.hex(value, "subject", "", SUBJECT_BYTES),
        genesis=FILE.text(value, "genesis", ""),
        epoch_index=FILE.index(epoch, "index", "epoch"),
        epoch=FILE.text(epoch, "leaf", "epoch"),
        tree=FILE.binary(value, "tree", ""),
        map=FILE.binary(value, "map", ""),
        partners=partners,
    )


def render(proof: HistoryProof) -> bytes:
    """Write a history proof; `parse` reads it back."""
    value = {
        "format": FORMAT,
        "checkpoint": proof.note.decode(),
        "genesis": proof.genesis.decode(),
        "epoch": {"index": proof.epoch_index, "leaf": proof.epoch.decode()},
        "subject": proof.subject.hex(),
        "partners": [
            {"partner": partner, "lanes": {name: _lane_json(lane) for name, lane in lanes.items()}}
            for partner, lanes in proof.partners.items()
        ],
        "tree": _b64(proof.tree),
        "map": _b64(proof.map),
    }
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _lane(lanes: dict[str, Any], name: str, where: str) -> LaneProof:
    value, place = FILE.get(lanes, name, dict, where), f"{where}.{name}"
    events = tuple(
        _event(entry, f"{place}.events[{at}]")
        for at, entry in enumerate(FILE.get(value, "events", list, place))
    )
    return LaneProof(FILE.binary(value, "proof", place, PROOF_BYTES), events)


def _event(value: object, where: str) -> EventProof:
    r, private = FILE.binary(value, "r", where, R_BYTES), FILE.text(value, "private", where)
    return EventProof(FILE.text(value, "leaf", where), Opening(FILE.index(value, "index", where), r, private))


def _lane_json(lane: LaneProof) -> dict[str, Any]:
    return {"proof": _b64(lane.proof), "events": [_event_json(event) for event in lane.events]}


def _event_json(event: EventProof) -> dict[str, Any]:
    opening = event.opening
    return {
        "index": opening.index,
        "leaf": event.leaf.decode(),
        "r": _b64(opening.r),
        "private": opening.private.decode(),
    }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
