"""What a witness remembers, whatever happens to it."""

import asyncio
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.witness.a_witness import LOG, NOW, ORIGIN, WITNESS, GrownLog, opened
from vestibule.tlog.note import Note
from vestibule.witness.decision import Refusal, Seen, known_logs
from vestibule.witness.errors import StateError
from vestibule.witness.state import NAME, State
from vestibule.witness.witness import Witness

DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.witness.a_witness import LOG, NOW, WITNESS, GrownLog
from vestibule.witness.decision import known_logs
from vestibule.witness.state import State
from vestibule.witness.witness import Witness

class Dying(State):
    def advance(self, after, checkpoint, now, note):
        advanced = super().advance(after, checkpoint, now, note)
        os.kill(os.getpid(), signal.SIGKILL)
        return advanced

state = Dying.open(Path(sys.argv[1]))
witness = Witness((WITNESS,), known_logs([LOG.verifier]), state, lambda: NOW)
asyncio.run(witness.add_checkpoint(GrownLog().grow(5).request(0).encode()))
"""
COSIGNS = """
import asyncio, sys
from pathlib import Path
from tests.witness.a_witness import LOG, NOW, WITNESS, GrownLog
from vestibule.witness.decision import known_logs
from vestibule.witness.state import State
from vestibule.witness.witness import Witness

state = State.open(Path(sys.argv[1]))
witness = Witness((WITNESS,), known_logs([LOG.verifier]), state, lambda: NOW)
size = state.seen(LOG.verifier.name).size
log = GrownLog().grow(size)
while True:
    asyncio.run(witness.add_checkpoint(log.grow(size + 1).request(size).encode()))
    size += 1
    print(size, flush=True)
"""


def ask(state: State, body: str, now: int = NOW) -> str | Refusal:
    """Ask a witness on this state, as the server does."""
    witness = Witness((WITNESS,), known_logs([LOG.verifier]), state, lambda: now)
    return asyncio.run(witness.add_checkpoint(body.encode()))


def test_what_comes_second_is_not_written(tmp_path: Path) -> None:
    first, second = GrownLog().grow(5), GrownLog("other").grow(5)
    with opened(tmp_path) as state:
        assert state.seen(ORIGIN) == Seen()
        assert state.advance(Seen(), first.checkpoint(), NOW, "first")
        assert not state.advance(Seen(), second.checkpoint(), NOW, "second")
        assert not state.advance(Seen(5, second.tree.root()), second.grow(6).checkpoint(), NOW, "second")
        assert (state.seen(ORIGIN), state.note(ORIGIN)) == (Seen(5, first.tree.root(), NOW), "first")
        assert state.seen("other.example/log") == Seen()


def test_one_folder_is_one_witness(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(StateError, match=r"witness\.db: in use by another process"):
        State.open(tmp_path)
    State.open(tmp_path).close()


def test_a_folder_or_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match=r"/file: File exists"):
        State.open(tmp_path / "file")
    (tmp_path / NAME).write_bytes(b"no database, for sixteen bytes and more" * 100)
    with pytest.raises(StateError, match=r"witness\.db: file is not a database"):
        State.open(tmp_path)


def test_a_full_disk_cosigns_nothing_and_forgets_nothing(tmp_path: Path) -> None:
    log = GrownLog().grow(5)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(tmp_path) as state:
        assert isinstance(ask(state, log.request(0)), str)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            with pytest.raises(StateError, match=r"witness\.db"):
                ask(state, log.grow(9).request(5))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert state.seen(ORIGIN).size == 5
        assert isinstance(ask(state, log.request(5)), str)


def test_a_clock_that_went_back_cosigns_nothing(tmp_path: Path) -> None:
    log = GrownLog().grow(5)
    with opened(tmp_path) as state:
        assert isinstance(ask(state, log.request(0)), str)
    with opened(tmp_path) as state:
        refused = ask(state, log.grow(9).request(5), NOW - 1)
        assert refused == Refusal(
            503, f"expected a time from {NOW}, that of the last cosignature, got {NOW - 1}"
        )
        assert state.seen(ORIGIN).size == 5
        assert isinstance(ask(state, log.request(5), NOW), str)


def test_killed_between_persisting_and_answering_it_signs_no_second_tree(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DIES, tmp_path], check=False, timeout=60)
    assert died.returncode == -9
    log = GrownLog().grow(5)
    with opened(tmp_path) as state:
        assert state.seen(ORIGIN) == Seen(5, log.tree.root(), NOW)
        assert ask(state, GrownLog("other").grow(5).request(0)) == Refusal(409, "5", stale=True)
        assert ask(state, GrownLog("other").grow(5).request(5)) == Refusal(
            422, "two different roots for size 5"
        )
        note = state.note(ORIGIN)
        assert note is not None
        assert Note.parse(note).verify_key(WITNESS.verifier) == (NOW,)


def test_killed_at_any_moment_it_remembers_what_it_answered(tmp_path: Path) -> None:
    answered = 0
    for more in (1, 3, 8, 20):
        command = [sys.executable, "-c", COSIGNS, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(more):
                answered = int(process.stdout.readline())
            process.kill()
            answered = max([answered, *(int(line) for line in process.stdout if line.endswith("\n"))])
        with opened(tmp_path) as state:
            seen = state.seen(ORIGIN)
            assert answered <= seen.size <= answered + 1
            assert seen.root == GrownLog().grow(seen.size).tree.root()
            fork = GrownLog("other").grow(seen.size).request(seen.size)
            assert ask(state, fork) == Refusal(422, f"two different roots for size {seen.size}")
