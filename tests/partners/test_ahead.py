"""What a partner dated ahead of our clock is not taken again by the next process."""

import asyncio
from pathlib import Path

from vestibule.partners import ahead
from vestibule.partners.once import Once
from vestibule.store.sqlite import open_store


def test_the_next_process_knows_how_far_ahead_each_partner_was(tmp_path: Path) -> None:
    async def work() -> None:
        store = await open_store(tmp_path)
        once = Once(since=100)
        await ahead.note(store, once, "echo", dated=999, now=1_000)
        await ahead.note(store, once, "jukebox", dated=1_040, now=1_000)
        await ahead.note(store, once, "jukebox", dated=1_030, now=1_001)
        await store.close()

        again = await open_store(tmp_path)
        following = Once(1_002, await ahead.load(again))
        assert following.since("jukebox") == 1_040 + ahead.STEP_SECONDS + 1
        assert following.since("echo") == following.since("nobody") == 1_002
        await again.close()

    asyncio.run(work())


def test_a_clock_that_stays_ahead_is_written_down_now_and_then_only(tmp_path: Path) -> None:
    async def work() -> None:
        store, once = await open_store(tmp_path), Once(since=0)
        found = set()
        for now in range(1_000, 1_020):
            await ahead.note(store, once, "jukebox", dated=now + 30, now=now)
            found.add((await ahead.load(store))["jukebox"])
            assert once.ahead["jukebox"] >= now + 30
        assert len(found) == 2
        await store.close()

    asyncio.run(work())
