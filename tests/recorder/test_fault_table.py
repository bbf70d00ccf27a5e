"""Every place where a write can fail, failed and failed-but-persisted, each with what comes of it.

An append meets the fault and is not released. Then the same append is made again while the place is broken;
or the place is mended and the same append succeeds at the same size; or another append comes first, and the
same append succeeds at a larger size. Whatever happens, the log starts again and every receipt holds.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.recorder.a_log import BOB, Log, Run, event, one
from tests.recorder.a_witness import AWitness
from tests.recorder.test_faults import FailingBlobs
from vestibule.ledger import leaf as leaves
from vestibule.recorder.drafts import Append, Recorded
from vestibule.recorder.errors import LogUnavailable
from vestibule.recorder.second_head import SecondHead
from vestibule.recorder.witnessing import Pace
from vestibule.store import Store, Tx, open_store
from vestibule.store.errors import StoreBroken, StoreError
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.note import Note
from vestibule.tlog.tiles import read_entries

T = TypeVar("T")
FIRST = one(event_id=b"first-first-firs")
OTHER = one(event(BOB), event_id=b"other-other-othe")
FAULT = OSError(5, "input/output error")


class FailingStore:
    """A store whose commits of leaves fail when the test says so: before they stand, or after."""

    def __init__(self, store: Store, error: StoreError) -> None:
        self._store = store
        self._error = error
        self.fails = False
        self.persists = False

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._store.read(work)

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        if not self.fails or "Sequencer._commit" not in work.__qualname__:
            return await self._store.write(work)
        if self.persists:
            await self._store.write(work)
        raise self._error

    async def write_batched(self, batch: Any, item: Any) -> Any:
        return await self._store.write_batched(batch, item)

    async def close(self) -> None:
        await self._store.close()


class FailingSecondHead(SecondHead):
    """A second head on a volume that fails when the test says so: before it is written, or after."""

    fails = False
    persists = False

    def advance(self, note: str) -> None:
        if not self.fails:
            super().advance(note)
            return
        if self.persists:
            super().advance(note)
        raise FAULT


@dataclass
class Place:
    """An open log's place that can be broken and mended."""

    breaks: Callable[[bool], None]
    mends: Callable[[], None]


Opens = Callable[[str], Place]


def _toggles(place: FailingStore | FailingSecondHead) -> Place:
    def breaks(persists: bool) -> None:  # noqa: FBT001  (the two kinds of every fault)
        place.fails, place.persists = True, persists

    def mends() -> None:
        place.fails = False

    return Place(breaks, mends)


def _a_commit(log: Log, run: Run) -> Place:
    store = FailingStore(run(open_store(log.folder)), StoreError("disk I/O error"))
    log.store = store
    log.open()
    return _toggles(store)


def _a_second_head(log: Log, path: Path) -> Place:
    head = FailingSecondHead(path, log.folder)
    log.second_head = head
    log.open()
    return _toggles(head)


def _a_file(log: Log, path: str) -> Place:
    blobs = FailingBlobs(log.files)
    log.blobs = blobs
    log.open()

    def breaks(persists: bool) -> None:  # noqa: FBT001  (the two kinds of every fault)
        blobs.fails_at, blobs.persists = lambda at: at.startswith(path), persists

    def mends() -> None:
        blobs.fails_at = lambda _: False

    return Place(breaks, mends)


def _a_witness(log: Log, witness: AWitness) -> Place:
    log.open()

    def breaks(persists: bool) -> None:  # noqa: FBT001  (the two kinds of every fault)
        witness.loses, witness.refuses = persists, not persists

    def mends() -> None:
        witness.loses = witness.refuses = False

    return Place(breaks, mends)


@pytest.fixture
def opens(log: Log, run: Run, tmp_path: Path) -> Iterator[Opens]:
    witness = AWitness("w", log.keys.signing.verifier)

    def start(where: str) -> Place:
        if where.startswith("witness") or where.endswith("witnessed"):
            run(witness.start())
            log.witnessed_by(f"{witness.line}quorum w\n", pace=Pace(every=0.01))
        match where:
            case "commit":
                return _a_commit(log, run)
            case "second head":
                return _a_second_head(log, tmp_path / "head")
            case "witness":
                return _a_witness(log, witness)
            case path:
                return _a_file(log, path)

    yield start
    log.close()
    run(witness.stop())


def stored(log: Log, run: Run) -> int:
    assert log.store is not None
    return int(run(log.store.read(lambda tx: tx.one("select size from log_state")))[0])


def insist(log: Log, append: Append) -> Recorded:
    """Append until the log can: witnesses are asked again at a pace, everything else is at once."""
    while True:
        try:
            return log.append(append)[0]
        except LogUnavailable as error:
            if "witnesses" not in str(error):
                raise


