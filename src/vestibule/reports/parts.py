"""What reports are made of: the store, the log, and what counts the platform's own table."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vestibule.ledger.engagement import Table
from vestibule.ledger.fortnight import Fortnight
from vestibule.recorder.keys import kept
from vestibule.recorder.recorder import Recorder
from vestibule.reports import recomputing, writing
from vestibule.reports.events import Events
from vestibule.store import Store

SINCE: Final = "reports.since"

Count = Callable[[str, Fortnight], Awaitable[Table]]
"""Takes a partner's id and gives its table of a fortnight that is over, as the platform counted it."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What filing and closing work with.

    Attributes:
        store: where editions are kept.
        recorder: the log.
        count: the platform's own table.
        origin: the platform's, which reports are made for.
        since: the UTC day from which on everything is counted; no fortnight that began earlier is compared.
    """

    store: Store
    recorder: Recorder
    count: Count
    origin: str
    since: int


def counting(store: Store, events: Events, clock: Callable[[], int]) -> Count:
    """Return what counts a table from the events, once all that are staged are among them."""

    async def count(partner_id: str, fortnight: Fortnight) -> Table:
        await writing.flush(store, events, clock())
        return await asyncio.to_thread(recomputing.table_of, events, partner_id, fortnight)

    return count


def counted_since(folder: Path, today: int | None) -> int:
    """Return the UTC day from which on everything is counted; the data folder keeps it from its first start.

    Args:
        folder: the data folder.
        today: a UTC day number, None if the folder is new: an older platform begins with the next fortnight.
    """
    day = 0 if today is None else Fortnight.of(today).over_on
    return int(kept(folder / SINCE, f"{day:08}".encode()))
