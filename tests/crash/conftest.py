"""A platform's process, and how often it is taken away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.a_server import Server
from tests.crash.a_witness import WitnessProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start a platform on a fresh folder; take it away after the test."""
    server = Server(tmp_path / "data")
    try:
        server.start()
        yield server
    finally:
        server.leave()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[WitnessProcess]:
    """Start a witness on a fresh folder; take it away after the test."""
    witness = WitnessProcess(tmp_path / "witness", tmp_path / "data")
    try:
        witness.start()
        yield witness
    finally:
        witness.kill()


@pytest.fixture
def witnessed_server(tmp_path: Path, witness: WitnessProcess) -> Iterator[Server]:
    """Start a platform whose releases wait for that witness, and whose epochs ask it again."""
    options = ("--witnesses", str(witness.policy()), "--witnessing", "synchronous", "--epoch-seconds", "1")
    server = Server(tmp_path / "data", options=options)
    try:
        server.start()
        yield server
    finally:
        server.leave()
