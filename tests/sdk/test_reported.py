"""What a platform says of a filed report is held to the leaf, the platform's own table included."""

import base64
from typing import Any

import pytest

from tests.verdict.log_builder import LogBuilder
from tests.verdict.stories import told
from vestibule.ledger.engagement import Counted, Placed, authenticate
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report import ReportLeaf
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.reported import periods, reported
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust

FORTNIGHT = Fortnight.of(20_760)
DAY = FORTNIGHT.over_on
PLACED = Placed(FORTNIGHT.first, surface="film")
OURS, THEIRS = {PLACED: Counted(3, 1)}, {PLACED: Counted(2, 1)}
OUR_KEY, THEIR_KEY = bytes(32), bytes(range(32))


def put_on_record(log: LogBuilder, **changed: Any) -> int:
    codes = {"ours": authenticate(OUR_KEY, OURS), "theirs": authenticate(THEIR_KEY, THEIRS)}
    fields: dict[str, Any] = {"partner": "jukebox", "first": FORTNIGHT.first, "edition": 1, "tolerance": 0}
    return log.add(ReportLeaf(**{**fields, "verdict": "differs", **codes, "day": DAY, **changed}))


def answer(log: LogBuilder, index: int, **changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "day": write_day(FORTNIGHT.first),
        "interface": "",
        "surface": "film",
        "variant": "",
    }
    row["sends"] = {"ours": 3, "theirs": 2, "absolute": -1, "percent": 33.33}
    row["clicks"] = {"ours": 1, "theirs": 1, "absolute": 0, "percent": 0.0}
    return {
        "period": FORTNIGHT.label,
        "edition": {"edition": 1, "verdict": "differs", "late": False, "tolerance": 0, "leaf": index},
        "keys": {"ours": b64(OUR_KEY), "theirs": b64(THEIR_KEY)},
        "rows": 1,
        "differences": [{**row, "within": False}],
        "receipts": [log.receipt(index)],
        **changed,
    }


def b64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def checked(log: LogBuilder, said: dict[str, Any], partner: str = "jukebox") -> None:
    found = reported(said)
    found.check(open_receipt(found.receipt, trust(log.policy())), partner, THEIRS)


def test_what_is_on_record_is_believed_and_gives_the_platforms_table() -> None:
    log = told()
    said = answer(log, put_on_record(log))
    checked(log, said)
    assert reported(said).platforms(THEIRS) == OURS


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"partner": "marquee"}, "expected .*'jukebox'"),
        ({"first": FORTNIGHT.first - 14}, "expected .*"),
        ({"edition": 2}, "expected .*"),
        ({"verdict": "agrees"}, "expected .*'differs'"),
        ({"tolerance": 5}, "expected .*"),
        ({"theirs": bytes(32)}, "the code of our table"),
        ({"ours": bytes(32)}, "the code of the table that the differences give"),
    ],
)
def test_a_leaf_that_says_something_else_is_not_taken_for_it(changed: dict[str, Any], expected: str) -> None:
    log = told()
    said = answer(log, put_on_record(log, **changed))
    with pytest.raises(BadReceipt, match=expected):
        checked(log, said)


def test_the_leaf_of_something_else_is_no_report() -> None:
    log = told()
    with pytest.raises(BadReceipt, match="expected a report"):
        checked(log, answer(log, 1))


def test_differences_that_are_kept_back_are_noticed() -> None:
    log = told()
    with pytest.raises(BadReceipt, match="the differences give"):
        checked(log, answer(log, put_on_record(log), differences=[]))


@pytest.mark.parametrize(
    "changed",
    [
        {"receipts": []},
        {"keys": {"ours": "?", "theirs": ""}},
        {"edition": 1},
        {"differences": [{"day": "today"}]},
        {"period": None},
    ],
)
def test_an_answer_of_another_form_is_named(changed: dict[str, Any]) -> None:
    log = told()
    with pytest.raises(BadAnswer, match="report answer"):
        reported(answer(log, put_on_record(log), **changed))


def test_a_list_of_periods_is_read() -> None:
    edition = {"edition": 0, "verdict": "missing", "late": False, "tolerance": 0, "leaf": 7}
    one = {"period": "2026-W01", "last_day": "2026-01-18", "due": False, "editions": [edition]}
    [found] = periods({"periods": [one]})
    assert (found.period, found.due, found.editions[0].verdict) == ("2026-W01", False, "missing")
