"""A token bucket per partner. In memory; over it nothing is decided and nothing recorded."""

from dataclasses import dataclass

from vestibule.gate.errors import TooManyRequests


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
        bucket = self._buckets.setdefault(partner_id, _Bucket(self._burst, now))
        passed = max(0, now - bucket.at) / 1_000_000
        bucket.level = min(self._burst, bucket.level + passed * self._per_second)
        bucket.at = now
        if bucket.level < 1:
            raise TooManyRequests(retry_after=max(1, round((1 - bucket.level) / self._per_second)))
        bucket.level -= 1
