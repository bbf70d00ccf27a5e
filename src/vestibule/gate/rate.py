"""A token bucket per partner. In memory; over it nothing is decided and nothing recorded."""

import math
from dataclasses import dataclass

from vestibule.gate.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Allowance:
    """How a partner stands, in whole requests and seconds.

    Attributes:
        quota: requests at once.
        window: until an empty bucket is full.
        remaining: requests at once from now on.
        reset: until all of the quota is there again; with nothing left, until there is one request.
    """

    quota: int
    window: int
    remaining: int
    reset: int


@dataclass(slots=True)
class _Bucket:
    level: float
    at: int


class Rates:
    """How fast each partner may ask.

    Args:
        per_second: requests a second in the long run.
        burst: requests at once.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, partner_id: str, now: int) -> None:
        """Count one request.

        Raises:
            TooManyRequests: saying when to try again.
        """
        bucket = self._filled(partner_id, now)
        if bucket.level < 1:
            raise TooManyRequests(retry_after=self._seconds(1 - bucket.level))
        bucket.level -= 1

    def allowance(self, partner_id: str, now: int) -> Allowance:
        """Say how a partner stands, without counting anything."""
        level = self._filled(partner_id, now).level
        missing = self._burst - level if level >= 1 else 1 - level
        return Allowance(
            quota=self._burst,
            window=self._seconds(self._burst),
            remaining=math.floor(level),
            reset=self._seconds(missing) if missing else 0,
        )

    def _filled(self, partner_id: str, now: int) -> _Bucket:
        bucket = self._buckets.setdefault(partner_id, _Bucket(self._burst, now))
        passed = max(0, now - bucket.at) / 1_000_000
        bucket.level = min(self._burst, bucket.level + passed * self._per_second)
        bucket.at = now
        return bucket

    def _seconds(self, requests: float) -> int:
        return max(1, round(requests / self._per_second))
