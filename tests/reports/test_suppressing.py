"""Attacks on hidden rows: exactly, from what is shown, and by whoever knows the procedure, too."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.an_attacker import Equation, bounds
from vestibule.reports.errors import ThresholdError
from vestibule.reports.suppressing import Cells, hidden, is_small, total, visible

Rows = dict[str, dict[int, int]]
ORDER = ("a", "b", "c", "d", "e", "f")


def one_column(**counts: int) -> Rows:
    return {row: {0: count} for row, count in counts.items()}


def possible(table: Cells[str], unseen: frozenset[str], row: str) -> range:
    """Say what a row may be, for who knows zeros, the columns' sums, and the rows that are not hidden."""
    cells = [(name, column) for name, of in table.items() for column, count in of.items() if count]
    sums = {column: sum(of.get(column, 0) for of in table.values()) for _, column in cells}
    equations: list[Equation] = [
        ({cell: 1 for cell in cells if cell[1] == column}, come_to) for column, come_to in sums.items()
    ]
    equations.extend(
        ({cell: 1 for cell in cells if cell[0] == name}, total(table, name)) for name in table.keys() - unseen
    )
    least, most = bounds(cells, equations, {cell: 1 for cell in cells if cell[0] == row})
    return range(least, most + 1)


def smalls(table: Cells[str], row: str, threshold: int) -> set[int]:
    """Give all that a small row may be, for who knows its zeros."""
    least = sum(count > 0 for count in table[row].values())
    return set(range(least, least + threshold - 1))


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert hidden([one_column(a=10, b=0, c=4_000)], ORDER, 10) == frozenset()


def test_a_small_row_is_hidden_with_another_one_to_cover_it() -> None:
    assert hidden([one_column(a=400, b=9, c=4_000)], ORDER, 10) == {"a", "b"}


def test_which_one_covers_is_a_matter_of_the_order_and_not_of_size() -> None:
    table = one_column(a=400, b=9, c=4_000)
    assert hidden([table], ("c", "b", "a"), 10) == {"b", "c"}


def test_what_is_too_little_to_cover_is_hidden_as_well() -> None:
    table = one_column(a=11, b=1, c=4_000)
    assert hidden([table], ORDER, 10) == {"a", "b", "c"}
    assert possible(table, frozenset({"a", "b"}), "b") == range(1, 12)


def test_without_cover_everything_is_hidden() -> None:
    assert hidden([one_column(a=10, b=9)], ORDER, 10) == set(ORDER)


def test_a_row_that_may_be_known_to_have_something_each_day_is_small_a_little_longer() -> None:
    assert not is_small({"a": {1: 10}}, "a", 10)
    assert is_small({"a": {1: 5, 2: 5}}, "a", 10)
    assert not is_small({"a": {1: 5, 2: 6}}, "a", 10)
    assert not is_small({"a": {}}, "a", 10)


def test_a_cover_has_enough_on_each_day_on_which_a_small_row_has_anything() -> None:
    table = {"a": {1: 100, 2: 5}, "b": {2: 3}, "c": {1: 50, 2: 50}}
    assert hidden([table], ORDER, 10) == {"a", "b", "c"}
    assert hidden([{**table, "b": {1: 3}}], ORDER, 10) == {"a", "b"}


def test_what_is_small_in_one_of_two_tables_is_hidden_in_both() -> None:
    ours, theirs = one_column(a=400, b=90, c=50), one_column(a=400, b=90, c=5)
    assert hidden([ours, theirs], ORDER, 10) == {"a", "c"}


def test_what_was_hidden_once_stays_hidden() -> None:
    assert hidden([one_column(a=400, b=90)], ORDER, 10, before={"b", "a"}) == {"a", "b"}


@pytest.mark.parametrize("threshold", [-1, 0, 1, 2])
def test_a_threshold_that_hides_nothing_is_refused(threshold: int) -> None:
    with pytest.raises(ThresholdError, match=f"threshold: expected 3 or more, got {threshold}"):
        hidden([one_column(a=1)], ORDER, threshold)


