"""The end of a log that a short proof does not cover: read in full, and searched for her next tags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.event import Event
from vestibule.ledger.leaf import parse
from vestibule.tlog import merkle
from vestibule.tlog.errors import TlogError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.tiles import node_reader, read_on
from vestibule.verdict.errors import BadHistoryProof, BadLog
from vestibule.verdict.log_view import read_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vestibule.tlog.tiles import Fetch
    from vestibule.verdict.lane import CheckedLane
    from vestibule.verdict.short_history import ShortHistory
    from vestibule.verdict.vouched import Vouched


@dataclass(frozen=True, slots=True)
class Tail:
    """The events behind a short proof's epoch, up to the log's newest checkpoint."""

    verified: Vouched
    events: Mapping[int, Event]


def read_tail(fetch: Fetch, short: ShortHistory) -> Tail:
    """Read the log from the epoch's size on, after checking that it is the log the proof is of.

    Raises:
        BadLog: naming the file or leaf, what was expected and what was got.
    """
    verified = read_checkpoint(fetch, short.trust)
    old, new = short.verified.checkpoint, verified.checkpoint
    if new.size < old.size:
        raise BadLog(f"checkpoint: expected size {old.size} or more, as in the proof, got {new.size}")
    try:
        read = node_reader(fetch, new)
        if (root := merkle.root(old.size, read)) != old.root:
            raise BadLog(f"log: expected root {old.root.hex()} at size {old.size}, got {root.hex()}")
        first = short.epoch.size
        entries = tuple(read_on(fetch, new, GrowingTree.from_edge(first, read)))
    except TlogError as error:
        raise BadLog(f"log: {error}") from error
    return Tail(verified, dict(_events(enumerate(entries, first))))


def _events(entries: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Event]]:
    for index, entry in entries:
        try:
            leaf = parse(entry)
        except LedgerError as error:
            raise BadLog(f"leaf {index}: {error}") from error
        if isinstance(leaf, Event):
            yield index, leaf


def with_tail(short: ShortHistory, tail: Tail) -> ShortHistory:
    """Add what the tail holds of her lanes beyond the events that the proof opens.

    Raises:
        BadHistoryProof: if the tail uses a tag twice or skips a counter.
    """
    by_tag: dict[bytes, int] = {}
    for index, event in tail.events.items():
        if (first := by_tag.setdefault(event.tag, index)) != index:
            raise BadHistoryProof(f"leaf {index}: expected a fresh tag, got the one of leaf {first}")
    lanes = {place: _extended(lane, tail, by_tag, *place) for place, lane in short.lanes.items()}
    # Both checkpoints hold the epoch, so that who audited either has replayed it.
    audited = tail.verified if tail.verified.auditors else short.audited
    return replace(short, verified=tail.verified, audited=audited, lanes=lanes)


def _extended(
    lane: CheckedLane, tail: Tail, by_tag: Mapping[bytes, int], partner: str, name: str
) -> CheckedLane:
    known = [one.index for one in lane.opened]
    found: list[tuple[int, Event]] = []
    for counter in range(len(known) + sum(event.partner == partner for event in tail.events.values()) + 1):
        index = by_tag.get(tags.tag(lane.key, counter))
        if index is None or index in known[counter : counter + 1]:
            continue
        expected, event = len(known) + len(found), tail.events[index]
        if counter != expected or event.partner != partner:
            raise BadHistoryProof(
                f"partner {partner}, lane {name}: tag {counter} is that of leaf {index} by {event.partner}, "
                f"expected tag {expected} and {partner}: the log hides an event behind a wrong tag"
            )
        found.append((index, event))
    return replace(lane, unopened=tuple(found))
