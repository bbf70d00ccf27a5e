"""Which counts stay hidden, so that the shown ones do not tell how small a small one is. Pure.

A table has rows, some of them hidden, and columns, of which everybody may know the sums: the log has every
day's. A row that is shown is shown as one number, its sum over the columns. The hidden ones are shown as
one number all together, with no word on which and how many they are. Everybody may know where there are
zeros, too.

With a threshold t, a row is *small* if it has anything, but not t - 1 more than it must have: 1 in each
column in which it has anything. In a table of one column that is 1 to t - 1. Hidden is

1. every row that is small in any of the tables that are shown side by side;
2. what an earlier edition did not show;
3. for each table with small rows a *cover*, and every row that was tried for it in vain.

Cover is the first row that is not small, has something in every column in which small ones have, and
enough: in a column where k small rows have anything, they and the cover come to k(t - 1) + 2 or more; and
in all columns together to more than the most that they could have as small rows, and t - 1 more than the
cover must have. If there is none, every row is hidden.

So the small rows could be any other small rows with zeros in the same places: the cover takes up the
difference, keeps something in each of its columns, and is no small row itself. The columns' sums, the shown
rows, and all zeros stay as they are, and the condition holds as before. Of a small row nobody learns more
than that it is one.

The order in which rows are tried must be known to everybody beforehand. If the smallest came first, the
choice would say something about the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

from vestibule.reports.errors import ThresholdError

THRESHOLD: Final = 10
LEAST_THRESHOLD: Final = 3
"""Below it a small row has one value only, and hiding it hides nothing."""

R = TypeVar("R")

Cells = Mapping[R, Mapping[int, int]]
"""A table: for each row its counts by column; what is not there is 0."""


def hidden(
    tables: Sequence[Cells[R]], order: Sequence[R], threshold: int, before: Iterable[R] = ()
) -> frozenset[R]:
    """Choose the rows that stay hidden in all of some tables.

    Args:
        tables: what is shown side by side, with the same rows.
        order: every row, in an order that does not depend on these counts.
        threshold: t; a count from 1 to t - 1 is small.
        before: what was hidden in an earlier edition of these tables.

    Raises:
        ThresholdError: if the threshold is below 3.
    """
    need_threshold(threshold)
    small = {row for table in tables for row in table if is_small(table, row, threshold)}
    found = small | set(before)
    for table in tables:
        tried = _covering(table, order, threshold)
        if tried is None:
            return frozenset(order) | found
        found |= tried
    return frozenset(found)


def total(table: Cells[R], row: R) -> int:
    """Add up a row; 0 if it is not there."""
    return sum(table.get(row, {}).values())


def is_small(table: Cells[R], row: R, threshold: int) -> bool:
    """Say whether a row is hidden for its size: it has something, but no t - 1 more than it must have."""
    return 0 < total(table, row) < _least(table, row) + threshold - 1


def visible(count: int, threshold: int) -> int | None:
    """Give a count that stands alone, which no other number that is known comes near; None if it is small."""
    return None if 0 < count < threshold else count


def need_threshold(threshold: int) -> None:
    """Require a threshold that hides something.

    Raises:
        ThresholdError: if it is below 3.
    """
    if threshold < LEAST_THRESHOLD:
        raise ThresholdError(f"threshold: expected {LEAST_THRESHOLD} or more, got {threshold}")


def _covering(table: Cells[R], order: Sequence[R], threshold: int) -> frozenset[R] | None:
    """Give the cover of a table's small rows with all that was tried before it; None if there is none."""
    small = [row for row in table if is_small(table, row, threshold)]
    columns = {column for row in small for column, count in table[row].items() if count}
    tried: set[R] = set()
    for row in order if small else ():
        cells = table.get(row, {})
        if row in small or not all(cells.get(column) for column in columns):
            continue
        tried.add(row)
        if _is_cover(table, row, small, threshold):
            return frozenset(tried)
    return None if small else frozenset()


def _is_cover(table: Cells[R], cover: R, small: Sequence[R], threshold: int) -> bool:
    most = threshold - 1
    for column in {column for row in small for column in table[row]}:
        counts = [count for row in small if (count := table[row].get(column, 0))]
        if counts and table[cover][column] + sum(counts) < len(counts) * most + 2:
            return False
    at_most = sum(_least(table, row) + most - 1 for row in small)
    together = total(table, cover) + sum(total(table, row) for row in small)
    return together > at_most + _least(table, cover) + most


def _least(table: Cells[R], row: R) -> int:
    """Give what a row has at least, for who knows in which columns it has anything: 1 in each."""
    return sum(count > 0 for count in table.get(row, {}).values())
