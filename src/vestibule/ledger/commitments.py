"""What an epoch leaf has to say about the leaves before it, kept up to date as the log grows.

Who writes epochs and who checks them put the same events through this. An epoch may cover fewer leaves than
there are before it, so that events wait here until an epoch takes them in.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.event import Event
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.totals import Daily, count, table_digest


@dataclass(slots=True)
class Commitments:
    """The map and the totals over the first `size` leaves, and the events that came after.

    Attributes:
        map: the tags of the events among the first `size` leaves.
        size: how many leaves are taken in.
    """

    map: PrefixMap = field(default_factory=PrefixMap)
    size: int = 0
    _waiting: deque[tuple[int, Event]] = field(default_factory=deque)
    _waiting_tags: dict[bytes, int] = field(default_factory=dict)
    # By day, so that an epoch costs what its days hold and not what the whole log does.
    _totals: dict[int, Daily] = field(default_factory=dict)
    # Ordered by the index: the day touched last is the last.
    _last_of_day: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count all tags, those that wait included."""
        return len(self.map) + len(self._waiting_tags)

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, bytes) and self.get(tag) is not None

    def get(self, tag: bytes) -> int | None:
        """Give the index of the first event that bears a tag, None if there is none."""
        found = self._waiting_tags.get(tag)
        return self.map.get(tag) if found is None else found

    def add(self, index: int, event: Event) -> int | None:
        """Take note of the next event; return the index of an earlier one with the same tag."""
        earlier = self.get(event.tag)
        if earlier is None:
            self._waiting_tags[event.tag] = index
        self._waiting.append((index, event))
        return earlier

    def take_in(self, size: int) -> None:
        """Move the events among the first `size` leaves into map and totals."""
        while self._waiting and self._waiting[0][0] < size:
            index, event = self._waiting.popleft()
            if self._waiting_tags.get(event.tag) == index:
                del self._waiting_tags[event.tag]
                self.map.insert(event.tag, index)
            count(self._totals.setdefault(event.day, {}), event)
            self._last_of_day.pop(event.day, None)
            self._last_of_day[event.day] = index
        self.size = size

    def leaf(self, previous_size: int, day: int) -> EpochLeaf:
        """Make the epoch leaf over what is taken in; the one before it covered `previous_size` leaves."""
        days = [day for day, _ in takewhile(lambda one: one[1] >= previous_size, self._newest_days())]
        rows = {row: total for day in days for row, total in self._totals[day].items()}
        return EpochLeaf(
            size=self.size,
            root=self.map.root(),
            count=len(self.map),
            table=table_digest(rows, days),
            day=day,
        )

    def daily_of_all(self) -> Daily:
        """Give the totals with the events that wait."""
        daily = {row: total for rows in self._totals.values() for row, total in rows.items()}
        for _, event in self._waiting:
            count(daily, event)
        return daily

    def _newest_days(self) -> Iterator[tuple[int, int]]:
        return reversed(self._last_of_day.items())
