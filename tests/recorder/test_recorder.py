"""What the recorder promises whoever appends."""

import asyncio
import dataclasses
from typing import Any

import pytest

from tests.recorder.a_log import ANA, BOB, DAY, Log, event, one
from vestibule.ledger import leaf as leaves
from vestibule.ledger.opening import Private
from vestibule.recorder.drafts import Append, Effect, Registration
from vestibule.recorder.errors import AppendInsideTransaction, LogUnavailable, Overtaken
from vestibule.recorder.history import PAGE, lines_of
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.merkle import leaf_hash, verify_inclusion
from vestibule.tlog.note import Note
from vestibule.tlog.tiles import read_entries


def published(log: Log) -> Checkpoint:
    data = log.files.get("checkpoint")
    assert data is not None
    return Checkpoint.parse(Note.parse(data.decode()).text)


def entries(log: Log) -> list[bytes]:
    def fetch(path: str) -> bytes:
        data = log.files.get(path)
        if data is None:
            raise FileNotFoundError(path)
        return data

    return list(read_entries(fetch, published(log)))


def test_a_new_log_begins_with_a_genesis_leaf_that_names_its_keys(log: Log) -> None:
    log.open()

    [first] = entries(log)
    genesis = leaves.parse(first)

    assert isinstance(genesis, leaves.Genesis)
    assert (genesis.vrf, genesis.log) == (log.keys.vrf.public, str(log.keys.signing.verifier))


def test_an_appended_event_is_published_before_append_returns(log: Log) -> None:
    log.open()

    [recorded] = log.append(one())

    assert entries(log)[recorded.index] == recorded.leaf
    log.check(recorded)


def test_counters_of_a_lane_are_dense_and_survive_a_restart(log: Log) -> None:
    log.open()
    before = [log.append(one())[0] for _ in range(3)]
    log.reopen()
    after = log.append(one())[0]

    counters = [Private.parse(recorded.private).counter for recorded in [*before, after]]

    assert counters == [0, 1, 2, 3]


def test_events_of_one_batch_stand_in_the_order_of_their_tags(log: Log) -> None:
    log.open()

    recorded = log.append(one(*(event(bytes([n]) * 16) for n in range(40))))
    tags = [leaves.parse(leaf) for leaf in entries(log)[1:]]

    assert all(isinstance(leaf, leaves.Event) for leaf in tags)
    assert [leaf.tag for leaf in tags] == sorted(leaf.tag for leaf in tags)  # type: ignore[union-attr]  # asserted above
    assert [recorded[n].index for n in range(40)] != list(range(1, 41))


def test_a_retry_under_the_same_event_id_gets_the_same_leaf(log: Log) -> None:
    log.open()
    first = log.append(one(event_id=b"0123456789abcdef"))
    again = log.append(one(event_id=b"0123456789abcdef"))
    log.reopen()
    after_restart = log.append(one(event_id=b"0123456789abcdef"))

    assert [leaf[0].index for leaf in (first, again, after_restart)] == [1, 1, 1]
    assert published(log).size == 2
    log.check(after_restart[0])


def test_two_retries_at_once_are_one_leaf(log: Log, run: Any) -> None:
    recorder = log.open()

    async def both() -> tuple[Any, Any]:
        append = one(event_id=b"0123456789abcdef")
        return await asyncio.gather(recorder.append(append), recorder.append(append))

    first, second = run(both())

    assert first[0].index == second[0].index
    assert published(log).size == 2


def test_append_inside_a_store_transaction_is_refused(log: Log, run: Any) -> None:
    recorder = log.open()

    async def work(_: object) -> None:
        with pytest.raises(AppendInsideTransaction, match="inside a store transaction"):
            await recorder.append(one())

    assert log.store is not None
    run(log.store.write(work))

    assert published(log).size == 1


