"""The counts that are carried forward are those of a replay, whoever asks for them and when."""

import asyncio
from typing import Any

from tests.recorder.a_log import ANA, BOB, DAY, Log, Run, event, one
from vestibule.ledger.history import History
from vestibule.ledger.replay import replay
from vestibule.recorder.public_record import PartnerRecord
from vestibule.store import Tx

ENTRIES = "select leaf from entry order by idx limit 100000"


def replayed(log: Log, run: Run) -> History:
    assert log.store is not None

    async def work(tx: Tx) -> Any:
        return await tx.all(ENTRIES)

    return replay(entry for (entry,) in run(log.store.read(work)))


def fits(record: PartnerRecord, history: History, partner: str) -> None:
    mine = {key: total for key, total in history.daily.items() if key[1] == partner}
    assert {
        (day, partner, kind, op, basis): (count.events, count.items)
        for (day, kind, op, basis), count in record.daily.items()
    } == mine
    indexes = history.events_by_partner[partner]
    assert min(count.first for count in record.daily.values()) == indexes[0]
    assert max(count.last for count in record.daily.values()) == indexes[-1]
    for scope, (now, most) in record.lives.items():
        assert (now, most) == (history.live(partner, scope), history.most_live(partner, scope))
    assert record.reconciliations == tuple(one for one in history.reconciles if one.leaf.partner == partner)


def test_a_record_by_day_is_carried_forward_to_what_a_replay_finds(log: Log, run: Run) -> None:
    recorder = log.open()
    for turn in range(4):
        log.append(one(event(kind="grant"), event(BOB, kind="grant"), event(n=3)))
        log.append(one(event(BOB, kind="exposure"), event(n=2), event(ANA, kind="end", grant=1000 + turn)))
        fits(run(recorder.public_record("jukebox")), replayed(log, run), "jukebox")
        log.now += DAY


def test_a_crowd_that_asks_at_once_counts_every_leaf_once(log: Log, run: Run) -> None:
    recorder = log.open()
    log.append(one(*(event(number.to_bytes(16, "big")) for number in range(1100))))

    async def crowd() -> list[PartnerRecord]:
        return await asyncio.gather(*(recorder.public_record("jukebox") for _ in range(50)))

    for record in run(crowd()):
        assert sum(count.events for count in record.daily.values()) == 1100


def test_a_visitor_who_leaves_while_it_is_counted_leaves_it_right(log: Log, run: Run) -> None:
    recorder = log.open()
    log.append(one(*(event(number.to_bytes(16, "big")) for number in range(1100))))

    async def one_leaves() -> PartnerRecord:
        impatient = asyncio.ensure_future(recorder.public_record("jukebox"))
        patient = asyncio.ensure_future(recorder.public_record("jukebox"))
        for _ in range(3):
            await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    [count] = run(one_leaves()).daily.values()
    assert (count.events, count.last - count.first) == (1100, 1099)


def test_a_partner_that_no_leaf_names_has_an_empty_record(log: Log, run: Run) -> None:
    record = run(log.open().public_record("nobody"))
    assert (record.size, record.daily, record.register) == (1, {}, ())
