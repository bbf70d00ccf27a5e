"""Releases wait for witnesses, or are overtaken by them; and what happens while those do not answer."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.recorder.a_log import ANA, BOB, ORIGIN, Log, Run, event, one
from tests.recorder.a_witness import AWitness
from vestibule.recorder.drafts import Append, Effect, Recorded
from vestibule.recorder.errors import LogUnavailable
from vestibule.recorder.recorder import Recorder
from vestibule.recorder.witnessing import Mode, Pace
from vestibule.store import FolderBlobs
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.errors import PolicyError
from vestibule.tlog.note import Note
from vestibule.tlog.policy import Policy

KEY = b"0123456789abcdef"
FAST = Pace(every=0.01, patience=30.0)
SLOW = Pace(every=3600.0, patience=30.0)
GENESIS = f"{ORIGIN}\n1\n{'A' * 43}=\n\n\N{EM DASH} nobody AAAAAAAA\n"
Witnessed = Callable[..., list[AWitness]]


@pytest.fixture
def witnessed(log: Log, run: Run) -> Iterator[Witnessed]:
    """Start witnesses and open the log with them; two of three are the quorum."""
    started: list[AWitness] = []

    def start(mode: Mode = "synchronous", pace: Pace = SLOW) -> list[AWitness]:
        for name in ("a", "b", "c"):
            started.append(AWitness(name, log.keys.signing.verifier))
            run(started[-1].start())
        lines = "".join(witness.line for witness in started)
        log.witnessed_by(f"{lines}group two 2 a b c\nquorum two\n", mode, pace)
        log.open()
        return started

    yield start
    log.close()
    for witness in started:
        run(witness.stop())


def recorder_of(log: Log) -> Recorder:
    assert log.recorder is not None
    return log.recorder


def size_of(note: str) -> int:
    return Checkpoint.parse(Note.parse(note).text).size


def stored(log: Log, run: Run) -> int:
    assert log.store is not None
    row = run(log.store.read(lambda tx: tx.one("select size from log_state")))
    return int(row[0])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  (the log has no event for it, and one turn is all it takes)
            await asyncio.sleep(0)


def test_a_synchronous_receipt_satisfies_the_quorum_policy(log: Log, witnessed: Witnessed) -> None:
    witnessed()

    [recorded] = log.append(one())

    log.check(recorded)
    assert len(Note.parse(recorded.note).signatures) >= 3


def test_a_receipt_without_cosignatures_would_not_pass_that_check(log: Log, witnessed: Witnessed) -> None:
    witnessed()
    [recorded] = log.append(one())
    bare = Note.parse(recorded.note)

    with pytest.raises(PolicyError, match="expected quorum two"):
        Policy.parse(recorder_of(log).policy()).verify(Note(bare.text, bare.signatures[:1]).render())


def test_nothing_is_released_and_nothing_carried_out_before_the_quorum(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    applied: list[int] = []

    async def handler(index: int, _: dict[str, Any]) -> None:
        applied.append(index)

    log.handlers["test"] = handler
    witnesses = witnessed()
    log.append(one())

    async def held() -> tuple[Recorded, ...]:
        gate = asyncio.Event()
        for witness in witnesses:
            witness.gate = gate
        task = asyncio.create_task(recorder_of(log).append(one(event(effect=Effect("test", {})))))
        await until(lambda: witnesses[0].asked[-1][1] == 3)
        assert size_of(await recorder_of(log).note()) == 3  # published meanwhile
        assert (task.done(), applied) == (False, [])
        gate.set()
        return await task

    [recorded] = run(held())

    assert applied == [recorded.index]
    log.check(recorded)


def test_appending_goes_on_meanwhile_and_a_larger_quorum_releases_all_smaller_ones(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    witnesses = witnessed()
    log.append(one())

    async def many() -> list[tuple[Recorded, ...]]:
        gate, rounds = asyncio.Event(), recorder_of(log)._witnesses
        for witness in witnesses:
            witness.gate = gate

        def about_to_ask(size: int) -> bool:
            return size_of(rounds._newest) == size

        tasks = []
        for subject in (ANA, BOB, ANA):
            size = size_of(rounds._newest) + 1
            tasks.append(asyncio.create_task(recorder_of(log).append(one(event(subject)))))
            # The file says so a little earlier than the next round, which is what this is about.
            await until(partial(about_to_ask, size))
        gate.set()
        return await asyncio.gather(*tasks)

    [first], [second], [third] = run(many())

    assert [leaf.index for leaf in (first, second, third)] == [2, 3, 4]
    assert (size_of(first.note), size_of(second.note), size_of(third.note)) == (3, 5, 5)
    for recorded in (first, second, third):
        log.check(recorded)


def test_one_dead_and_one_silent_witness_of_four_hold_nobody_up(log: Log, run: Run) -> None:
    names = ("a", "b", "dead", "silent")
    witnesses = {name: AWitness(name, log.keys.signing.verifier) for name in names}
    for witness in witnesses.values():
        run(witness.start())
    run(witnesses["dead"].stop())
    lines = "".join(witness.line for witness in witnesses.values())
    log.witnessed_by(f"{lines}group two 2 a b dead silent\nquorum two\n", pace=Pace(patience=1.0))

    async def gated() -> asyncio.Event:
        return asyncio.Event()

    log.open()
    witnesses["silent"].gate = run(gated())
    for _ in range(3):
        log.check(log.append(one())[0])  # without patience for the silent one, the fixture would time out

    log.close()
    for witness in witnesses.values():
        run(witness.stop())


def test_the_cosignature_of_a_slow_witness_is_added_when_it_comes(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    *_, slow = witnessed()

    async def late() -> None:
        slow.gate = asyncio.Event()
        await recorder_of(log).append(one())
        assert len(Note.parse(str(recorder_of(log).witnessed())).signatures) == 3
        slow.gate.set()
        await until(lambda: len(Note.parse(str(recorder_of(log).witnessed())).signatures) == 4)
        await until(lambda: (log.files.get("checkpoint.witnessed") or b"").count(b"\xe2\x80\x94") == 4)

    run(late())


class SlowBlobs(FolderBlobs):
    """A folder that takes its time over a witnessed checkpoint with three cosignatures."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def replace(self, path: str, data: bytes) -> None:
        if path == "checkpoint.witnessed" and data.decode().count("\N{EM DASH}") == 4:
            self.begun.set()
            assert self.may_end.wait(60)
        super().replace(path, data)


