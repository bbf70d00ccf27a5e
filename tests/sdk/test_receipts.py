import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.both import client_of, closed
from tests.sdk.small_platform import SmallPlatform, person_id, token
from tests.verdict.log_builder import ALICE, NOW
from vestibule.sdk.errors import BadStore, StoreInUse
from vestibule.sdk.receipts import Receipts, texts_of
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


def opened(platform: SmallPlatform, folder: Path) -> Any:
    return client_of("waiting", platform.answer, platform.log.policy(), folder, float(NOW))


@pytest.fixture
def read_twice(platform: SmallPlatform, tmp_path: Path) -> Path:
    """A folder with the receipts of two answers."""
    client = opened(platform, tmp_path / "kept")
    client.messages(token(platform), "abc")
    client.messages(token(platform), "abc")
    closed(client)
    return tmp_path / "kept"


def test_receipts_and_counts_are_there_again_after_a_restart(
    platform: SmallPlatform, read_twice: Path
) -> None:
    with Receipts(read_twice) as kept:
        assert kept.counters.counts() == {"access/messages.read": (2, 6)}
        assert kept.counters.lanes[person_id(platform.log, ALICE)].seen == {3, 4}
        lines = kept.file.read_bytes().splitlines()
    trusted = trust(platform.log.policy())
    kinds = [type(open_receipt(text, trusted).leaf).__name__ for line in lines for text in texts_of(line)]
    assert kinds == ["Event"] * 4


def test_only_its_owner_can_read_what_is_kept(read_twice: Path) -> None:
    assert read_twice.stat().st_mode & 0o077 == 0
    assert (read_twice / "receipts.jsonl").stat().st_mode & 0o077 == 0


def test_a_counter_used_before_the_restart_is_refused_after_it(
    platform: SmallPlatform, read_twice: Path
) -> None:
    platform.book[ALICE] = {"counter": 4}
    client = opened(platform, read_twice)
    with pytest.raises(BadReceipt, match="counter 4 was used before"):
        client.messages(token(platform), "abc")
    closed(client)


@pytest.mark.parametrize("cut", [1, 100, 3000])
def test_half_a_line_of_a_crash_is_cut_off_and_the_next_one_stands(
    platform: SmallPlatform, read_twice: Path, cut: int
) -> None:
    file = read_twice / "receipts.jsonl"
    first, second = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + second[:-cut])
    client = opened(platform, read_twice)
    assert client.spoken.kept.counters.counts() == {"access/messages.read": (1, 3)}
    client.messages(token(platform), "abc")
    closed(client)
    with Receipts(read_twice) as kept:
        assert kept.counters.counts() == {"access/messages.read": (2, 6)}


def _holds(folder: Path, told: Connection) -> None:
    with Receipts(folder):
        told.send("open")
        told.recv()


def test_one_process_has_the_folder_at_a_time(read_twice: Path) -> None:
    """The lock is the kernel's: it ends with its process, however that ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=_holds, args=(read_twice, theirs))
    other.start()
    assert ours.recv() == "open"
    with pytest.raises(StoreInUse, match="give each process a folder of its own"):
        Receipts(read_twice)
    other.kill()
    other.join()
    ours.close()
    theirs.close()
    Receipts(read_twice).close()


def test_one_program_cannot_open_it_twice_either(read_twice: Path) -> None:
    with Receipts(read_twice), pytest.raises(StoreInUse):
        Receipts(read_twice)


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"receipts": [1]}\n', b'{"receipts": ["x"]}\n'])
def test_what_was_not_written_there_is_not_counted(read_twice: Path, line: bytes) -> None:
    with (read_twice / "receipts.jsonl").open("ab") as file:
        file.write(line)
    with pytest.raises(BadStore, match=r"receipts\.jsonl, line 3: expected"):
        Receipts(read_twice)


@contextmanager
def room_for(more: int, file: Path) -> Iterator[None]:
    """Let files grow no longer than this one and some bytes more: the next write stops halfway."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_written_down_is_not_handed_on(platform: SmallPlatform, tmp_path: Path) -> None:
    client = opened(platform, tmp_path / "kept")
    client.messages(token(platform), "abc")
    file = client.spoken.kept.file
    before = file.read_bytes()
    with room_for(100, file), pytest.raises(OSError, match="File too large"):
        client.messages(token(platform), "abc")
    assert file.read_bytes() == before
    assert client.spoken.kept.counters.counts() == {"access/messages.read": (1, 3)}
    client.messages(token(platform), "abc")
    closed(client)
    with Receipts(tmp_path / "kept") as kept:
        assert kept.counters.counts() == {"access/messages.read": (2, 6)}
