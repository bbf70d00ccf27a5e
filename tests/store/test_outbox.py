"""Effects on another shard key."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from vestibule.store import Store, Tx
from vestibule.store.errors import OutboxError
from vestibule.store.outbox import Handler, Outbox, put

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def effects(
    owner: int, *bodies: dict[str, Any], topic: str = "told"
) -> Callable[[Tx], Coroutine[Any, Any, None]]:
    async def work(tx: Tx) -> None:
        for body in bodies:
            await put(tx, owner, topic, body)

    return work


def recording(seen: list[Any]) -> Handler:
    async def handler(body: dict[str, Any]) -> None:
        seen.append(body["n"])

    return handler


def test_effects_are_applied_once_and_in_their_order(run: Run, store: Store) -> None:
    seen: list[int] = []
    outbox = Outbox(store, {"told": recording(seen)})
    run(store.write(effects(7, *[{"n": n} for n in range(250)])))
    run(store.write(effects(7, {"n": 250})))
    run(store.write(effects(8, {"n": -1})))
    run(outbox.drain(7))
    run(outbox.drain(7))
    assert seen == list(range(251))


def test_an_effect_of_a_transaction_that_failed_does_not_exist(run: Run, store: Store) -> None:
    async def work(tx: Tx) -> None:
        await put(tx, 7, "told", {"n": 1})
        raise LookupError

    seen: list[int] = []
    with pytest.raises(LookupError):
        run(store.write(work))
    run(Outbox(store, {"told": recording(seen)}).drain(7))
    assert seen == []


def test_an_effect_whose_handler_failed_waits_with_those_after_it(run: Run, store: Store) -> None:
    seen: list[int] = []

    async def failing(body: dict[str, Any]) -> None:
        if body["n"] == 2:
            raise LookupError("not now")
        seen.append(body["n"])

    run(store.write(effects(7, {"n": 1}, {"n": 2}, {"n": 3})))
    with pytest.raises(LookupError, match="not now"):
        run(Outbox(store, {"told": failing}).drain(7))
    assert seen == [1]
    run(Outbox(store, {"told": recording(seen)}).drain(7))
    assert seen == [1, 2, 3]


def test_a_topic_without_a_handler_is_named(run: Run, store: Store) -> None:
    run(store.write(effects(7, {"n": 1})))
    with pytest.raises(OutboxError, match="no handler for the topic 'told'"):
        run(Outbox(store, {}).drain(7))


def test_recovery_applies_what_any_owner_left_and_reports_who_is_stuck(run: Run, store: Store) -> None:
    seen: list[int] = []
    outbox = Outbox(store, {"told": recording(seen)})
    for owner in range(450):
        run(store.write(effects(owner, {"n": owner}, topic="lost" if owner == 3 else "told")))
    stuck = run(outbox.recover())
    assert sorted(seen) == [owner for owner in range(450) if owner != 3]
    assert {owner: str(error) for owner, error in stuck.items()} == {3: "no handler for the topic 'lost'"}


def test_two_drains_of_one_owner_take_turns(run: Run, store: Store) -> None:
    seen: list[int] = []

    async def slow(body: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        seen.append(body["n"])

    async def story() -> None:
        outbox = Outbox(store, {"told": slow})
        await store.write(effects(7, *[{"n": n} for n in range(20)]))
        await asyncio.gather(outbox.drain(7), outbox.drain(7), outbox.drain(7))

    run(story())
    assert seen == list(range(20))


def test_a_handler_may_leave_effects_and_drain_in_a_circle(run: Run, store: Store) -> None:
    seen: list[int] = []

    async def pass_on(body: dict[str, Any]) -> None:
        seen.append(body["n"])
        if body["n"] < 4:
            other = body["n"] % 2
            await store.write(effects(other, {"n": body["n"] + 1}))
            await outbox.drain(other)

    outbox = Outbox(store, {"told": pass_on})
    run(store.write(effects(0, {"n": 1})))
    run(asyncio.wait_for(outbox.drain(0), 10))
    assert seen == [1, 2, 3, 4]
