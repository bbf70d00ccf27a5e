"""The person file: everything a person needs to find her own events in the public log. Pure parsing."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vestibule.ledger.canonical import LIMIT
from vestibule.ledger.commitment import Opening
from vestibule.ledger.tags import OWN, SHARED
from vestibule.verdict.errors import BadPersonFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT = "vestibule-person/v1"
SUBJECT_BYTES = 16
PROOF_BYTES = 80
R_BYTES = 32
LANES = (SHARED, OWN)


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
    try:
        value = json.loads(data.decode(), object_pairs_hook=_no_duplicates)
    except UnicodeDecodeError as error:
        raise BadPersonFile(
            f"person file: expected UTF-8, got byte {data[error.start]:#04x} at {error.start}"
        ) from None
    except BadPersonFile:
        raise
    except (ValueError, RecursionError) as error:  # a number of 5000 digits is a plain ValueError
        raise BadPersonFile(f"person file: expected JSON, got {error}") from None
    if _get(value, "format", str, "") != FORMAT:
        raise BadPersonFile(f"person file: expected format {FORMAT}, got {value['format']!r:.80}")
    partners: dict[str, Mapping[str, LaneFile]] = {}
    for at, entry in enumerate(_get(value, "partners", list, "")):
        where = f"partners[{at}]"
        partner = _get(entry, "partner", str, where)
        if partner in partners:
            raise BadPersonFile(f"person file, {where}: partner {partner!r:.80} is there twice")
        partners[partner] = _lanes(_get(entry, "lanes", dict, where), f"{where}.lanes")
    return PersonFile(_get(value, "origin", str, ""), _subject(value), partners)


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
    return {name: _lane(_get(value, name, dict, where), f"{where}.{name}") for name in LANES}


def _lane(value: dict[str, Any], where: str) -> LaneFile:
    openings = tuple(
        _opening(entry, f"{where}.openings[{at}]")
        for at, entry in enumerate(_get(value, "openings", list, where))
    )
    return LaneFile(_bytes(value, "proof", PROOF_BYTES, where), openings)


def _opening(value: object, where: str) -> Opening:
    index = _get(value, "index", int, where)
    if not 0 <= index < LIMIT:
        raise BadPersonFile(f"person file, {where}.index: expected a leaf index, got {index!r:.40}")
    private = _get(value, "private", str, where)
    return Opening(index, _bytes(value, "r", R_BYTES, where), private.encode("utf-8", "surrogatepass"))


def _subject(value: object) -> bytes:
    text = _get(value, "subject", str, "")
    try:
        subject = bytes.fromhex(text)
    except ValueError:
        raise BadPersonFile("person file, subject: expected hex") from None
    if len(subject) != SUBJECT_BYTES:
        raise BadPersonFile(f"person file, subject: expected {SUBJECT_BYTES} bytes, got {len(subject)}")
    return subject


def _bytes(value: object, name: str, size: int, where: str) -> bytes:
    text = _get(value, name, str, where)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadPersonFile(f"person file, {where}.{name}: expected base64, got {text[:20]!r}") from None
    if len(data) != size:
        raise BadPersonFile(f"person file, {where}.{name}: expected {size} bytes, got {len(data)}")
    return data


def _get(value: object, name: str, kind: type, where: str) -> Any:
    place = f"{where}.{name}" if where else name
    if not isinstance(value, dict) or name not in value:
        raise BadPersonFile(f"person file, {place}: missing")
    found: Any = value[name]
    if type(found) is not kind:
        raise BadPersonFile(f"person file, {place}: expected {kind.__name__}, got {type(found).__name__}")
    return found


def _no_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadPersonFile(f"person file: the name {name!r:.80} is twice in one object")
        found[name] = value
    return found
