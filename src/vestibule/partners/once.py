"""What may be used once: nonces and `jti`s, remembered until the same would be refused for its age."""

import heapq


class Once:
    """The one memory of its process, so that it needs no table; what is older than the process is refused.

    Args:
        since: seconds since 1970; who uses it refuses whatever was signed before.
    """

    def __init__(self, since: int) -> None:
        self.since = since
        self._seen: set[tuple[str, ...]] = set()
        self._order: list[tuple[int, tuple[str, ...]]] = []

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
