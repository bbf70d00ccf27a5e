import asyncio
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.reports.a_story import FORTNIGHT, NOON, WEB, Story
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.reports import writing
from vestibule.reports.columns import schema
from vestibule.reports.events import FolderEvents
from vestibule.sharing.engagement import Event, stage
from vestibule.store import Tx

FIRST = FORTNIGHT.first


def files(story: Story) -> list[str]:
    assert isinstance(story.events, FolderEvents)
    return story.events.of(FORTNIGHT.days)


def written(story: Story) -> Counter[tuple[int, str]]:
    rows = [row for path in files(story) for row in pq.read_table(path).to_pylist()]
    assert len({row["event"] for row in rows}) == len(rows)
    return Counter((row["day"], row["kind"]) for row in rows)


def test_staged_events_are_written_once_by_day(story: Story) -> None:
    story.tell("dialog")
    story.tell("send", person=bytes(range(16)))
    story.tell("click", FIRST + 1, counted=False)
    assert story.flush() == 3
    assert story.flush() == 0
    assert written(story) == {(FIRST, "dialog"): 1, (FIRST, "send"): 1, (FIRST + 1, "click"): 1}
    one, other = files(story)
    assert (Path(one).parent.name, Path(other).parent.name) == ("2025-12-29", "2025-12-30")
    assert pq.read_schema(one).equals(schema())
    assert {row["person"] for row in pq.read_table(one).to_pylist()} == {"", bytes(range(16)).hex()}


def test_more_events_than_a_batch_has_are_written_in_several(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RECOVER_GIVE", writing.RECOVER_GIVE.replace("limit 5000", "limit 2"))
    for _ in range(5):
        story.tell("dialog")
    assert story.flush() == 5
    assert written(story) == {(FIRST, "dialog"): 5}
    assert len(files(story)) == 3


class Full:
    """A disk that is full after some files."""

    def __init__(self, events: FolderEvents, room: int) -> None:
        self.events = events
        self.room = room

    def put(self, day: int, batch: int, data: bytes) -> None:
        if self.room == 0:
            raise OSError(28, "No space left on device")
        self.room -= 1
        self.events.put(day, batch, data)


@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_batch_that_was_not_written_to_its_end_is_written_again_and_counts_once(
    story: Story, room: int
) -> None:
    for day in (FIRST, FIRST + 1, FIRST + 2):
        story.tell("dialog", day)
    good = story.events
    assert isinstance(good, FolderEvents)
    story.events = Full(good, room)  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space left"):
        story.flush()
    story.tell("dialog", FIRST)
    story.events = good
    assert story.flush() == 4
    assert written(story) == {(FIRST, "dialog"): 2, (FIRST + 1, "dialog"): 1, (FIRST + 2, "dialog"): 1}


def test_a_crash_between_file_and_removal_counts_nothing_twice(story: Story) -> None:
    story.tell("dialog")
    batch = story.run(writing._batch(story.store, FIRST * MICROSECONDS_A_DAY))
    rows = story.run(story.store.read(lambda tx: tx.all(writing.ADMIN_ROWS, batch=batch)))
    writing._write(story.events, batch, rows)
    assert story.flush() == 1
    assert written(story) == {(FIRST, "dialog"): 1}


def test_an_event_goes_with_the_fact_or_not_at_all(story: Story) -> None:
    event = Event("click", "marquee", FIRST * MICROSECONDS_A_DAY + NOON, WEB)

    async def work(tx: Tx) -> None:
        await stage(tx, event)
        raise ValueError("the fact itself failed")

    with pytest.raises(ValueError, match="the fact itself failed"):
        story.run(story.store.write(work))
    assert story.flush() == 0


def test_a_full_disk_does_not_end_the_writing(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EVERY_SECONDS", 0)
    story.tell("dialog")
    good = story.events
    assert isinstance(good, FolderEvents)
    disk = Full(good, 0)

    async def until_written() -> None:
        running = asyncio.create_task(writing.run(story.store, disk, lambda: FIRST * MICROSECONDS_A_DAY))  # type: ignore[arg-type]
        while not good.of(FORTNIGHT.days):
            await asyncio.sleep(0)
            disk.room = 9
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    story.run(asyncio.wait_for(until_written(), 30))
    assert written(story) == {(FIRST, "dialog"): 1}


def test_an_unfinished_file_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "2025-12-29"
    folder.mkdir()
    (folder / ".tmp-1.parquet").write_bytes(b"")
    assert FolderEvents(tmp_path).of(FORTNIGHT.days) == []
