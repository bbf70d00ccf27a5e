"""What a partner counts itself, so that it can tell whether the log counts the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vestibule.ledger.tags import tag
from vestibule.verdict.errors import BadLog, BadReceipt

if TYPE_CHECKING:
    from collections.abc import Container

    from vestibule.verdict.receipt import Release


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
    """One partner's own counts; keep `to_json()` and start from it again.

    Attributes:
        counts: `kind/op` to events and items, of the requests this partner made.
        lanes: for each person, by this partner's id of her, her lane.
    """

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
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

    def add(self, releases: tuple[Release, ...]) -> None:
        """Count the receipts of one answer."""
        for release in releases:
            lane = self.lanes.setdefault(release.person, Lane(release.lane_key))
            lane.seen.add(release.private.counter)
            if release.event.kind != "exposure":
                name = f"{release.event.kind}/{release.event.op}"
                events, items = self.counts.get(name, (0, 0))
                self.counts[name] = events + 1, items + release.event.n

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

    def to_json(self) -> str:
        """Render for keeping; whoever has it can tell which leaves of the log are about one person."""
        lanes = {
            person: {"key": lane.key.hex(), "seen": sorted(lane.seen)} for person, lane in self.lanes.items()
        }
        return json.dumps({"counts": self.counts, "lanes": lanes})

    @classmethod
    def from_json(cls, text: str) -> Counters:
        """Read what `to_json` wrote."""
        value = json.loads(text)
        return cls(
            {name: (events, items) for name, (events, items) in value["counts"].items()},
            {
                person: Lane(bytes.fromhex(lane["key"]), set(lane["seen"]))
                for person, lane in value["lanes"].items()
            },
        )
