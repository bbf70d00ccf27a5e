"""A real full disk of four megabytes: nothing is released, and it goes on once there is room."""

import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorder.a_log import Log, event, one
from vestibule.recorder.errors import LogUnavailable
from vestibule.store import FolderBlobs

ROOM = 4 << 20


@pytest.fixture
def small_disk(tmp_path: Path, log: Log) -> Iterator[Path]:
    """Mount a file system in memory; only root may."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a file system: {mounted.stderr.decode().strip()}")
    yield path
    log.close()
    subprocess.run(["umount", str(path)], check=True)


def fill(disk: Path) -> Path:
    """Leave not one byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left on device"):
        file.writelines(itertools.repeat(bytes(4096)))
    return ballast


def test_a_full_disk_under_the_published_files_releases_nothing(log: Log, small_disk: Path) -> None:
    log.blobs = FolderBlobs(small_disk)
    log.open()
    log.append(one())
    ballast = fill(small_disk)
    append = one(event_id=b"0123456789abcdef")
    for _ in range(2):
        with pytest.raises(LogUnavailable, match="No space left on device"):
            log.append(append)
    ballast.unlink()

    [recorded] = log.append(append)

    assert recorded.index == 2
    log.check(recorded)


def test_a_full_disk_under_the_database_records_nothing(log: Log, small_disk: Path) -> None:
    log.folder = small_disk
    log.blobs = FolderBlobs(small_disk.parent / "log")
    recorder = log.open()
    log.append(one())
    ballast = fill(small_disk)
    many = one(*(event(bytes([n]) * 16) for n in range(200)))
    for _ in range(2):
        with pytest.raises(LogUnavailable, match="full"):
            log.append(many)
    assert not recorder.stopped.is_set()
    ballast.unlink()

    recorded = log.append(many)

    assert sorted(leaf.index for leaf in recorded) == list(range(2, 202))
    log.check(recorded[0])
    log.reopen()
    log.check(log.append(one())[0])


def test_a_full_disk_under_the_second_head_releases_nothing(log: Log, small_disk: Path) -> None:
    log.second_head = small_disk / "head"
    log.open()
    log.append(one())
    ballast = fill(small_disk)
    with pytest.raises(LogUnavailable, match="No space left on device"):
        log.append(one())
    ballast.unlink()

    [recorded] = log.append(one())

    assert recorded.index == 3
    log.check(recorded)
