"""A platform's process, and how often it is taken away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.a_server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start a platform on a fresh folder; take it away after the test."""
    server = Server(tmp_path / "data")
    try:
        server.start()
        yield server
    finally:
        server.leave()