def test_an_append_outlives_its_cancelled_caller(log: Log, run: Any) -> None:
    recorder = log.open()

    async def cancelled() -> None:
        task = asyncio.create_task(recorder.append(one()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await recorder.append(one(event(BOB)))

    run(cancelled())

    assert published(log).size == 3


def test_a_clock_behind_the_last_day_records_nothing(log: Log) -> None:
    log.open()
    log.append(one())
    log.now -= DAY

    with pytest.raises(
        LogUnavailable, match="the clock says UTC day 19999, the log's last leaf is of day 20000"
    ):
        log.append(one())

    assert published(log).size == 2
    log.now += 2 * DAY
    log.check(log.append(one())[0])


def test_an_event_is_not_placed_behind_the_end_of_its_grant(log: Log) -> None:
    log.open()
    [grant] = log.append(one(event(kind="grant", n=0)))
    log.append(one(event(kind="end", n=0, grant=grant.index)))

    with pytest.raises(Overtaken, match="the connection ended"):
        log.append(one(event(grant=grant.index)))

    assert published(log).size == 3


def test_an_event_after_its_last_day_is_not_recorded(log: Log) -> None:
    log.open()
    log.now += DAY

    with pytest.raises(Overtaken, match="ended with UTC day 20000"):
        log.append(one(event(last_day=20_000)))


def test_a_withdrawn_privilege_takes_no_more_events_until_it_is_given_again(log: Log) -> None:
    log.open()

    def privilege(day: int) -> leaves.Leaf:
        return leaves.PrivilegeLeaf(
            "jukebox", "messages.read", "why", "0" * 64, 30_000, day, "jukebox:1", b"s" * 64
        )

    log.append(Append((Registration(lambda day: leaves.Withdrawal("jukebox", "messages.read", day)),)))
    with pytest.raises(Overtaken, match="withdrawn"):
        log.append(one())
    log.append(Append((Registration(privilege),)))

    log.check(log.append(one())[0])


def test_an_effect_is_applied_once_and_after_the_leaf_is_public(log: Log) -> None:
    seen: list[tuple[int, int, dict[str, Any]]] = []

    async def handler(index: int, body: dict[str, Any]) -> None:
        seen.append((index, published(log).size, body))

    log.handlers["test"] = handler
    log.open()
    log.append(one(event(effect=Effect("test", {"a": 1})), event_id=b"0123456789abcdef"))
    log.append(one(event(effect=Effect("test", {"a": 1})), event_id=b"0123456789abcdef"))

    assert seen == [(1, 2, {"a": 1})]


def test_an_effect_that_failed_is_applied_after_a_restart(log: Log) -> None:
    seen: list[int] = []

    async def broken(index: int, body: dict[str, Any]) -> None:
        raise RuntimeError(f"cannot apply {index} {body}")

    async def mended(index: int, _: dict[str, Any]) -> None:
        seen.append(index)

    log.handlers["test"] = broken
    log.open()
    with pytest.raises(LogUnavailable, match="leaf 1 is recorded, but test could not be carried out yet"):
        log.append(one(event(effect=Effect("test", {}))))
    log.handlers["test"] = mended
    log.reopen()

    assert seen == [1]


def test_the_receipt_of_an_old_leaf_is_made_again_from_the_published_tiles(log: Log, run: Any) -> None:
    recorder = log.open()
    log.append(one(*(event(bytes([n]) * 16) for n in range(200))))
    [old] = log.append(one(event(ANA)))
    log.append(one(*(event(bytes([n]) * 16) for n in range(200))))

    receipt = run(recorder.receipt(old.index, ANA))

    assert f"index {old.index}\n" in receipt
    assert run(recorder.receipt(old.index, BOB)) is None


def test_a_person_file_names_every_partner_and_both_lanes(log: Log, run: Any) -> None:
    recorder = log.open()
    [recorded] = log.append(one(event(ANA)))

    file = run(recorder.person_file(ANA, ["jukebox", "marquee"]))

    openings = {
        (partner["partner"], lane): [opening["index"] for opening in content["openings"]]
        for partner in file["partners"]
        for lane, content in partner["lanes"].items()
    }
    assert openings == {
        ("jukebox", "shared"): [recorded.index],
        ("jukebox", "own"): [],
        ("marquee", "shared"): [],
        ("marquee", "own"): [],
    }


def test_totals_count_items_of_reads_but_not_of_exposures(log: Log, run: Any) -> None:
    recorder = log.open()
    log.append(one(event(n=4), event(BOB, kind="exposure", items=3)))
    log.append(one(event(n=2)))

    totals = run(recorder.totals())

    assert totals["jukebox", "access", "messages.read", "grant"] == (2, 6)
    assert totals["jukebox", "exposure", "messages.read", "grant"] == (1, 0)


def test_an_inclusion_proof_of_a_pool_larger_than_a_tile_holds(log: Log) -> None:
    log.open()

    recorded = log.append(one(*(event(n.to_bytes(16, "big")) for n in range(700))))

    checkpoint = published(log)
    for leaf in recorded[::97]:
        verify_inclusion(
            leaf_hash=leaf_hash(leaf.leaf),
            index=leaf.index,
            size=checkpoint.size,
            proof=leaf.hashes,
            root=checkpoint.root,
        )


def test_a_privilege_that_ends_sooner_than_the_request_knew_takes_no_more_events(log: Log) -> None:
    log.open()

    def shorter(day: int) -> leaves.Leaf:
        return leaves.PrivilegeLeaf(
            "jukebox", "messages.read", "why", "0" * 64, 20_000, day, "jukebox:1", b"s" * 64
        )

    log.append(Append((Registration(shorter),)))
    log.check(log.append(one(event(last_day=20_005)))[0])
    log.now += DAY

    with pytest.raises(Overtaken, match="the privilege was withdrawn or ended"):
        log.append(one(event(last_day=20_005)))


def test_a_partner_cannot_count_backwards(log: Log) -> None:
    log.open()

    def count(size: int) -> Append:
        def leaf(day: int) -> leaves.Leaf:
            return leaves.ReconcileLeaf("jukebox", size, {}, day, "jukebox:1", b"s" * 64)

        return Append((Registration(leaf),))

    log.append(count(2))

    with pytest.raises(Overtaken, match="expected a count of at least 2 leaves, got 1"):
        log.append(count(1))


def test_a_person_file_leaves_nothing_out_however_long_the_history(log: Log, run: Any) -> None:
    recorder = log.open()
    log.append(one(*(event(ANA) for _ in range(2 * PAGE + 3))))

    file = run(recorder.person_file(ANA, ["jukebox"]))

    assert len(file["partners"][0]["lanes"]["shared"]["openings"]) == 2 * PAGE + 3


def test_lines_are_the_newest_of_each_partner(log: Log, run: Any) -> None:
    log.open()
    log.append(one(*(event(ANA) for _ in range(5))))
    log.append(one(dataclasses.replace(event(ANA), partner="marquee")))
    assert log.store is not None

    lines = run(lines_of(log.store, log.keys.origin, ANA, limit=2))

    counters = {(line.partner, line.counter) for line in lines}
    assert counters == {("jukebox", 3), ("jukebox", 4), ("marquee", 0)}
    assert [line.index for line in lines] == sorted(line.index for line in lines)
