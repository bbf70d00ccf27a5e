"""Forgetting what has expired: dialogs, codes and tokens, at the start and every hour, some at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from vestibule.connections import tokens
from vestibule.oauth import rfc6749_token as codes
from vestibule.people import challenges
from vestibule.sharing import dialogs
from vestibule.store import Store, StoreError

EVERY_SECONDS = 3600

logger = logging.getLogger(__name__)

Forget = Callable[[Store, int], Awaitable[int]]
FORGETS: tuple[Forget, ...] = (
    dialogs.forget_expired,
    codes.forget_expired,
    tokens.forget_expired,
    challenges.forget_expired,
)


async def sweep(store: Store, now: int) -> None:
    """Forget everything that expired before `now`, in slices, so that other writes come in between."""
    for forget in FORGETS:
        while await forget(store, now):
            pass


async def run(store: Store, clock: Callable[[], int]) -> None:
    """Sweep now and every hour, until cancelled."""
    while True:
        try:
            await sweep(store, clock())
        except StoreError:
            logger.exception("what has expired could not be forgotten; the next hour tries again")
        await asyncio.sleep(EVERY_SECONDS)
