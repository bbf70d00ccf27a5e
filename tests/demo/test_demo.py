"""`python -m demo`, started as a newcomer starts it, but on free ports."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_ports
from tests.verdict.bundles import alone

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "demo"]
PATIENCE = 120
VERDICTS = {
    r"Was Marquee ever allowed to read private messages\?": (
        r"proven no +\(no privilege, 0 connections, to checkpoint \d+\)"
    ),
    r"Was Jukebox served private messages\?": (
        r"proven yes +\(1 read, 4 messages, signed by Jukebox; at most 1 connected person\)"
    ),
    r"Is any release to Jukebox recorded about Bob\?": (
        r"proven no +\(0 of Bob's 0 events; rests on an honest gate or an honest Jukebox\)"
    ),
    r"What did Jukebox do with them afterwards\?": "not provable",
}


def play(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@contextmanager
def running(*arguments: str, until: str = "Ctrl-C ends it") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the demo until it says so, at first that it stays up; gives what it said."""
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if until in line:
                    break
            yield process, "".join(said)
        finally:
            process.terminate()


def command_of(process: int) -> bytes:
    """Return a process's command line; empty if it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def running_in(folder: Path) -> list[int]:
    """Find processes that have this folder in their command line."""
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if os.fsencode(folder) in command_of(number)]


def test_the_story_is_played_beside_a_busy_port_and_again_on_the_same_folder_until_ctrl_c(
    tmp_path: Path,
) -> None:
    port = free_ports(3)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        first = play("--once", "--port", str(port), "--data", str(tmp_path))
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"Port {port} is busy: Vestibule takes a free one instead." in first.stdout
    for question, answer in VERDICTS.items():
        assert re.search(f"{question} +{answer}", first.stdout), first.stdout
    assert "without a network, and has a page that a judge can read" in first.stdout
    check_alone(tmp_path / "downloads/bundle.zip", tmp_path / "empty")
    assert running_in(tmp_path) == []

    with running("--port", str(port), "--data", str(tmp_path)) as (process, said):
        assert "signs in: the account exists from before" in said
        assert "2 reads, 8 messages, signed by Jukebox" in said
        assert "a door with a fanlight" in said
        assert "vestibule verify was-served" in said
        assert len(running_in(tmp_path)) == 6, "the demo, platform, two partners, witness and auditor"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert running_in(tmp_path) == []


def check_alone(bundle: Path, empty: Path) -> None:
    """Check a bundle where nothing else is."""
    empty.mkdir()
    bundle.rename(empty / "bundle.zip")
    done = alone(["verify", "bundle.zip"], empty)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_partner_whose_registered_port_is_busy_stops_the_demo_with_a_reason(tmp_path: Path) -> None:
    keys = tmp_path / "demo-keys"
    keys.mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (keys / "ports.json").write_text(f'{{"marquee": {port}, "jukebox": 0}}')
        played = play("--once", "--port", str(free_ports(3)), "--data", str(tmp_path))
    assert played.returncode == 1
    assert f"port {port} is busy" in played.stdout
    assert "Marquee is on this folder's register" in " ".join(played.stdout.split())


def test_a_program_that_ends_by_itself_ends_the_demo_and_is_named(tmp_path: Path) -> None:
    with running("--port", str(free_ports(3)), "--data", str(tmp_path)) as (process, _):
        jukebox = next(one for one in running_in(tmp_path) if b"demo.jukebox" in command_of(one))
        os.kill(jukebox, signal.SIGKILL)
        assert process.wait(PATIENCE) == 1
        assert process.stdout is not None
        assert "jukebox ended with -9" in process.stdout.read()
    assert running_in(tmp_path) == []


def test_children_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    port = str(free_ports(3))
    with running("--port", port, "--data", str(tmp_path), until="1. Two companies") as (process, _):
        children = set(running_in(tmp_path)) - {process.pid}
        assert len(children) == 5
        watched = [os.pidfd_open(child) for child in children]
        process.kill()
        for descriptor in watched:
            assert ended(descriptor)
    assert running_in(tmp_path) == []


def ended(descriptor: int) -> bool:
    """Wait for a process that is not our child."""
    ready, _, _ = select.select([descriptor], [], [], PATIENCE)
    os.close(descriptor)
    return bool(ready)