def everything_holds(log: Log, *recorded: Recorded) -> None:
    """Check receipts, and after a restart that their leaves are where they say and no tag is used twice."""
    for leaf in recorded:
        log.check(leaf)
    log.reopen()

    def fetch(path: str) -> bytes:
        found = log.files.get(path)
        assert found is not None, path
        return found

    entries = list(read_entries(fetch, Checkpoint.parse(Note.parse(fetch("checkpoint")).text)))
    assert [entries[leaf.index] for leaf in recorded] == [leaf.leaf for leaf in recorded]
    events = [leaf for leaf in map(leaves.parse, entries) if isinstance(leaf, leaves.Event)]
    assert len({event.tag for event in events}) == len(events)


@dataclass(frozen=True)
class Row:
    """What comes of a fault.

    Attributes:
        stands: whether the leaf was recorded all the same.
        again: whether the same append fails again while the place is broken. Where it does not, what
            persisted is enough: the leaf is durable and public.
    """

    where: str
    persists: bool
    stands: bool
    again: bool


TABLE = (
    Row("commit", persists=False, stands=False, again=True),
    Row("commit", persists=True, stands=True, again=False),
    Row("second head", persists=False, stands=True, again=True),
    Row("second head", persists=True, stands=True, again=True),
    Row("tile/0/", persists=False, stands=True, again=True),
    Row("tile/0/", persists=True, stands=True, again=True),
    Row("tile/entries/", persists=False, stands=True, again=True),
    Row("tile/entries/", persists=True, stands=True, again=True),
    Row("checkpoint", persists=False, stands=True, again=True),
    Row("checkpoint", persists=True, stands=True, again=False),
    Row("witness", persists=False, stands=True, again=True),
    Row("witness", persists=True, stands=True, again=True),
    Row("checkpoint.witnessed", persists=False, stands=True, again=True),
    Row("checkpoint.witnessed", persists=True, stands=True, again=True),
)
rows = pytest.mark.parametrize(
    "row", TABLE, ids=[f"{row.where}-{'failed-but-persisted' if row.persists else 'failed'}" for row in TABLE]
)


def meets_the_fault(log: Log, run: Run, place: Place, row: Row) -> int:
    """Break the place and append; return the size before."""
    before = stored(log, run)
    place.breaks(row.persists)
    with pytest.raises(LogUnavailable):
        log.append(FIRST)
    assert stored(log, run) == before + row.stands
    return before


@rows
def test_the_same_append_again_while_it_is_broken(log: Log, run: Run, opens: Opens, row: Row) -> None:
    place = opens(row.where)
    before = meets_the_fault(log, run, place, row)

    if row.again:
        with pytest.raises(LogUnavailable):
            log.append(FIRST)
    else:
        assert log.append(FIRST)[0].index == before

    assert stored(log, run) == before + row.stands
    place.mends()
    everything_holds(log, insist(log, FIRST))


@rows
def test_the_same_append_succeeds_at_the_same_size_once_it_is_mended(
    log: Log, run: Run, opens: Opens, row: Row
) -> None:
    place = opens(row.where)
    before = meets_the_fault(log, run, place, row)
    place.mends()

    first = insist(log, FIRST)

    assert (first.index, stored(log, run)) == (before, before + 1)
    everything_holds(log, first)


@rows
def test_the_same_append_succeeds_at_a_larger_size_once_it_is_mended(
    log: Log, run: Run, opens: Opens, row: Row
) -> None:
    place = opens(row.where)
    before = meets_the_fault(log, run, place, row)
    place.mends()

    other = insist(log, OTHER)
    first = insist(log, FIRST)

    assert (other.index, first.index) == ((before + 1, before) if row.stands else (before, before + 1))
    assert stored(log, run) == before + 2
    everything_holds(log, first, other)


def test_a_restart_in_place_of_mending_finds_what_stands(log: Log, opens: Opens) -> None:
    place = opens("commit")
    place.breaks(True)  # noqa: FBT003  (persisted)
    with pytest.raises(LogUnavailable):
        log.append(FIRST)
    log.reopen()

    assert log.append(FIRST)[0].index == 1


def test_a_store_in_an_unknown_state_stops_the_log(log: Log, run: Run) -> None:
    store = FailingStore(run(open_store(log.folder)), StoreBroken("a commit ended in an unknown state"))
    log.store = store
    recorder = log.open()
    store.fails = True

    with pytest.raises(LogUnavailable, match="unknown state"):
        log.append(one())

    assert recorder.stopped.is_set()
    assert recorder.why_stopped == "the log has stopped: a commit ended in an unknown state"
