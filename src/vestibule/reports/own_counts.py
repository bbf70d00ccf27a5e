"""What the platform alone counts of a fortnight, from its events: kinds of recipients, mutes and reports."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import recomputing, writing
from vestibule.reports.events import Events
from vestibule.reports.showing import Own, Place
from vestibule.store import Store

CountOwn = Callable[[str, Fortnight], Awaitable[Own]]
"""Takes a partner's id and a fortnight that is over, and gives what the platform alone counted."""


def counting(store: Store, events: Events, clock: Callable[[], int]) -> CountOwn:
    """Return what counts from the events, once all that are staged are among them."""

    async def count(partner_id: str, fortnight: Fortnight) -> Own:
        await writing.flush(store, events, clock())
        return own_of(await asyncio.to_thread(recomputing.wide_table_of, events, partner_id, fortnight))

    return count


def own_of(rows: Iterable[Mapping[str, Any]]) -> Own:
    """Add up rows of `recomputing.wide_table_of`: recipients by place, kind and day; mutes and reports."""
    recipients: dict[tuple[Place, str], dict[int, int]] = {}
    mutes = reports = 0
    for row in rows:
        mutes += row["mutes"]
        reports += row["reports"]
        if row["sends"]:
            place = Place(row["interface"], row["surface"], row["variant"])
            cells = recipients.setdefault((place, row["recipient_kind"]), {})
            cells[row["day"]] = cells.get(row["day"], 0) + row["sends"]
    return Own(recipients, mutes, reports)