def test_a_leaf_that_comes_while_a_late_cosignature_is_written_is_not_forgotten(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    log.blobs = blobs = SlowBlobs(log.folder / "log")
    *_, slow = witnessed()

    async def meanwhile() -> tuple[Recorded, ...]:
        slow.gate = asyncio.Event()
        await recorder_of(log).append(one())
        slow.gate.set()
        await until(blobs.begun.is_set)
        task = asyncio.create_task(recorder_of(log).append(one()))
        while size_of(await recorder_of(log).note()) < 3:
            pass
        blobs.may_end.set()
        async with asyncio.timeout(60):
            return await task

    [recorded] = run(meanwhile())

    log.check(recorded)


def test_after_a_failed_round_nothing_is_appended_until_a_probe_succeeds(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    witnesses = witnessed()
    log.append(one())
    for witness in witnesses[1:]:
        witness.refuses = True
    with pytest.raises(LogUnavailable, match="expected quorum two; b: expected 200, got 503"):
        log.append(one())
    before = stored(log, run)
    with pytest.raises(LogUnavailable, match="the log waits for its witnesses"):
        log.append(one())
    assert stored(log, run) == before == 3
    witnesses[1].refuses = False

    probe = log.append(Append((event(),), probes=True))

    log.check(probe[0])
    assert stored(log, run) == 4
    log.check(log.append(one())[0])


@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_the_operator_is_told_once_that_witnesses_answer_again(
    log: Log, run: Run, witnessed: Witnessed, caplog: pytest.LogCaptureFixture, mode: Mode
) -> None:
    witnesses = witnessed(mode, FAST)
    log.append(one())
    run(until(lambda: recorder_of(log).witnessed() is not None))
    assert "answer again" not in caplog.text
    for witness in witnesses:
        witness.refuses = True
    with suppress(LogUnavailable):
        log.append(one())
    run(until(lambda: caplog.text.count("the log waits for its witnesses") >= 2))
    for witness in witnesses:
        witness.refuses = False

    run(until(lambda: "answer again" in caplog.text))

    log.append(one())
    run(until(lambda: size_of(recorder_of(log).witnessed() or GENESIS) == 4))
    assert "the witnesses answer again: quorum two at size 3" in caplog.text
    assert caplog.text.count("answer again") == 1


def test_a_probe_that_fails_leaves_the_log_closed(log: Log, run: Run, witnessed: Witnessed) -> None:
    witnesses = witnessed()
    for witness in witnesses:
        witness.refuses = True
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            log.append(Append((event(),), probes=True))

    with pytest.raises(LogUnavailable, match="the log waits for its witnesses"):
        log.append(one())

    assert stored(log, run) == 3


def test_those_who_waited_in_a_failed_round_get_the_same_leaf_when_they_retry(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    applied: list[int] = []

    async def handler(index: int, _: dict[str, Any]) -> None:
        applied.append(index)

    log.handlers["test"] = handler
    witnesses = witnessed()
    log.append(one())
    for witness in witnesses:
        witness.refuses = True
    append = one(event(effect=Effect("test", {})), event_id=KEY)
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            log.append(append)
    assert (stored(log, run), applied) == (3, [])
    for witness in witnesses:
        witness.refuses = False
    log.append(Append((event(BOB),), probes=True))

    [recorded] = log.append(append)

    assert (recorded.index, set(applied), stored(log, run)) == (2, {2}, 4)
    log.check(recorded)


def test_effects_of_a_failed_round_are_carried_out_once_witnesses_are_back_without_any_retry(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    applied: list[int] = []

    async def handler(index: int, _: dict[str, Any]) -> None:
        applied.append(index)

    log.handlers["test"] = handler
    witnesses = witnessed(pace=FAST)
    log.append(one())
    for witness in witnesses:
        witness.refuses = True
    with pytest.raises(LogUnavailable):
        log.append(one(event(effect=Effect("test", {}))))
    log.reopen()
    assert applied == []
    for witness in witnesses:
        witness.refuses = False

    run(until(lambda: applied == [2]))


def test_a_witness_that_persists_and_does_not_answer_is_asked_again_from_where_it_is(
    log: Log, witnessed: Witnessed
) -> None:
    a, b, c = witnessed()
    log.append(one())
    c.refuses = b.loses = True
    with pytest.raises(LogUnavailable):
        log.append(one())
    assert (b.size, a.size) == (3, 3)
    b.loses = False

    log.check(log.append(Append((event(),), probes=True))[0])

    assert b.asked[-2:] == [(2, 4), (3, 4)]


def test_a_cosignature_that_does_not_verify_counts_as_none(log: Log, witnessed: Witnessed) -> None:
    a, b, _ = witnesses = witnessed()
    log.append(one())
    for witness in witnesses[1:]:
        witness.spoils = lambda reply: (reply[0], reply[1].replace("A", "B").replace("a", "b"))

    with pytest.raises(LogUnavailable, match="b: "):
        log.append(one())

    assert a.size == b.size == 3


def test_another_witness_s_cosignature_does_not_count_twice(log: Log, witnessed: Witnessed) -> None:
    a, b, c = witnessed()
    log.append(one())
    c.refuses = True
    b.spoils = lambda _: (200, Note.parse(a.note).signatures[-1].render())

    with pytest.raises(LogUnavailable, match=r"b: expected a cosignature by b\.example/w, got none"):
        log.append(one())


def test_a_refused_start_of_a_round_does_not_lose_the_witnessed_checkpoint(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    witnesses = witnessed()
    log.append(one())
    witnessed_before = recorder_of(log).witnessed()
    for witness in witnesses:
        witness.refuses = True
    with pytest.raises(LogUnavailable):
        log.append(one())

    assert recorder_of(log).witnessed() == witnessed_before
    assert log.files.get("checkpoint.witnessed") == str(witnessed_before).encode()
    assert size_of(run(recorder_of(log).note())) == 3


def test_asynchronous_releases_do_not_wait_and_receipts_are_upgraded(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    witnesses = witnessed("asynchronous", FAST)
    gate = asyncio.Event()
    for witness in witnesses:
        witness.gate = gate
    [recorded] = log.append(one())
    assert len(Note.parse(recorded.note).signatures) == 1

    async def collected() -> str:
        gate.set()
        await until(lambda: size_of(recorder_of(log).witnessed() or GENESIS) == 2)
        return str(await recorder_of(log).receipt(recorded.index, ANA))

    receipt = run(collected())

    assert receipt.count("\N{EM DASH}") >= 3
    assert size_of(run(recorder_of(log).note())) == 2
    assert run(recorder_of(log).note()).count("\N{EM DASH}") >= 3


def test_asynchronous_witnesses_that_fail_close_nothing(log: Log, witnessed: Witnessed) -> None:
    for witness in witnessed("asynchronous", FAST):
        witness.refuses = True

    for _ in range(3):
        log.append(one())

    assert recorder_of(log).witnessed() is None


def test_the_witnessed_checkpoint_is_read_back_after_a_restart(log: Log, witnessed: Witnessed) -> None:
    witnesses = witnessed()
    [recorded] = log.append(one())
    for witness in witnesses:
        witness.refuses = True

    log.reopen()

    assert recorder_of(log).witnessed() == recorded.note


def test_a_receipt_of_a_leaf_that_waits_for_its_witnesses_is_not_handed_out(
    log: Log, run: Run, witnessed: Witnessed
) -> None:
    witnesses = witnessed()
    log.append(one())
    for witness in witnesses:
        witness.refuses = True
    with pytest.raises(LogUnavailable):
        log.append(one())

    with pytest.raises(LogUnavailable, match="leaf 2 waits for the log's witnesses"):
        run(recorder_of(log).receipt(2, ANA))

    with pytest.raises(LogUnavailable, match="leaf 2 waits for the log's witnesses"):
        run(recorder_of(log).public_receipt(2))
    assert run(recorder_of(log).public_receipt(3)) is None
    assert run(recorder_of(log).receipt(1, ANA)) is not None


@pytest.mark.parametrize("probes", [False, True])
def test_who_comes_to_wait_after_the_log_was_shut_down_is_told_so(
    log: Log, run: Run, witnessed: Witnessed, *, probes: bool
) -> None:
    witnesses = witnessed()
    log.append(one())
    recorder = recorder_of(log)
    for witness in witnesses:
        witness.refuses = True
    with pytest.raises(LogUnavailable):
        log.append(one(event(), event_id=KEY))

    async def shut_and_wait() -> None:
        await recorder.close()
        async with asyncio.timeout(60):
            await recorder.append(Append((event(),), KEY, probes=probes))

    with pytest.raises(LogUnavailable, match="the log is shutting down"):
        run(shut_and_wait())
