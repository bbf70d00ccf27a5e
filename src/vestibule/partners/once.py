"""What may be used once: nonces and `jti`s, remembered until the same would be refused for its age."""

import heapq
from collections.abc import Mapping


class Once:
    """The one memory of its process, so that it needs no table; what is older than the process is refused.

    Args:
        since: seconds since 1970; what was signed before is refused.
        before: by partner, up to which second an earlier process accepted what was dated ahead of its clock.

    Attributes:
        ahead: the same of this process (`partners.ahead`).
    """

    def __init__(self, since: int, before: Mapping[str, int] | None = None) -> None:
        self._since = since
        self._before = before or {}
        self.ahead: dict[str, int] = {}
        self._seen: set[tuple[str, ...]] = set()
        self._order: list[tuple[int, tuple[str, ...]]] = []

    def since(self, partner_id: str) -> int:
        """Return the first second, by the partner's clock, whose nonces this process knows all of."""
        return max(self._since, self._before.get(partner_id, -1) + 1)

    def use(self, *key: str, until: int, now: int) -> bool:
        """Use something up; False if it was used before.

        Args:
            key: what it is, of whom, and its value.
            until: the last second in which it would be acceptable for its age.
            now: seconds since 1970.
        """
        while self._order and self._order[0][0] < now:
            self._seen.discard(heapq.heappop(self._order)[1])
        if key in self._seen:
            return False
        self._seen.add(key)
        heapq.heappush(self._order, (until, key))
        return True
