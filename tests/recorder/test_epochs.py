"""Epochs of a real log: when one is due, and that every replay agrees with it."""

import asyncio
from typing import Any

import pytest

from tests.recorder.a_log import ANA, BOB, DAY, Log, event, one
from vestibule.ledger.history import History
from vestibule.ledger.replay import replay
from vestibule.recorder import epochs
from vestibule.recorder.errors import LogUnavailable
from vestibule.tlog.checkpoint import open_checkpoint
from vestibule.tlog.tiles import read_entries


def published(log: Log) -> History:
    """Replay what is published."""

    def fetch(path: str) -> bytes:
        data = log.files.get(path)
        if data is None:
            raise FileNotFoundError(path)
        return data

    return replay(read_entries(fetch, open_checkpoint(fetch("checkpoint"), log.keys.signing.verifier)))


def write_if_due(log: Log) -> None:
    assert log.recorder is not None
    log.run(log.recorder._epochs.write_if_due())


def covered(log: Log) -> list[tuple[int, int]]:
    """List index and size of each epoch, after checking that no replay objects to one."""
    history = published(log)
    assert [breach.message for breach in history.breaches if "epoch" in breach.message] == []
    assert [breach.message for breach in history.breaches if "expected the" in breach.message] == []
    return [(epoch.index, epoch.leaf.size) for epoch in history.epochs]


def test_an_epoch_covers_what_was_written_since_the_last_one(log: Log) -> None:
    log.open()
    log.append(one(event(ANA), event(BOB)))
    write_if_due(log)
    log.append(one(event(ANA)))
    write_if_due(log)

    assert covered(log) == [(3, 3), (5, 5)]
    assert len(published(log).map) == 3


def test_no_second_epoch_is_written_on_a_day_on_which_nothing_else_was(log: Log) -> None:
    log.open()
    write_if_due(log)
    write_if_due(log)

    assert covered(log) == [(1, 1)]


def test_a_day_on_which_nothing_happened_has_an_epoch_that_closes_the_one_before(log: Log) -> None:
    log.open()
    log.append(one())
    write_if_due(log)
    log.now += DAY
    write_if_due(log)

    assert covered(log) == [(2, 2), (3, 3)]
    assert published(log).closed_by(20_000) == 3


def test_a_restarted_log_goes_on_from_the_epochs_it_has(log: Log) -> None:
    log.open()
    log.append(one())
    write_if_due(log)
    log.append(one(event(BOB)))
    log.now += DAY
    log.reopen()
    log.append(one())
    write_if_due(log)

    assert covered(log) == [(2, 2), (5, 5)]


def test_an_epoch_after_one_that_could_not_be_written_covers_more(log: Log) -> None:
    log.open()
    log.append(one())
    log.now -= DAY
    with pytest.raises(LogUnavailable):
        write_if_due(log)
    log.now += 2 * DAY
    log.append(one(event(BOB)))
    write_if_due(log)

    assert covered(log) == [(3, 3)]


def test_an_epoch_that_was_committed_but_not_published_counts(log: Log) -> None:
    log.open()
    log.append(one())
    tiles = log.folder / "log" / "tile" / "0" / "000.p"
    aside = tiles.rename(tiles.with_name("aside"))
    tiles.write_text("in the way")
    with pytest.raises(LogUnavailable):
        write_if_due(log)
    tiles.unlink()
    aside.rename(tiles)
    log.now += DAY
    log.append(one(event(BOB)))
    write_if_due(log)

    assert covered(log) == [(2, 2), (4, 4)]


def append_until_there_is_an_epoch(log: Log) -> None:
    for _ in range(2000):
        if covered(log):
            return
        log.append(one(event(BOB)))
    raise AssertionError("expected an epoch within 2000 appends, got none")


def test_an_epoch_comes_when_its_time_has(log: Log) -> None:
    log.epoch_seconds = 0.05
    log.open()
    append_until_there_is_an_epoch(log)


def test_many_leaves_bring_an_epoch_before_its_time(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "LEAVES", 20)
    log.open()
    log.append(one(*(event(ANA) for _ in range(18))))
    assert covered(log) == []
    append_until_there_is_an_epoch(log)
    assert covered(log)[0][1] >= 20


def test_epochs_written_while_events_pour_in_are_right(log: Log, run: Any) -> None:
    log.epoch_seconds = 0.01
    recorder = log.open()

    async def pour() -> None:
        await asyncio.gather(*(recorder.append(one(event(subject))) for subject in (ANA, BOB) * 40))

    for _ in range(10):
        run(pour())
    found = covered(log)
    assert len(found) > 1
    assert any(size < index for index, size in found)
    assert len(published(log).tags) == 800
