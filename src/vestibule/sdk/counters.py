"""What a partner counts itself, so that it can tell whether the log counts the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from vestibule.verdict.receipt import Release


@dataclass(slots=True)
class Counters:
    """One partner's own counts; keep `to_json()` and start from it again.

    Attributes:
        counts: `kind/op` to events and items, of the requests this partner made.
        seen: for each person, by this partner's id of her, the lane's counters of all receipts.
    """

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    seen: dict[str, set[int]] = field(default_factory=dict)

    def check_new(self, releases: tuple[Release, ...]) -> None:
        """Refuse a counter that was used before: two releases behind one leaf.

        Raises:
            BadReceipt: naming leaf and counter.
        """
        fresh: set[tuple[str, int]] = set()
        for release in releases:
            counter = release.private.counter
            if counter in self.seen.get(release.person, ()) or (release.person, counter) in fresh:
                raise BadReceipt(f"receipt of leaf {release.index}: counter {counter} was used before")
            fresh.add((release.person, counter))

    def add(self, releases: tuple[Release, ...]) -> None:
        """Count the receipts of one answer."""
        for release in releases:
            self.seen.setdefault(release.person, set()).add(release.private.counter)
            if release.event.kind != "exposure":
                name = f"{release.event.kind}/{release.event.op}"
                events, items = self.counts.get(name, (0, 0))
                self.counts[name] = events + 1, items + release.event.n

    def gaps(self, person: str) -> tuple[int, ...]:
        """List the counters below the highest seen that no receipt bore.

        Begin and end of a connection take a counter each without a receipt; anything else is a lost answer or
        an event this partner did not ask for.
        """
        seen = self.seen.get(person, set())
        return tuple(sorted(set(range(max(seen, default=-1) + 1)) - seen))

    def to_json(self) -> str:
        """Render for keeping."""
        return json.dumps(
            {"counts": self.counts, "seen": {who: sorted(which) for who, which in self.seen.items()}}
        )

    @classmethod
    def from_json(cls, text: str) -> Counters:
        """Read what `to_json` wrote."""
        value = json.loads(text)
        return cls(
            {name: (events, items) for name, (events, items) in value["counts"].items()},
            {who: set(which) for who, which in value["seen"].items()},
        )
