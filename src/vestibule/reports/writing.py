"""Takes staged events into files: each once, whatever crashes in between. Touches the table `engagement`.

Rows are given a batch, the batch's files are written, and only then are its rows removed. A batch never
changes once it is given, and its files have its name: whoever finishes one that an earlier process began
writes the same files again.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from vestibule.reports.columns import as_parquet
from vestibule.reports.events import Events
from vestibule.store import Store, Tx, ids

EVERY_SECONDS: Final = 60

COLUMNS = """
    day, event_id, partner_id, kind, interface, surface, variant, campaign, recipient_kind, counted, person
"""
ADMIN_GIVEN = "select min(batch) from engagement where batch > 0"
RECOVER_GIVE = """
    update engagement set batch = :batch where event_id in
    (select event_id from engagement where batch = 0 order by event_id limit 5000)
"""
ADMIN_ROWS = f"select {COLUMNS} from engagement where batch = :batch order by event_id"
RECOVER_WRITTEN = "delete from engagement where batch = :batch"

logger = logging.getLogger(__name__)


async def flush(store: Store, events: Events, now: int) -> int:
    """Write everything that is staged; returns how many events that were.

    Raises:
        OSError: if a file cannot be written; nothing is lost then, and the next call goes on.
    """
    written = 0
    while batch := await _batch(store, now):
        written += await _finish(store, events, batch)
    return written


async def _finish(store: Store, events: Events, batch: int) -> int:
    rows = await store.read(lambda tx: tx.all(ADMIN_ROWS, batch=batch))
    await asyncio.to_thread(_write, events, batch, rows)
    return await store.write(lambda tx: tx.run(RECOVER_WRITTEN, batch=batch))


async def _batch(store: Store, now: int) -> int:
    """Return a batch that is still to be written, 0 if nothing is."""
    new = ids.new_id(now)

    async def work(tx: Tx) -> int:
        row = await tx.one(ADMIN_GIVEN)
        if row is not None and row[0] is not None:
            return int(row[0])
        return new if await tx.run(RECOVER_GIVE, batch=new) else 0

    return await store.write(work)


def _write(events: Events, batch: int, rows: list[tuple[Any, ...]]) -> None:
    by_day: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for day, event_id, partner_id, kind, *words, counted, person in rows:
        interface, surface, variant, campaign, recipient_kind = words
        by_day[day].append(
            {
                "day": day,
                "event": event_id,
                "partner": partner_id,
                "kind": kind,
                "interface": interface,
                "surface": surface,
                "variant": variant,
                "campaign": campaign,
                "recipient_kind": recipient_kind,
                "counted": bool(counted),
                "person": person.hex(),
            }
        )
    for day, of_day in by_day.items():
        events.put(day, batch, as_parquet(of_day))


async def run(store: Store, events: Events, clock: Callable[[], int]) -> None:
    """Write what is staged now and every minute, until cancelled."""
    while True:
        try:
            await flush(store, events, clock())
        except Exception:  # whatever it was, nothing is lost: the next round writes them
            logger.exception("staged events could not be written; they stay staged")
        await asyncio.sleep(EVERY_SECONDS)
