import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate.a_platform import opened
from tests.reports.a_desk import Desk
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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A platform for each module: every test files in fortnights of its own, one after the other."""
    with opened(tmp_path_factory.mktemp("platform")) as world:
        yield Desk(world)
