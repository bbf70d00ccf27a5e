"""The write-ahead log stays short while commits keep coming."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.store.notes import note, open_notes, written
from vestibule.store import checkpoints

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def test_a_busy_writer_does_not_let_the_log_grow_for_ever(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "SLICE_PAGES", 100)
    monkeypatch.setattr(checkpoints, "RESTART_PAGES", 400)

    async def story() -> tuple[int, int]:
        store = await open_notes(tmp_path)
        longest = 0
        for seq in range(0, 2000, 20):
            await asyncio.gather(*[store.write(note(1, seq + more, "x" * 9000)) for more in range(20)])
            longest = max(longest, (tmp_path / "vestibule.db-wal").stat().st_size)
        kept = len(await written(store))
        await store.close()
        return longest, kept

    longest, kept = run(story())
    assert kept == 2000
    assert longest < 8_000_000  # of 25 MB written
