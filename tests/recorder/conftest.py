"""A log of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorder.a_log import Log, Run


@pytest.fixture
def log(run: Run, tmp_path: Path) -> Iterator[Log]:
    opened = Log(run, tmp_path)
    yield opened
    opened.close()
