import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger.errors import FortnightError
from vestibule.ledger.fortnight import Fortnight, read_day, write_day


def number(year: int, month: int, day: int) -> int:
    return (dt.date(year, month, day) - dt.date(1970, 1, 1)).days


def test_the_first_fortnight_of_2026_begins_in_december() -> None:
    found = Fortnight.of(number(2026, 1, 5))
    assert (write_day(found.first), write_day(found.last)) == ("2025-12-29", "2026-01-11")
    assert found.label == "2026-W01"
    assert (write_day(found.over_on), write_day(found.due)) == ("2026-01-12", "2026-01-19")


def test_a_year_of_53_weeks_shares_its_last_one_with_the_next() -> None:
    found = Fortnight.parse("2026-W53")
    assert (write_day(found.first), write_day(found.last)) == ("2026-12-28", "2027-01-10")


@given(st.integers(11, 2_900_000))
def test_every_day_is_in_one_fortnight_which_its_label_names(day: int) -> None:
    found = Fortnight.of(day)
    assert day in found.days
    assert len(found.days) == 14
    assert Fortnight.parse(found.label) == found
    assert Fortnight.of(found.over_on).first == found.over_on


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("2026-W02", "first week of a fortnight, 2026-W01, got 2026-W02"),
        ("2026-W54", "expected a week like 2026-W01, got '2026-W54'"),
        ("2026-W1", "expected a week like"),
        ("1969-W01", "expected a week like"),
        ("0000-W01", "expected a week like"),
        ("2026-01", "expected a week like"),
        ("٢٠٢٦-W01", "expected a week like"),
    ],
)
def test_a_label_of_no_fortnight_is_refused(label: str, part: str) -> None:
    with pytest.raises(FortnightError, match=part):
        Fortnight.parse(label)


@pytest.mark.parametrize("first", [20_452, -3, 2**53, 2_932_890])
def test_a_fortnight_begins_with_its_first_day(first: int) -> None:
    with pytest.raises(FortnightError, match="first day of a fortnight"):
        Fortnight(first)


@pytest.mark.parametrize("text", ["2026-1-1", "20260101", "2026-02-30", "", "2026-W01-1"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    assert read_day(text) is None


def test_a_day_is_read_as_it_is_written() -> None:
    assert read_day(write_day(20_451)) == 20_451
