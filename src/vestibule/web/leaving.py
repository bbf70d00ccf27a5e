"""What is to be done for a deleted account, wherever a crash left it: at once, at the start and hourly."""

import asyncio
import logging
from collections.abc import Callable

from vestibule.connections import agreements, end_leaves, ending, records
from vestibule.inbox import attached
from vestibule.inbox import leaving as inbox_leaving
from vestibule.people import accounts, deleting
from vestibule.recorder import forgetting
from vestibule.sharing import limits, made, mutes, recommended
from vestibule.store import Store, StoreError
from vestibule.store.errors import OutboxError
from vestibule.store.outbox import Outbox

EVERY_SECONDS = 3600
AT_REST = 3_600_000_000
"""Microseconds after which no answer with words of hers can be under way any more."""

logger = logging.getLogger(__name__)


async def part(store: Store, outbox: Outbox, user_id: int, now: int) -> None:
    """Take a deleted person out of what others have: connections first, so that tokens fail at once."""
    await ending.end_all(store, outbox, user_id, now)
    await agreements.withhold_all(store, user_id, now)
    await deleting.part_from_all(store, outbox, user_id, now)
    await inbox_leaving.leave(store, user_id, deleting.NAME)
    for forget in (recommended.forget, mutes.forget, limits.forget, made.forget, attached.forget):
        await forget(store, user_id)


async def finish(store: Store, outbox: Outbox, log_id: str, now: int) -> int:
    """Finish every deletion that can be, and return how many subjects were destroyed.

    One that was left unfinished is parted from others again; its subject is destroyed once no end of hers
    waits for its leaf.
    """
    destroyed = 0
    for user_id in await deleting.unfinished(store, now):
        await part(store, outbox, user_id, now)
    for user_id in await deleting.unfinished(store, now - AT_REST):
        person = await accounts.by_id(store, user_id)
        if person is None or await end_leaves.any_left(store, user_id):
            continue
        await records.forget(store, user_id)
        await forgetting.forget(store, log_id, person.subject)
        await deleting.destroy(store, user_id, now)
        destroyed += 1
    return destroyed


async def run(store: Store, outbox: Outbox, log_id: str, clock: Callable[[], int]) -> None:
    """Finish deletions now and every hour, until cancelled."""
    while True:
        try:
            await finish(store, outbox, log_id, clock())
        except (StoreError, OutboxError):
            logger.exception("an account could not be deleted wholly; the next hour tries again")
        await asyncio.sleep(EVERY_SECONDS)
