"""Real faults: a full disk, a failing disk, a killed process, a second process, a folder without rights."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.store.notes import INSERT, note, open_notes, together, written
from vestibule.store import Store, Tx, open_store
from vestibule.store.errors import FolderUnusable, StoreError, StoreFull, StoreInUse

Run = Callable[[Coroutine[Any, Any, Any]], Any]
ROOT = Path(__file__).resolve().parents[2]
LARGE = "x" * 30_000


@pytest.fixture
def full(run: Run, tmp_path: Path) -> Iterator[Store]:
    """Open a store whose disk has room for about ten large notes."""
    store = run(open_notes(tmp_path / "data"))

    async def limit(tx: Tx) -> None:
        pages = await tx.one("pragma page_count")
        assert pages is not None
        await tx.all(f"pragma max_page_count = {pages[0] + 90}")

    run(store.write(limit))
    yield store
    run(store.close())


def outcomes_of(outcomes: list[object]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def test_a_full_disk_fails_only_those_that_do_not_fit(run: Run, full: Store) -> None:
    calls = [full.write(note(1, seq, LARGE if seq % 2 else "")) for seq in range(40)]
    outcomes = run(together(full, *calls))
    stored = [seq for seq, outcome in enumerate(outcomes) if outcome == 1]
    failed = [seq for seq, outcome in enumerate(outcomes) if isinstance(outcome, StoreFull)]
    assert len(stored) + len(failed) == 40
    assert failed
    assert len([seq for seq in stored if seq % 2]) >= 9
    assert run(written(full)) == [(1, seq) for seq in stored]


def test_a_full_disk_splits_a_batch(run: Run, full: Store) -> None:
    async def batch(tx: Tx, items: Sequence[int]) -> Sequence[int | Exception]:
        await tx.many(INSERT, [{"owner": 1, "seq": seq, "body": LARGE} for seq in items])
        return list(items)

    outcomes = run(together(full, *[full.write_batched(batch, seq) for seq in range(15)]))
    stored = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert set(outcomes_of(outcomes)) == {"int", "StoreFull"}
    assert len(stored) >= 9
    assert run(written(full)) == [(1, seq) for seq in stored]


def test_a_work_that_ignores_a_full_disk_leaves_nothing(run: Run, full: Store) -> None:
    async def stubborn(tx: Tx) -> str:
        await tx.run(INSERT, owner=2, seq=1, body="")
        try:
            await tx.run(INSERT, owner=2, seq=2, body=LARGE * 20)
        except StoreFull:
            return "fine"
        return "stored"

    async def going_on(tx: Tx) -> None:
        await stubborn(tx)
        await tx.run(INSERT, owner=2, seq=3, body="")

    outcomes = run(
        together(
            full, full.write(note(1, 1)), full.write(stubborn), full.write(going_on), full.write(note(1, 2))
        )
    )
    assert outcomes_of(outcomes) == ["int", "StoreError", "StoreError", "int"]
    assert run(written(full)) == [(1, 1), (1, 2)]


FAILING_DISK = """
import asyncio, resource, sys
from pathlib import Path
from tests.store.notes import note, open_notes, written
from vestibule.store.errors import StoreBroken

async def main(folder):
    store = await open_notes(folder)
    await store.write(note(1, 1))
    size = (folder / "vestibule.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5_000, resource.RLIM_INFINITY))
    calls = [store.write(note(1, seq, "x" * 9_000)) for seq in (2, 3)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        await store.write(note(1, 4))
    except StoreBroken as error:
        outcomes.append(error)
    print([type(outcome).__name__ for outcome in outcomes], outcomes[-1], await written(store))
    await store.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def python(program: str, folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_commit_of_unknown_outcome_stops_all_writing(run: Run, tmp_path: Path) -> None:
    with python(FAILING_DISK, tmp_path) as process:
        said = process.communicate(timeout=60)[0].decode()
    assert said.startswith("['StoreBroken', 'StoreBroken', 'StoreBroken'] a commit ended in an unknown state")
    assert said.endswith("[(1, 1)]\n")

    async def reopened() -> list[tuple[int, int]]:
        store = await open_store(tmp_path)
        await store.write(note(1, 9))
        found = await written(store)
        await store.close()
        return found

    assert run(reopened()) == [(1, 1), (1, 9)]


UNDER_LOAD = """
import asyncio, os, sys
from pathlib import Path
from tests.store.notes import note, open_notes

async def main(folder):
    store = await open_notes(folder)

    async def client(owner):
        for seq in range(1_000_000):
            await store.write(note(owner, seq, "x" * 200))
            os.write(1, f"{owner} {seq}\\n".encode())

    await asyncio.gather(*[client(owner) for owner in range(32)])

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("lines", [1, 500, 20_000])
def test_a_killed_store_keeps_every_acknowledged_write(run: Run, tmp_path: Path, lines: int) -> None:
    with python(UNDER_LOAD, tmp_path) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        told += process.stdout.read().splitlines(keepends=True)
    acknowledged = {tuple(map(int, line.split())) for line in told if line.endswith(b"\n")}

    async def reopened() -> list[tuple[int, int]]:
        store = await open_store(tmp_path)
        found = await written(store)
        await store.close()
        return found

    kept = run(reopened())
    assert len(acknowledged) >= lines
    assert acknowledged <= set(kept)
    last = dict(kept)
    assert len(kept) == sum(seq + 1 for seq in last.values())  # no gap before what was never acknowledged


OPENING = """
import asyncio, sys
from pathlib import Path
from vestibule.store import StoreError, open_store

try:
    asyncio.run(open_store(Path(sys.argv[1])))
except StoreError as error:
    print(type(error).__name__, error)
"""


def test_a_second_process_is_refused_and_told_who_has_it(store: Store, tmp_path: Path) -> None:
    assert store is not None
    with python(OPENING, tmp_path / "data") as process:
        said = process.communicate(timeout=60)[0].decode()
    assert said == f"StoreInUse {tmp_path / 'data'} is in use by process {os.getpid()}\n"


def test_a_second_store_of_the_same_process_is_refused(run: Run, store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreInUse, match=f"in use by process {os.getpid()}"):
        run(open_store(tmp_path / "data"))
    run(store.close())
    run(run(open_store(tmp_path / "data")).close())


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """Make a folder nobody may write to; root gives up its rights meanwhile, as no mode holds root back."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(user)


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match=r"cannot use the folder .*/file/data: Not a directory"):
        run(open_store(tmp_path / "file" / "data"))


def test_a_folder_without_rights_is_named(run: Run, forbidden: Path) -> None:
    with pytest.raises(FolderUnusable, match=r"cannot use the folder .*/data: Permission denied"):
        run(open_store(forbidden))


def test_a_database_file_that_is_none_is_named_and_the_folder_let_go(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vestibule.db").write_bytes(b"something else entirely" * 100)
    with pytest.raises(FolderUnusable, match=r"cannot use .*/vestibule\.db: file is not a database"):
        run(open_store(tmp_path))
    (tmp_path / "vestibule.db").unlink()
    run(run(open_store(tmp_path)).close())


def test_a_folder_in_place_of_the_database_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vestibule.db").mkdir()
    with pytest.raises(StoreError, match=r"cannot open .*/vestibule\.db: unable to open database file"):
        run(open_store(tmp_path))
