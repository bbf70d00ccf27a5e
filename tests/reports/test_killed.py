"""kill -9 while events are staged and taken into files: each that was durable is there afterwards, once."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.reports.a_story import FORTNIGHT
from tests.reports.a_writer import NOW
from vestibule.reports import writing
from vestibule.reports.events import FolderEvents
from vestibule.store import open_store

SEED = 20_261_128
MOST = 600
"""A life ends after at most so many events."""


def a_life(data: Path, events: Path, first: int, told: int) -> list[int]:
    """Let a process work until it has told of so many events, and kill it; returns those that it told of."""
    command = [sys.executable, "-m", "tests.reports.a_writer", str(data), str(events), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        numbers = [int(process.stdout.readline()) for _ in range(told)]
        process.kill()
        rest = process.stdout.read()
    # The last line may have been cut off by the death; what is not told in full need not be there.
    return numbers + [int(line) for line in rest.split("\n")[:-1]]


async def flush(data: Path, events: FolderEvents) -> None:
    store = await open_store(data)
    await writing.flush(store, events, NOW)
    await store.close()


def written(events: FolderEvents) -> Counter[int]:
    """Count how often each number is in the files."""
    paths = events.of(FORTNIGHT.days)
    return Counter(int(row) for path in paths for row in pq.read_table(path)["campaign"].to_pylist())


def survive(folder: Path, kills: int) -> None:
    dice = random.Random(SEED)  # noqa: S311  (a moment that can be repeated, no secret)
    told: set[int] = set()
    for life in range(kills):
        told |= set(a_life(folder / "data", folder / "events", life * 1_000_000, dice.randint(1, MOST)))
    events = FolderEvents(folder / "events")
    asyncio.run(flush(folder / "data", events))
    found = written(events)
    assert told <= found.keys()
    assert found.most_common(1)[0][1] == 1
    # A writer that was killed between its commit and its telling leaves one event more.
    assert len(found) <= len(told) + 8 * kills


def test_nothing_is_lost_and_nothing_counts_twice_when_the_process_is_killed(tmp_path: Path) -> None:
    survive(tmp_path, 3)


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_counts_twice_in_fifty_lives(tmp_path: Path) -> None:
    survive(tmp_path, 50)
