"""Access tokens in a dispute bundle: an opening holds the signed request as it was, and its token with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.ledger.errors import LedgerError
from vestibule.ledger.opening import Private
from vestibule.verdict import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

LIFETIME = 600
"""Seconds an access token works at most; the one of a request was handed out before the request was made."""
_MICROSECONDS = 1_000_000
_MINUTE = 60


def work_until(private_halves: Iterable[bytes]) -> int | None:
    """Say until when the newest access token in openings may work.

    Args:
        private_halves: as their commitments hold them; what is none, holds no request either.

    Returns:
        Seconds since 1970, rounded up; None if there is no token.
    """
    asked = [one.at for one in map(_parsed, private_halves) if one is not None and _has_token(one)]
    return -(-max(asked) // _MICROSECONDS) + LIFETIME if asked else None


def warning(until: int) -> str:
    """Say in the bundle, by no clock, until when its newest token may work; `until` is of `work_until`."""
    return f"Holds access tokens; the newest may work until {wording.time(until)}. Do not hand it on before."


def warning_now(until: int) -> str:
    """Say to whoever makes the bundle that it holds a token that may work still; minutes are rounded up."""
    minute = wording.time(-(-until // _MINUTE) * _MINUTE)
    hours = minute.partition(" ")[2].replace(":00 UTC", " UTC")
    return f"It holds an access token that may work until {hours}; do not hand it on before."


def _parsed(private: bytes) -> Private | None:
    try:
        return Private.parse(private)
    except LedgerError:
        return None


def _has_token(private: Private) -> bool:
    return private.request is not None and private.request.authorization is not None
