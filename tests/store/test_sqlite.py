"""Transactions: what a reader sees, what a writer leaves, and who is told what."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.store.notes import BODY, COUNT, INSERT, note, open_notes, together, written
from vestibule.store import Store, Tx, open_store, transaction
from vestibule.store.errors import ConstraintBroken, StoreClosed, StoreError, WrongWork

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def notes(run: Run, tmp_path: Path) -> Iterator[Store]:
    opened = run(open_notes(tmp_path))
    yield opened
    run(opened.close())


async def count(tx: Tx) -> int:
    row = await tx.one(COUNT, owner=1)
    assert row is not None
    return int(row[0])


def test_what_was_written_is_there_after_reopening(run: Run, tmp_path: Path) -> None:
    async def story() -> list[tuple[int, int]]:
        store = await open_notes(tmp_path)
        assert await store.write(note(1, 1)) == 1
        await store.close()
        store = await open_store(tmp_path)
        try:
            return await written(store)
        finally:
            await store.close()

    assert run(story()) == [(1, 1)]


def test_the_calls_of_a_transaction(run: Run, notes: Store) -> None:
    async def work(tx: Tx) -> None:
        await tx.many(INSERT, [{"owner": 1, "seq": seq, "body": f"b{seq}"} for seq in range(4)])
        await tx.many(INSERT, [])
        assert await tx.one(BODY, owner=1, seq=3) == ("b3",)
        assert await tx.one(BODY, owner=1, seq=9) is None
        assert await tx.all(BODY, owner=1, seq=9) == []
        assert await tx.run("update note set body = 'x' where owner = :owner and seq < 2", owner=1) == 2
        assert await tx.run("update note set body = 'x' where owner = :owner", owner=5) == 0
        returned = await tx.all("delete from note where owner = :owner returning seq, body", owner=1)
        assert sorted(returned) == [(0, "x"), (1, "x"), (2, "b2"), (3, "b3")]

    run(notes.write(work))


def test_a_value_of_a_wrong_type_is_refused(run: Run, notes: Store) -> None:
    async def work(tx: Tx) -> None:
        await tx.run(INSERT, owner="one", seq=1, body="")

    with pytest.raises(ConstraintBroken, match="cannot store TEXT value in INTEGER column"):
        run(notes.write(work))


def test_a_forgotten_parameter_is_refused(run: Run, notes: Store) -> None:
    async def work(tx: Tx) -> None:
        await tx.run(INSERT, owner=1, seq=1)

    with pytest.raises(KeyError):
        run(notes.write(work))


def test_a_failing_work_undoes_only_itself(run: Run, notes: Store) -> None:
    async def failing(tx: Tx) -> None:
        await tx.run(INSERT, owner=1, seq=2, body="")
        raise LookupError("mine")

    outcomes = run(
        together(
            notes,
            notes.write(note(1, 1)),
            notes.write(failing),
            notes.write(note(1, 1)),
            notes.write(note(1, 3)),
        )
    )
    assert outcomes[0] == outcomes[3] == 1
    assert repr(outcomes[1]) == "LookupError('mine')"
    assert isinstance(outcomes[2], ConstraintBroken)
    assert run(written(notes)) == [(1, 1), (1, 3)]


def test_a_failing_commit_fails_everybody_in_it_and_leaves_nothing(run: Run, notes: Store) -> None:
    async def orphan(tx: Tx) -> None:
        await tx.run(
            "create table child (owner integer primary key references parent deferrable initially deferred)"
        )
        await tx.run("create table parent (owner integer primary key)")
        await tx.run("insert into child (owner) values (1)")

    outcomes = run(together(notes, notes.write(note(1, 1)), notes.write(orphan), notes.write(note(1, 2))))
    assert [str(outcome) for outcome in outcomes] == ["FOREIGN KEY constraint failed"] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert run(written(notes)) == []
    run(notes.write(note(1, 1)))
    assert run(written(notes)) == [(1, 1)]


def test_a_read_cannot_write(run: Run, notes: Store) -> None:
    with pytest.raises(StoreError, match="readonly"):
        run(notes.read(note(1, 1)))
    assert run(written(notes)) == []


def test_a_read_sees_one_snapshot(run: Run, notes: Store) -> None:
    async def counts(tx: Tx) -> tuple[int, int]:
        before = await count(tx)
        writing = threading.Thread(target=lambda: asyncio.run(notes.write(note(1, 1))))
        writing.start()
        writing.join(10)
        return before, await count(tx)

    assert run(notes.read(counts)) == (0, 0)
    assert run(notes.read(count)) == 1


async def sleep(_tx: Tx) -> None:
    await asyncio.sleep(0)


async def wait(_tx: Tx) -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_work_may_await_only_its_transaction(run: Run, notes: Store, verb: str) -> None:
    async def work(tx: Tx) -> None:
        if verb == "write":
            await tx.run(INSERT, owner=1, seq=1, body="")
        await sleep(tx)

    with pytest.raises(WrongWork, match="may await only its transaction, it awaited None"):
        run(getattr(notes, verb)(work))
    assert run(written(notes)) == []


def test_a_read_that_awaits_a_future_is_told(run: Run, notes: Store) -> None:
    with pytest.raises(WrongWork, match="it awaited <Future pending"):
        run(notes.read(wait))


@pytest.mark.parametrize("outer", ["read", "write"])
@pytest.mark.parametrize("inner", ["read", "write"])
def test_a_work_may_not_begin_another_transaction(run: Run, notes: Store, outer: str, inner: str) -> None:
    async def work(_tx: Tx) -> None:
        await getattr(notes, inner)(note(1, 1))

    with pytest.raises(WrongWork, match="may not begin another transaction"):
        run(getattr(notes, outer)(work))
    assert run(written(notes)) == []


@pytest.mark.parametrize("verb", ["read", "write"])
def test_inside_is_true_only_while_a_work_runs(run: Run, notes: Store, verb: str) -> None:
    async def work(_tx: Tx) -> bool:
        return transaction.inside()

    async def failing(_tx: Tx) -> None:
        raise LookupError

    async def story() -> None:
        assert not transaction.inside()
        assert await getattr(notes, verb)(work)
        assert not transaction.inside()
        with pytest.raises(LookupError):
            await getattr(notes, verb)(failing)
        assert not transaction.inside()

    run(story())


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_transaction_kept_beyond_its_work_is_refused(run: Run, notes: Store, verb: str) -> None:
    async def keep(tx: Tx) -> Tx:
        return tx

    kept = run(getattr(notes, verb)(keep))
    with pytest.raises(StoreError, match="the transaction has ended"):
        run(kept.run(INSERT, owner=1, seq=1, body=""))


def test_a_batch_gets_all_that_wait_and_answers_each(run: Run, notes: Store) -> None:
    seen: list[list[int]] = []

    async def batch(tx: Tx, items: Sequence[int]) -> Sequence[str | Exception]:
        seen.append(list(items))
        await tx.many(INSERT, [{"owner": 1, "seq": item, "body": ""} for item in items])
        return [LookupError(item) if item == 2 else f"item {item}" for item in items]

    calls = [notes.write_batched(batch, item) for item in range(4)]
    outcomes = run(together(notes, *calls, notes.write(note(2, 1))))
    assert [str(outcome) for outcome in outcomes] == ["item 0", "item 1", "2", "item 3", "1"]
    assert seen == [[0, 1, 2, 3]]
    assert run(written(notes)) == [(1, 0), (1, 1), (1, 2), (1, 3), (2, 1)]


def test_batches_of_different_functions_stay_apart(run: Run, notes: Store) -> None:
    async def one(_tx: Tx, items: Sequence[int]) -> Sequence[str | Exception]:
        return [f"one of {len(items)}"] * len(items)

    async def other(_tx: Tx, items: Sequence[int]) -> Sequence[str | Exception]:
        return [f"other of {len(items)}"] * len(items)

    calls = [notes.write_batched(batch, 0) for batch in (one, other, one)]
    assert run(together(notes, *calls)) == ["one of 2", "other of 1", "one of 2"]


def test_a_batch_that_raises_is_run_for_each_item_alone(run: Run, notes: Store) -> None:
    run(notes.write(note(1, 2)))

    async def batch(tx: Tx, items: Sequence[int]) -> Sequence[int | Exception]:
        await tx.many(INSERT, [{"owner": 1, "seq": item, "body": ""} for item in items])
        return list(items)

    outcomes = run(together(notes, *[notes.write_batched(batch, item) for item in (1, 2, 3)]))
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], ConstraintBroken)
    assert outcomes[2] == 3
    assert run(written(notes)) == [(1, 1), (1, 2), (1, 3)]


def test_a_batch_with_too_few_answers_fails_and_leaves_nothing(run: Run, notes: Store) -> None:
    async def batch(tx: Tx, items: Sequence[int]) -> Sequence[int | Exception]:
        await tx.run(INSERT, owner=1, seq=items[0], body="")
        return []

    outcomes = run(together(notes, *[notes.write_batched(batch, item) for item in (1, 2)]))
    assert [str(outcome) for outcome in outcomes] == ["expected 1 answers from a batch, got 0"] * 2
    assert run(written(notes)) == []


def test_an_exception_that_no_waiter_can_hold_harms_nobody_else(run: Run, notes: Store) -> None:
    async def leaving(_tx: Tx) -> None:
        raise SystemExit(3)

    async def batch(_tx: Tx, _items: Sequence[int]) -> Sequence[int | Exception]:
        return [StopIteration()]

    outcomes = run(
        together(notes, notes.write(leaving), notes.write_batched(batch, 1), notes.write(note(1, 1)))
    )
    assert [type(outcome) for outcome in outcomes] == [WrongWork, StoreError, int]


def test_a_cancelled_waiter_is_skipped_and_its_work_stands(run: Run, notes: Store) -> None:
    async def cancelled() -> int:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().call_soon(task.cancel)
        return await notes.write(note(1, 1))

    outcomes = run(together(notes, cancelled(), notes.write(note(1, 2))))
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert outcomes[1] == 1
    assert run(written(notes)) == [(1, 1), (1, 2)]


def test_writers_on_several_event_loops_are_each_told(run: Run, notes: Store) -> None:
    def write(owner: int) -> None:
        async def several() -> None:
            await asyncio.gather(*[notes.write(note(owner, seq)) for seq in range(20)])

        asyncio.run(several())

    threads = [threading.Thread(target=write, args=(owner,)) for owner in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert run(written(notes)) == [(owner, seq) for owner in range(4) for seq in range(20)]


def test_a_loop_that_ended_before_its_answer_harms_nobody(run: Run, notes: Store) -> None:
    started, go = threading.Event(), threading.Event()

    async def slow(tx: Tx) -> None:
        started.set()
        go.wait(60)
        await tx.run(INSERT, owner=1, seq=1, body="")

    loop = asyncio.new_event_loop()
    task = loop.create_task(notes.write(slow))
    loop.run_until_complete(asyncio.sleep(0))
    assert started.wait(10)
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()
    go.set()
    run(notes.write(note(1, 2)))
    assert run(written(notes)) == [(1, 1), (1, 2)]


def test_closing_finishes_what_is_queued(run: Run, tmp_path: Path) -> None:
    async def story() -> list[tuple[int, int]]:
        store = await open_notes(tmp_path)
        writing = [asyncio.create_task(store.write(note(1, seq))) for seq in range(50)]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*writing)
        store = await open_store(tmp_path)
        try:
            return await written(store)
        finally:
            await store.close()

    assert run(story()) == [(1, seq) for seq in range(50)]


def test_a_closed_store_says_so(run: Run, tmp_path: Path) -> None:
    store = run(open_notes(tmp_path))
    run(store.close())
    run(store.close())
    for call in (store.read(count), store.write(count), store.write_batched(count, 1)):
        with pytest.raises(StoreClosed, match="the store is closed"):
            run(call)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vestibule.db", "vestibule.lock"]
