"""What a partner counts itself, from its receipts, so that it can tell whether the log counts the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vestibule.ledger.counting import COUNTS_ITEMS, is_own_request
from vestibule.ledger.tags import tag
from vestibule.verdict.errors import BadLog, BadReceipt

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from typing import TypeAlias

    from vestibule.ledger.event import Event
    from vestibule.ledger.opening import Private
    from vestibule.ledger.totals import Daily
    from vestibule.verdict.receipt import Release

    Counts: TypeAlias = dict[str, tuple[int, int]]
    """`kind/op` to events and items."""

    ByDay: TypeAlias = dict[tuple[int, str], tuple[int, int]]
    """UTC day, days since 1970, and `kind/op`, to events and items."""


@dataclass(slots=True)
class Lane:
    """One person's lane: its key, and the counters of all receipts about her."""

    key: bytes
    seen: set[int] = field(default_factory=set)

    def gaps(self) -> tuple[int, ...]:
        """List the counters below the highest seen that no receipt bore."""
        return tuple(sorted(set(range(max(self.seen, default=-1) + 1)) - self.seen))


@dataclass(slots=True)
class Counters:
    """One partner's own counts.

    Attributes:
        own: for each leaf that answers a request of this partner's own: day, `kind/op` and items.
        lanes: for each person, by this partner's id of her, her lane.
    """

    own: dict[int, tuple[int, str, int]] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def check_new(self, releases: tuple[Release, ...]) -> None:
        """Refuse a counter that was used before: two releases behind one leaf.

        Raises:
            BadReceipt: naming leaf and counter.
        """
        fresh: set[tuple[str, int]] = set()
        for release in releases:
            counter, lane = release.private.counter, self.lanes.get(release.person)
            if (lane is not None and counter in lane.seen) or (release.person, counter) in fresh:
                raise BadReceipt(f"receipt of leaf {release.index}: counter {counter} was used before")
            fresh.add((release.person, counter))

    def unseen(self, releases: tuple[Release, ...]) -> tuple[Release, ...]:
        """Leave out what was counted before, because the same leaf answered an earlier sending."""
        return tuple(
            release
            for release in releases
            if release.person not in self.lanes
            or release.private.counter not in self.lanes[release.person].seen
        )

    def add(self, index: int, event: Event, private: Private, lane_key: bytes) -> None:
        """Count one receipt; the same one again changes nothing."""
        self.lanes.setdefault(private.person, Lane(lane_key)).seen.add(private.counter)
        pair = f"{event.kind}/{event.op}"
        if is_own_request(pair):
            self.own[index] = event.day, pair, event.n if event.kind in COUNTS_ITEMS else 0

    def by_day(self, size: int | None = None) -> ByDay:
        """Add up what is in the log's first `size` leaves, in all of them if None."""
        found: ByDay = defaultdict(lambda: (0, 0))
        for index, (day, pair, items) in self.own.items():
            if size is None or index < size:
                events, before = found[day, pair]
                found[day, pair] = events + 1, before + items
        return dict(found)

    def counts(self, size: int | None = None) -> Counts:
        """Add up what is in the log's first `size` leaves, over all days."""
        return totals(self.by_day(size))

    def check_gaps(self, tags: Container[bytes]) -> None:
        """Check that every counter no receipt bore is in the log all the same.

        Begin and end of a connection take a counter each without a receipt, and so does a lost answer.

        Args:
            tags: the tags of the verified log.

        Raises:
            BadLog: naming person and counter; the person would stop counting there and miss what follows.
        """
        for person, lane in self.lanes.items():
            for counter in lane.gaps():
                if tag(lane.key, counter) not in tags:
                    raise BadLog(
                        f"person {person}: expected counter {counter} in a leaf, as {max(lane.seen)} is, "
                        "got none: the log skips a counter, which hides an event"
                    )


def totals(by_day: Mapping[tuple[int, str], tuple[int, int]]) -> Counts:
    """Add up over all days."""
    found: Counts = {}
    for (_, pair), (events, items) in by_day.items():
        before = found.get(pair, (0, 0))
        found[pair] = before[0] + events, before[1] + items
    return found


def of_log(daily: Daily, partner: str) -> ByDay:
    """Add up what a log says a partner asked for itself."""
    found: ByDay = {}
    for (day, who, kind, op, _), (events, items) in daily.items():
        pair = f"{kind}/{op}"
        if who == partner and is_own_request(pair):
            before = found.get((day, pair), (0, 0))
            found[day, pair] = before[0] + events, before[1] + items
    return found
