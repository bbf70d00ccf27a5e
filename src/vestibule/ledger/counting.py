"""Counts kept during a replay: totals, live connections, and what a partner's own counts must equal."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vestibule.ledger.event import Event

DIALOG: Final = "dialog"
"""The operation people do themselves in the platform's own dialog."""

COUNTS_ITEMS: Final[frozenset[str]] = frozenset({"access", "send", "delete"})
"""The event kinds whose items are added up."""

NEEDS_A_CONNECTION: Final[frozenset[str]] = frozenset({"access", "exposure", "send", "delete"})
"""The event kinds that need a live connection, unless the operation is the dialog."""

OWN_REQUESTS: Final[frozenset[str]] = frozenset({"access", "send", "delete", "refusal"})
"""The event kinds that answer a request of the partner's own, and that it can count itself."""


@dataclass(slots=True)
class PartnerCount:
    """One partner's events in order, compact, and its counts up to the size last reconciled."""

    # array is generic to the type checker only until Python 3.12: hence the quotes.

    indexes: "array[int]" = field(default_factory=lambda: array("Q"))
    _pairs: dict[str, int] = field(default_factory=dict)
    _which: "array[int]" = field(default_factory=lambda: array("L"))
    _items: "array[int]" = field(default_factory=lambda: array("Q"))
    reconciled: int = 0
    _done: int = 0
    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, index: int, event: Event) -> None:
        """Take in the partner's next event."""
        pair = f"{event.kind}/{event.op}"
        self.indexes.append(index)
        self._which.append(self._pairs.setdefault(pair, len(self._pairs)))
        self._items.append(event.n if event.kind in COUNTS_ITEMS else 0)

    def agrees(self, size: int, counts: Mapping[str, tuple[int, int]]) -> bool:
        """Compare a partner's counts with the log's over the first `size` leaves.

        `size` must be `reconciled` or more; every event is then looked at once, however many counts follow.
        Only the partner's own requests are compared; pairs it counted nothing of may be named or left out.
        """
        named = {pair: count for pair, count in counts.items() if count != (0, 0)}
        until = bisect_left(self.indexes, size)
        names = list(self._pairs)
        for position in range(self._done, until):
            pair = names[self._which[position]]
            events, items = self._counts.get(pair, (0, 0))
            self._counts[pair] = (events + 1, items + self._items[position])
        self._done = until
        self.reconciled = size
        return {pair: count for pair, count in self._counts.items() if is_own_request(pair)} == named


def is_own_request(pair: str) -> bool:
    """Say whether events of this `kind/op` pair answer requests that the partner made itself."""
    kind, _, op = pair.partition("/")
    return kind in OWN_REQUESTS and op != DIALOG


@dataclass(slots=True)
class LiveCount:
    """Grants minus ends of one partner and scope, and the leaves at which that changed.

    Attributes:
        steps: (index, live from that leaf on), ascending.
    """

    steps: list[tuple[int, int]] = field(default_factory=list)

    @property
    def now(self) -> int:
        """How many there are at the end."""
        return self.steps[-1][1] if self.steps else 0

    def grant(self, index: int) -> None:
        """Count one more connection."""
        self.steps.append((index, self.now + 1))

    def end(self, index: int) -> bool:
        """Count one connection less; False if there was none to end."""
        if self.now == 0:
            return False
        self.steps.append((index, self.now - 1))
        return True
