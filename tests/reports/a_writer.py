"""Stages numbered events and takes them into files, both without a pause, until it is killed.

Says each number once its event is durable: `python -m tests.reports.a_writer DATA EVENTS FIRST`.
"""

import asyncio
import itertools
import sys
from functools import partial
from pathlib import Path

from tests.reports.a_story import FORTNIGHT, NOON, WEB
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.reports import writing
from vestibule.reports.columns import as_parquet
from vestibule.reports.events import FolderEvents
from vestibule.sharing.engagement import Event, stage
from vestibule.store import Store, open_store

WRITERS = 8
NOW = FORTNIGHT.due * MICROSECONDS_A_DAY


async def main(data: Path, events: FolderEvents, first: int) -> None:
    """Work until killed."""
    as_parquet([])  # loads its library, or a short life would end before the first file
    store = await open_store(data)
    numbers = itertools.count(first)
    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(_tell(store, numbers))
        group.create_task(_take(store, events))


async def _tell(store: Store, numbers: "itertools.count[int]") -> None:
    for number in numbers:
        day = FORTNIGHT.first + number % 3
        event = Event("dialog", "marquee", day * MICROSECONDS_A_DAY + NOON, WEB, campaign=str(number))
        await store.write(partial(stage, event=event))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


async def _take(store: Store, events: FolderEvents) -> None:
    while True:
        await writing.flush(store, events, NOW)
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), FolderEvents(Path(sys.argv[2])), int(sys.argv[3])))
