"""One person's lane with one partner, checked against the replayed log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import tags, vrf
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.leaf import Event
from vestibule.ledger.opening import Private
from vestibule.tlog.encoding import shown
from vestibule.verdict.errors import BadPersonFile

if TYPE_CHECKING:
    from vestibule.ledger.commitment import Opening
    from vestibule.ledger.leaf import Genesis, Leaf
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile


@dataclass(frozen=True, slots=True)
class Opened:
    """An event of the log together with its private half, each checked against the other."""

    index: int
    event: Event
    private: Private


@dataclass(frozen=True, slots=True)
class CheckedLane:
    """A lane of which every event in the log is known.

    Attributes:
        key: the lane key, unique for partner, lane and person.
        opened: the events the file opens, by counter.
        unopened: leaves of the log that bear the lane's next tags and that the file does not open.
    """

    key: bytes
    opened: tuple[Opened, ...]
    unopened: tuple[tuple[int, Event], ...]


def check_lane(view: LogView, person: PersonFile, partner: str, lane: str) -> CheckedLane:
    """Check a lane of a person file: proof, openings, counters, and which further tags of it are in the log.

    The tags tested go on to the number of the partner's leaves, so that a skipped counter shows.

    Raises:
        BadPersonFile: naming partner, lane and leaf, what was expected and what was got.
    """
    if person.origin != view.origin:
        raise BadPersonFile(f"person file, origin: expected {view.origin}, got {shown(person.origin)}")
    where = f"person file, partner {partner}, lane {lane}"
    held = person.partners[partner][lane]
    key = lane_key(view.genesis, tags.alpha(view.origin, partner, lane, person.subject), held.proof, where)
    opened = [_check_opening(view, key, opening, where) for opening in held.openings]
    opened.sort(key=lambda one: one.private.counter)
    for counter, one in enumerate(opened):
        check_place(one, partner, lane, counter, f"{where}, opening of leaf {one.index}")
    return CheckedLane(key, tuple(opened), _unopened(view, key, partner, len(opened), where))


def lane_key(genesis: Genesis, alpha: bytes, proof: bytes, place: str) -> bytes:
    """Take a lane's key from its VRF proof, which must hold under the key of leaf 0.

    Raises:
        BadPersonFile: if it does not.
    """
    try:
        return tags.lane_key(vrf.verify(genesis.vrf, alpha, proof))
    except LedgerError as error:
        raise BadPersonFile(f"{place}: the proof does not hold under the log's VRF key: {error}") from error


def _check_opening(view: LogView, key: bytes, opening: Opening, where: str) -> Opened:
    place = f"{where}, opening of leaf {opening.index}"
    if opening.index >= view.size:
        raise BadPersonFile(
            f"{place}: expected a leaf below the checkpoint's size {view.size}; an older log?"
        )
    return open_leaf(view.leaf(opening.index), opening, key, place)


def open_leaf(leaf: Leaf, opening: Opening, key: bytes, place: str) -> Opened:
    """Check that an opening is that of a leaf, and both of the lane of this key.

    Raises:
        BadPersonFile: naming the place, what was expected and what was got.
    """
    if not isinstance(leaf, Event):
        raise BadPersonFile(f"{place}: expected an event, got a {type(leaf).__name__} leaf")
    try:
        opening.opens(leaf)
        private = Private.parse(opening.private)
        private.agrees_with(leaf, key)
    except LedgerError as error:
        raise BadPersonFile(f"{place}: {error}") from error
    return Opened(opening.index, leaf, private)


def check_place(one: Opened, partner: str, lane: str, counter: int, place: str) -> None:
    """Check that an event is the lane's number `counter`, and of the lane's partner.

    Raises:
        BadPersonFile: naming the place, what was expected and what was got.
    """
    if one.event.partner != partner:
        raise BadPersonFile(f"{place}: expected an event of {partner}, got one of {one.event.partner}")
    if one.private.lane != lane:
        raise BadPersonFile(f"{place}: expected lane {lane}, got {one.private.lane}")
    if one.private.counter != counter:
        raise BadPersonFile(f"{place}: expected counter {counter}, got {one.private.counter}")


def _unopened(
    view: LogView, key: bytes, partner: str, first: int, where: str
) -> tuple[tuple[int, Event], ...]:
    found: list[tuple[int, Event]] = []
    for counter in range(first, view.events_of(partner) + 1):
        index = view.history.tags.get(tags.tag(key, counter))
        if index is None:
            continue
        expected = first + len(found)
        if counter != expected:
            raise BadPersonFile(
                f"{where}: tag {counter} is that of leaf {index}, but tag {expected} is in no leaf: "
                "the log skips a counter, which hides an event"
            )
        event = view.leaf(index)
        if not isinstance(event, Event) or event.partner != partner:
            raise BadPersonFile(
                f"{where}: tag {counter} stands at leaf {index}, which is none of {partner}'s"
            )
        found.append((index, event))
    return tuple(found)
