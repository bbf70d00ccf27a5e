from dataclasses import replace

import pytest

from vestibule.ledger.errors import LedgerError
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.leaf import encode, parse
from vestibule.ledger.report import ReportLeaf

FORTNIGHT = Fortnight.parse("2026-W01")
FILED = ReportLeaf("marquee", FORTNIGHT.first, 1, "agrees", 0, bytes(32), bytes(32), FORTNIGHT.over_on)
MISSING = ReportLeaf("marquee", FORTNIGHT.first, 0, "missing", 0, bytes(32), None, FORTNIGHT.due)


@pytest.mark.parametrize("leaf", [FILED, MISSING, replace(FILED, edition=2, verdict="differs", tolerance=5)])
def test_a_report_is_read_as_it_is_written(leaf: ReportLeaf) -> None:
    assert parse(encode(leaf)) == leaf


def test_a_report_is_late_from_the_day_on_which_it_was_due() -> None:
    assert not replace(FILED, day=FORTNIGHT.due - 1).is_late
    assert replace(FILED, day=FORTNIGHT.due).is_late


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"day": FORTNIGHT.last}, "for a fortnight agrees, got"),
        ({"first": FORTNIGHT.first + 7}, "first day of a fortnight"),
        ({"verdict": "fine"}, "expected a verdict like"),
        ({"tolerance": 101}, "tolerance of at most 100 %, got 101"),
        ({"edition": 0}, "edition 0 and no table of theirs where it is missing"),
        ({"theirs": None}, "edition 0 and no table of theirs where it is missing"),
        ({"ours": bytes(31)}, "a code of 32 bytes"),
        ({"partner": "No"}, "expected a partner id"),
    ],
)
def test_what_no_report_can_say_is_refused(change: dict[str, object], part: str) -> None:
    with pytest.raises(LedgerError, match=part):
        replace(FILED, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"day": FORTNIGHT.due - 1}, {"edition": 1}, {"theirs": bytes(32)}])
def test_a_report_is_missing_only_once_it_is_due(change: dict[str, object]) -> None:
    with pytest.raises(LedgerError):
        replace(MISSING, **change)  # type: ignore[arg-type]
