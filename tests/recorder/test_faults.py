"""Each step of recording is made to fail in turn: nobody is told of a leaf that is not durable and public."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.recorder.a_log import Log, event, one
from vestibule.recorder.drafts import Effect
from vestibule.recorder.errors import LogRefusesToStart, LogUnavailable, Unrecordable
from vestibule.store import Blobs, FolderBlobs
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.merkle import leaf_hash
from vestibule.tlog.note import SigningKey


class FailingBlobs:
    """A folder whose disk fails when the test says so: before it writes, or after."""

    def __init__(self, folder: FolderBlobs) -> None:
        self._folder = folder
        self.fails_at: Callable[[str], bool] = lambda _: False
        self.persists = False

    def _maybe_fail(self, path: str, write: Callable[[], None]) -> None:
        if not self.fails_at(path):
            write()
            return
        if self.persists:
            write()
        raise OSError(28, "no space left on device")

    def put(self, path: str, data: bytes) -> None:
        self._maybe_fail(path, lambda: self._folder.put(path, data))

    def replace(self, path: str, data: bytes) -> None:
        self._maybe_fail(path, lambda: self._folder.replace(path, data))

    def get(self, path: str) -> bytes | None:
        return self._folder.get(path)


@pytest.mark.parametrize("persists", [False, True], ids=["failed", "failed-but-persisted"])
@pytest.mark.parametrize("where", ["tile/0/", "tile/entries/", "checkpoint"])
def test_a_failed_publication_releases_nothing_and_the_next_append_mends_it(
    log: Log, where: str, *, persists: bool
) -> None:
    blobs = FailingBlobs(log.files)
    log.blobs = blobs
    log.open()
    blobs.fails_at, blobs.persists = lambda path: path.startswith(where), persists

    for _ in range(2):
        with pytest.raises(LogUnavailable, match="the log's files cannot be written"):
            log.append(one())
    blobs.fails_at = lambda _: False
    [recorded] = log.append(one())

    # The first leaf was committed, and stands; the second append was refused before it was recorded.
    assert recorded.index == 2
    log.check(recorded)


@pytest.mark.parametrize("where", ["tile/0/", "tile/entries/", "checkpoint"])
def test_a_restart_publishes_what_was_committed_but_not_published(log: Log, where: str) -> None:
    blobs = FailingBlobs(log.files)
    log.blobs = blobs
    log.open()
    blobs.fails_at = lambda path: path.startswith(where)
    with pytest.raises(LogUnavailable):
        log.append(one())
    blobs.fails_at = lambda _: False
    log.reopen()

    [recorded] = log.append(one())

    assert recorded.index == 2
    log.check(recorded)


@pytest.mark.parametrize("stolen", ["size = size + 1", "fence = fence + 1"])
def test_a_log_that_another_process_took_over_is_not_written_any_more(
    log: Log, run: Any, stolen: str
) -> None:
    recorder = log.open()
    assert log.store is not None
    run(log.store.write(lambda tx: tx.run(f"update log_state set {stolen}")))

    with pytest.raises(LogUnavailable, match="the head is no longer at size 1 under fence 1"):
        log.append(one())
    with pytest.raises(LogUnavailable, match="the log has stopped"):
        log.append(one())

    assert recorder.stopped.is_set()
    assert run(log.store.read(lambda tx: tx.one("select count(*) from entry"))) == (1,)


def test_a_log_that_another_process_holds_is_not_opened(log: Log, run: Any) -> None:
    log.open()
    assert log.store is not None
    run(log.store.write(lambda tx: tx.run("update log_state set owner = 'another', lease_until = 1 << 62")))

    with pytest.raises(LogRefusesToStart, match="another process holds the lease"):
        log.reopen()


def test_a_published_checkpoint_is_never_replaced_by_a_smaller_one(log: Log) -> None:
    recorder = log.open()
    larger = sign_checkpoint(Checkpoint(log.keys.origin, 9, b"r" * 32), log.keys.signing).encode()
    log.files.replace("checkpoint", larger)

    with pytest.raises(LogUnavailable, match="expected the published checkpoint at size 2 at most, got 9"):
        log.append(one())

    assert log.files.get("checkpoint") == larger
    assert recorder.stopped.is_set()


def test_a_restored_backup_refuses_to_start_when_more_is_published(log: Log, run: Any) -> None:
    log.open()
    log.append(one())
    assert log.store is not None
    run(
        log.store.write(
            lambda tx: tx.run(
                "update log_state set size = 1, checkpoint = :note",
                note=sign_checkpoint(Checkpoint(log.keys.origin, 1, _first_root(log)), log.keys.signing),
            )
        )
    )
    run(log.store.write(lambda tx: tx.run("delete from entry where idx > 0")))

    with pytest.raises(LogRefusesToStart, match="was an old backup restored"):
        log.reopen()


def test_an_altered_entry_refuses_to_start(log: Log, run: Any) -> None:
    log.open()
    log.append(one())
    assert log.store is not None
    run(log.store.write(lambda tx: tx.run("update entry set leaf = :leaf where idx = 1", leaf=b"{}")))

    with pytest.raises(LogRefusesToStart, match="root"):
        log.reopen()


def test_another_log_key_refuses_to_start(log: Log) -> None:
    log.open()
    log.close()
    (log.folder / "keys" / "log.seed").write_bytes(b"x" * 32)

    with pytest.raises(LogRefusesToStart, match="stored head"):
        log.open()


def test_another_vrf_key_refuses_to_start(log: Log) -> None:
    log.open()
    log.close()
    (log.folder / "keys" / "vrf.seed").unlink()

    with pytest.raises(LogRefusesToStart, match="leaf 0 names another VRF key"):
        log.open()


def test_a_published_checkpoint_by_another_key_refuses_to_start(log: Log) -> None:
    log.open()
    log.close()
    stranger = SigningKey.from_seed(log.keys.origin, b"x" * 32)
    log.files.replace(
        "checkpoint", sign_checkpoint(Checkpoint(log.keys.origin, 1, b"r" * 32), stranger).encode()
    )

    with pytest.raises(LogRefusesToStart, match="published checkpoint"):
        log.open()


def _first_root(log: Log) -> bytes:
    data = log.files.get("tile/0/000.p/1")
    assert data is not None
    return data[:32]


def test_the_first_tile_is_the_genesis_leaf_hash(log: Log) -> None:
    log.open()
    entry = log.files.get("tile/entries/000.p/1")
    assert entry is not None

    assert _first_root(log) == leaf_hash(entry[2:])


def accepts_blobs(blobs: FailingBlobs) -> Blobs:
    """Show the type checker that the failing folder is a full Blobs."""
    return blobs


def test_a_retry_carries_nothing_out_before_its_leaf_is_public(log: Log) -> None:
    applied: list[int] = []

    async def handler(index: int, _: dict[str, Any]) -> None:
        applied.append(index)

    log.handlers["test"] = handler
    blobs = FailingBlobs(log.files)
    log.blobs = blobs
    log.open()
    append = one(event(effect=Effect("test", {})), event_id=b"0123456789abcdef")
    blobs.fails_at = lambda path: path == "checkpoint"
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            log.append(append)
    assert applied == []
    blobs.fails_at = lambda _: False

    [recorded] = log.append(append)

    assert (applied, recorded.index) == ([1], 1)
    log.check(recorded)


def test_an_append_that_makes_no_leaf_is_refused_alone(log: Log, run: Any) -> None:
    recorder = log.open()
    bad = one(event(), event(n=-1))

    async def together() -> list[Any]:
        appends = (one(), bad, one())
        return await asyncio.gather(*map(recorder.append, appends), return_exceptions=True)

    first, refused, last = run(together())

    assert isinstance(refused, Unrecordable)
    assert [b'"counter":0' in first[0].private, b'"counter":1' in last[0].private] == [True, True]
    log.check(log.append(one())[0])
