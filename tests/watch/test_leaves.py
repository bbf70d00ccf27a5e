from collections.abc import Callable
from typing import Any

import pytest

from tests.verdict.log_builder import ALICE, BOB, DAY, READ, LogBuilder
from tests.verdict.stories import COUNTS, told
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.leaf import RelationshipLeaf, ReportLeaf, SuspensionLeaf, Withdrawal
from vestibule.ledger.tags import OWN
from vestibule.watch.leaves import Reader
from vestibule.watch.notice import Kind, Notice


def read(log: LogBuilder) -> list[Notice]:
    reader = Reader()
    return [notice for entry in log.entries for notice in reader.add(entry)]


FORTNIGHT = Fortnight.of(DAY - 21)
LAST = "2026-12-23"
WHY = "to suggest songs"


def lines(log: LogBuilder, first: int = 0) -> list[str]:
    return [notice.line() for notice in read(log) if notice.leaf is None or notice.leaf >= first]


def test_the_story_is_told_in_order_each_line_with_its_leaf_and_day() -> None:
    log = told()
    log.epoch()
    assert [line.removeprefix("2026-11-23  ") for line in lines(log)] == [
        "leaf 1  partner: Marquee (marquee) of Marquee Ltd, at https://marquee.example",
        "leaf 2  key: Marquee (marquee) signs with k1 from 2026-11-23",
        "leaf 3  partner: Jukebox (jukebox) of Jukebox Ltd, at https://jukebox.example",
        "leaf 4  key: Jukebox (jukebox) signs with k1 from 2026-11-23",
        f"leaf 5  privilege: Jukebox (jukebox) may ask people for messages.read until {LAST}: {WHY}",
        "leaf 9  first-read: Jukebox (jukebox) got its first answer under messages.read",
        "leaf 10  first-refusal: Jukebox (jukebox) was refused messages.read for the first time",
        "leaf 11  first-refusal: Marquee (marquee) was refused messages.read for the first time",
    ]


def test_a_second_read_and_a_second_refusal_are_no_news() -> None:
    log = told()
    size = len(log.entries)
    log.read("jukebox", ALICE, 2)
    log.event("refusal", "jukebox", BOB)
    assert lines(log, size) == []


def test_the_first_read_of_every_scope_is_news() -> None:
    log = told()
    log.privilege("jukebox", scope="friends.list")
    log.event("grant", "jukebox", BOB, op="friends.list")
    index = log.event("access", "jukebox", BOB, op="friends.list", n=1)
    assert lines(log, index) == [
        f"2026-11-23  leaf {index}  first-read: Jukebox (jukebox) got its first answer under friends.list"
    ]


def test_a_withdrawal_is_news() -> None:
    log = told()
    index = log.add(Withdrawal("jukebox", READ, DAY))
    assert lines(log, index) == [
        f"2026-11-23  leaf {index}  withdrawal: Jukebox (jukebox) may ask nobody for messages.read any more"
    ]


def test_suspensions_and_ties_are_news() -> None:
    log = told()
    first = log.add(SuspensionLeaf("jukebox", "operator", lifted=False, day=DAY))
    log.add(SuspensionLeaf("jukebox", "operator", lifted=True, day=DAY))
    log.add(RelationshipLeaf("jukebox", "payment", "much", DAY, DAY + 1, "ab" * 32, DAY))
    assert [line.partition("  ")[2].partition("  ")[2] for line in lines(log, first)] == [
        "suspension: Jukebox (jukebox) is suspended by the operator",
        "suspension: Jukebox (jukebox) is not suspended by the operator any more",
        "relationship: Jukebox (jukebox) and the operator: payment, much, from 2026-11-23 until 2026-11-24",
    ]


def test_reports_are_news() -> None:
    log = told()
    first = log.add(ReportLeaf("jukebox", FORTNIGHT.first, 0, "missing", 0, bytes(32), None, FORTNIGHT.due))
    log.add(ReportLeaf("jukebox", FORTNIGHT.first, 1, "differs", 0, bytes(32), bytes(32), FORTNIGHT.due))
    log.add(ReportLeaf("jukebox", FORTNIGHT.first, 2, "agrees", 0, bytes(32), bytes(32), FORTNIGHT.due))
    of = f"of its report of the fortnight {FORTNIGHT.label}"
    assert [line.partition("  ")[2].partition("  ")[2] for line in lines(log, first)] == [
        f"report: Jukebox (jukebox): no report of the fortnight {FORTNIGHT.label} came in time",
        f"report: Jukebox (jukebox): edition 1 {of} differs from what the platform counted, and is late",
        f"report: Jukebox (jukebox): edition 2 {of} agrees with what the platform counted",
    ]


def test_only_a_reconciliation_that_does_not_match_is_news() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS)
    index = log.reconcile("jukebox", COUNTS | {"access/messages.read": (2, 4)})
    [line] = lines(log, index - 1)
    assert line.startswith(
        f"2026-11-23  leaf {index}  reconciliation: Jukebox (jukebox) counts otherwise than"
    )


def test_a_breach_is_announced_as_a_breach_and_as_nothing_else() -> None:
    log = told()
    index = log.privilege("jukebox", scope="friends.list", signer="marquee")
    [notice] = [one for one in read(log) if one.leaf == index]
    assert notice.kind is Kind.BREACH
    assert notice.text == "expected a signature by jukebox under 'k1', got another"


@pytest.mark.parametrize(
    ("lie", "part"),
    [({"root": bytes(32)}, "map root"), ({"count": 9}, "tags"), ({"table": bytes(32)}, "totals' digest")],
)
def test_an_epoch_that_lies_is_a_breach(lie: dict[str, Any], part: str) -> None:
    log = told()
    index = log.epoch(**lie)
    [notice] = [one for one in read(log) if one.leaf == index]
    assert (notice.kind, part in notice.text) == (Kind.BREACH, True)


def dialog(log: LogBuilder, day: int) -> int:
    return log.event("send", "marquee", ALICE, op="dialog", n=1, lane=OWN, shown={"day": day})


@pytest.mark.parametrize(
    ("epoch", "missing"),
    [(lambda log: log.epoch(), False), (lambda _: 0, True), (lambda log: log.epoch(day=DAY + 1), False)],
)
def test_a_day_with_leaves_and_without_an_epoch_is_news_at_its_boundary(
    epoch: Callable[[LogBuilder], int], *, missing: bool
) -> None:
    log = told()
    epoch(log)
    index = dialog(log, DAY + 1)
    found = [notice for notice in read(log) if notice.kind is Kind.NO_EPOCH]
    assert bool(found) is missing
    assert all(notice.text == "2026-11-23 has leaves and no epoch" for notice in found)
    assert all(notice.leaf in (index, index - 1) for notice in found)


def test_what_an_epoch_covers_and_the_newest_event_are_known() -> None:
    log = told()
    reader = Reader()
    for entry in log.entries:
        reader.add(entry)
    assert (reader.covered, reader.last_event, reader.size) == (0, 11, 12)
    log.epoch()
    reader.add(log.entries[-1])
    assert (reader.covered, reader.last_event) == (12, 11)
