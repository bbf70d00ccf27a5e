"""What time does, at the start and every hour, some at a time: forgetting, ending, suspending."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from vestibule.connections import ending, notices, suspending, tokens
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.oauth import rfc6749_authorize as requests
from vestibule.oauth import rfc6749_token as codes
from vestibule.partners import request_log
from vestibule.people import challenges, devices, sessions
from vestibule.sharing import clicks, dialogs, engagement, invitations, limits, made, recommended, registered
from vestibule.store import Store, StoreError
from vestibule.store.outbox import Outbox
from vestibule.webhooks import tries

EVERY_SECONDS = 3600

logger = logging.getLogger(__name__)

Forget = Callable[[Store, int], Awaitable[int]]
FORGETS: tuple[Forget, ...] = (
    dialogs.forget_expired,
    recommended.forget_expired,
    registered.forget_expired,
    clicks.forget_who,
    engagement.forget_salts,
    limits.forget_expired,
    invitations.forget_expired,
    made.forget_expired,
    requests.forget_expired,
    codes.forget_expired,
    tokens.forget_expired,
    notices.forget_old,
    challenges.forget_expired,
    sessions.forget_expired,
    devices.forget_expired,
    tries.forget_expired,
    request_log.forget_expired,
)


async def sweep(store: Store, now: int) -> None:
    """Forget everything that expired before `now`, in slices, so that other writes come in between."""
    for forget in FORGETS:
        while await forget(store, now):
            pass


async def end_and_suspend(store: Store, box: Outbox, now: int) -> None:
    """End the connections whose last day is over, and suspend those that were not used for long."""
    while await ending.expire(store, box, now // MICROSECONDS_A_DAY, now):
        pass
    while await suspending.suspend_unused(store, box, now):
        pass


async def run(store: Store, box: Outbox, clock: Callable[[], int]) -> None:
    """Sweep now and every hour, until cancelled."""
    while True:
        try:
            await sweep(store, clock())
            await end_and_suspend(store, box, clock())
        except StoreError:
            logger.exception("what is over could not be swept; the next hour tries again")
        await asyncio.sleep(EVERY_SECONDS)
