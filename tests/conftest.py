"""What tests of several rooms share: one event loop per test, and a store in a folder of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from vestibule.store import Store, open_store

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run() -> Iterator[Run]:
    """Run coroutines one after the other on this test's event loop."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def store(run: Run, tmp_path: Path) -> Iterator[Store]:
    """Open a new store; close it after the test."""
    opened = run(open_store(tmp_path / "data"))
    yield opened
    run(opened.close())
