from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger.engagement import Counted, Placed
from vestibule.reports.comparing import Compared, Row, compare, verdict

WEB, TV = Placed(20_451, "web", "title", "a"), Placed(20_451, "tv", "title", "a")
COUNTS = st.integers(0, 2**53 - 1)


def test_rows_are_put_side_by_side_and_an_absent_one_counted_nothing() -> None:
    rows = compare({WEB: Counted(10, 4)}, {TV: Counted(1, 0), WEB: Counted(9, 5)})
    assert list(rows.items()) == [
        (TV, Row(Compared(0, 1), Compared(0, 0))),
        (WEB, Row(Compared(10, 9), Compared(4, 5))),
    ]
    assert rows[WEB].sends.absolute == -1
    assert rows[WEB].sends.percent == 10
    assert rows[WEB].clicks.percent == 20
    assert rows[TV].sends.percent == 100


def test_the_difference_is_exact() -> None:
    assert Compared(3, 2).percent == Fraction(100, 3)
    assert Compared(0, 0).percent == 0


@pytest.mark.parametrize(
    ("theirs", "tolerance", "expected"),
    [(95, 5, "agrees"), (94, 5, "differs"), (105, 4, "differs"), (105, 5, "agrees"), (100, 0, "agrees")],
)
def test_a_tolerance_is_a_part_of_the_larger_count(theirs: int, tolerance: int, expected: str) -> None:
    assert verdict(compare({WEB: Counted(100, 0)}, {WEB: Counted(theirs, 0)}), tolerance) == expected


def test_one_row_out_of_bounds_is_enough() -> None:
    ours = {WEB: Counted(100, 50), TV: Counted(100, 50)}
    assert verdict(compare(ours, ours | {TV: Counted(100, 49)}), 1) == "differs"
    assert verdict(compare(ours, ours | {TV: Counted(100, 49)}), 2) == "agrees"


def test_two_empty_tables_agree() -> None:
    assert verdict(compare({}, {}), 0) == "agrees"


@given(COUNTS, COUNTS, st.integers(0, 100))
def test_who_is_first_makes_no_difference(one: int, other: int, tolerance: int) -> None:
    assert Compared(one, other).is_within(tolerance) == Compared(other, one).is_within(tolerance)
    assert Compared(one, other).percent <= 100
