import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.a_story import Story
from vestibule.reports.events import FolderEvents
from vestibule.store import open_store


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A store in which things can happen, and a folder of events."""
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path / "data"))
        try:
            yield Story(runner, store, FolderEvents(tmp_path / "events"))
        finally:
            runner.run(store.close())
