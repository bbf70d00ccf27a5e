"""The person file: everything a person needs to find her own events in the public log. Pure parsing."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vestibule.ledger.commitment import Opening
from vestibule.ledger.tags import OWN, SHARED
from vestibule.verdict.errors import BadPersonFile
from vestibule.verdict.json_file import JsonFile

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "vestibule-person/v1"
SUBJECT_BYTES = 16
PROOF_BYTES = 80
R_BYTES = 32
LANES = (SHARED, OWN)
FILE = JsonFile("person file", FORMAT, BadPersonFile)


@dataclass(frozen=True, slots=True)
class LaneFile:
    """One lane as its person holds it: the VRF proof, and an opening for each event."""

    proof: bytes
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class PersonFile:
    """A person's own half of the log.

    Attributes:
        origin: the log it belongs to.
        subject: her 16 random bytes.
        partners: for each partner id, the two lanes `shared` and `own`.
    """

    origin: str
    subject: bytes
    partners: Mapping[str, Mapping[str, LaneFile]] = field(default_factory=dict)


def parse(data: bytes) -> PersonFile:
    """Read a person file as the Apps page gives it.

    Raises:
        BadPersonFile: naming the place in the file, what was expected and what was got.
    """
    value = FILE.decode(data)
    partners: dict[str, Mapping[str, LaneFile]] = {}
    for at, entry in enumerate(FILE.get(value, "partners", list, "")):
        where = f"partners[{at}]"
        partner = FILE.get(entry, "partner", str, where)
        if partner in partners:
            raise BadPersonFile(f"person file, {where}: partner {partner!r:.80} is there twice")
        partners[partner] = _lanes(FILE.get(entry, "lanes", dict, where), f"{where}.lanes")
    subject = FILE.hex(value, "subject", "", SUBJECT_BYTES)
    return PersonFile(FILE.get(value, "origin", str, ""), subject, partners)


def render(person: PersonFile) -> bytes:
    """Write a person file; `parse` reads it back."""
    partners = [
        {"partner": partner, "lanes": {name: _lane_json(lane) for name, lane in lanes.items()}}
        for partner, lanes in person.partners.items()
    ]
    value = {"format": FORMAT, "origin": person.origin, "subject": person.subject.hex(), "partners": partners}
    return json.dumps(value, indent=1).encode()


def _lane_json(lane: LaneFile) -> dict[str, Any]:
    openings = [
        {
            "index": opening.index,
            "r": base64.b64encode(opening.r).decode(),
            "private": opening.private.decode(),
        }
        for opening in lane.openings
    ]
    return {"proof": base64.b64encode(lane.proof).decode(), "openings": openings}


def _lanes(value: dict[str, Any], where: str) -> Mapping[str, LaneFile]:
    if set(value) != set(LANES):
        raise BadPersonFile(
            f"person file, {where}: expected the lanes own and shared, got {sorted(value)!r:.80}"
        )
    return {name: _lane(FILE.get(value, name, dict, where), f"{where}.{name}") for name in LANES}


def _lane(value: dict[str, Any], where: str) -> LaneFile:
    openings = tuple(
        _opening(entry, f"{where}.openings[{at}]")
        for at, entry in enumerate(FILE.get(value, "openings", list, where))
    )
    return LaneFile(FILE.binary(value, "proof", where, PROOF_BYTES), openings)


def _opening(value: object, where: str) -> Opening:
    index = FILE.index(value, "index", where)
    private = FILE.text(value, "private", where)
    return Opening(index, FILE.binary(value, "r", where, R_BYTES), private)
