"""When a webhook is tried again. Pure; times in microseconds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

AGAIN: Final = (
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""How long after each failed try the next follows (Standard Webhooks' own example); three days in all."""
FIRST_PAUSE: Final = 5 * SECOND
LONGEST_PAUSE: Final = 10 * MINUTE
LONGEST_ASKED: Final = 24 * HOUR
JITTER: Final = 0.2


def again_after(tries: int, chance: float) -> int | None:
    """Say how long after a failed try the next one follows; None after the last.

    Args:
        tries: how many there were, this one included.
        chance: 0 to 1, so that what failed together does not come back together.
    """
    if tries > len(AGAIN):
        return None
    return int(AGAIN[tries - 1] * (1 + JITTER * (2 * chance - 1)))


def pause_after(failures: int) -> int:
    """Say how long an endpoint is left alone after so many failures in a row, whatever else waits for it."""
    return min(FIRST_PAUSE << min(failures - 1, 20), LONGEST_PAUSE)


def retry_after(fields: Mapping[str, str], now: int) -> int:
    """Read how long an answer asks to wait (RFC 9110, section 10.2.3), at most a day; 0 if it does not.

    Args:
        fields: the answer's header fields, in lower case.
        now: microseconds since 1970.
    """
    text = fields.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * SECOND, LONGEST_ASKED)
    try:
        date = parsedate_to_datetime(text)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        since = date - datetime.fromtimestamp(now // SECOND, UTC)
    except (ValueError, OverflowError):
        return 0
    return max(0, min(int(since.total_seconds()) * SECOND, LONGEST_ASKED))