def test_a_count_that_stands_alone_is_visible_unless_it_is_small() -> None:
    assert [visible(count, 10) for count in (0, 1, 9, 10)] == [0, None, None, 10]


def test_the_attacker_finds_out_what_is_hidden_without_cover() -> None:
    table = {"a": {2: 30}, "b": {2: 3}, "c": {1: 50}}
    assert possible(table, frozenset({"b"}), "b") == range(3, 4)
    # c is no cover: it has nothing on the second day.
    assert possible(table, frozenset({"b", "c"}), "b") == range(3, 4)
    assert set(possible(table, hidden([table], ORDER, 10), "b")) >= smalls(table, "b", 10)


COUNTS = st.one_of(st.integers(0, 3), st.integers(0, 12), st.integers(0, 200))


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    columns = range(draw(st.integers(1, 4)))
    rows = ORDER[: draw(st.integers(2, 5))]
    return {row: {column: draw(COUNTS) for column in columns} for row in rows}


@given(tables(), st.sampled_from([3, 5, 10]), st.permutations(ORDER))
def test_a_hidden_small_row_may_be_any_small_number(
    table: Rows, threshold: int, order: Sequence[str]
) -> None:
    unseen = hidden([table], order, threshold)
    for row in table:
        if is_small(table, row, threshold):
            assert row in unseen
            if not unseen.issuperset(table):
                assert set(possible(table, unseen, row)) >= smalls(table, row, threshold)


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(1, total - parts + 2):
        yield from ((first, *rest) for rest in splits(total - first, parts - 1))


def every_table(zeros: Sequence[tuple[int, ...]], sums: Sequence[int]) -> list[Rows]:
    """List all tables with zeros in the given places (0 for a zero) and the given sums of columns."""
    columns = [
        [dict(zip(rows, split, strict=True)) for split in splits(sums[column], len(rows))]
        for column in range(len(sums))
        for rows in [[row for row, of in zip(ORDER, zeros, strict=False) if of[column]]]
    ]
    return [
        {
            row: {column: cells[row] for column, cells in enumerate(choice) if row in cells}
            for row in ORDER[: len(zeros)]
        }
        for choice in itertools.product(*columns)
    ]


def check_against_who_knows_the_procedure(worlds: Sequence[Rows], threshold: int) -> int:
    """Do what is done to every world that is possible, and see which ones look the same.

    Returns:
        How many rows were attacked that are hidden beside shown ones.
    """
    same = defaultdict[tuple[frozenset[str], tuple[tuple[str, int], ...]], list[Rows]](list)
    for table in worlds:
        unseen = hidden([table], ORDER, threshold) & frozenset(table)
        shown = tuple((row, total(table, row)) for row in table if row not in unseen)
        same[unseen, shown].append(table)
    attacked = 0
    for (unseen, shown), alike in same.items():
        for row in sorted(unseen):
            found = {total(table, row) for table in alike}
            beforehand = {total(table, row) for table in worlds}
            small = smalls(alike[0], row, threshold)
            if found & small:
                assert found >= (small if shown else small & beforehand)
            attacked += bool(shown)
            assert len(found) > 1 or len(beforehand) == 1
    return attacked


@pytest.mark.parametrize(("rows", "threshold"), [(3, 3), (4, 3), (3, 4)])
def test_who_knows_the_procedure_learns_no_more(rows: int, threshold: int) -> None:
    worlds = (every_table([(1,)] * rows, [number]) for number in range(rows, 21))
    assert sum(check_against_who_knows_the_procedure(world, threshold) for world in worlds)


def test_who_knows_the_procedure_and_the_days_learns_no_more() -> None:
    attacked = 0
    for zeros in itertools.product([(1, 0), (0, 1), (1, 1)], repeat=3):
        if all(any(of[column] for of in zeros) for column in (0, 1)):
            for sums in [(3, 9), (7, 7), (9, 4)]:
                attacked += check_against_who_knows_the_procedure(every_table(zeros, sums), 3)
    assert attacked
