"""Somebody who knows the zeros and what is public, and works out exactly what each count may be.

By linear programming over fractions: the simplex algorithm with Bland's rule, which knows nothing of how
counts are hidden.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

Name = Any
"""What names an unknown; hashable."""
Equation = tuple[Mapping[Name, int], int]
"""Coefficients by unknown, and what they come to."""


class ContradictionError(Exception):
    """No numbers satisfy the equations."""


def bounds(
    unknown: Sequence[Name], equations: Iterable[Equation], asked: Mapping[Name, int]
) -> tuple[int, int]:
    """Give the least and the most that a sum of unknowns may be, each of which is 1 or more.

    Rounded inwards to whole numbers.
    """
    # Each unknown is 1 more than a variable that is 0 or more.
    rows = [
        ([Fraction(of.get(name, 0)) for name in unknown], Fraction(value - sum(of.values())))
        for of, value in equations
    ]
    wanted = [Fraction(asked.get(name, 0)) for name in unknown]
    offset = sum(asked.values())
    least = offset + _minimum(rows, wanted)
    most = offset - _minimum(rows, [-one for one in wanted])
    return -int(-least // 1), int(most // 1)


def _minimum(rows: Sequence[tuple[list[Fraction], Fraction]], wanted: Sequence[Fraction]) -> Fraction:
    """Minimise `wanted` over variables that are 0 or more and satisfy the rows; they have to be bounded."""
    width = len(wanted)
    table: list[list[Fraction]] = []
    for nth, (of, value) in enumerate(rows):
        sign = -1 if value < 0 else 1
        slack = [Fraction(int(nth == at)) for at in range(len(rows))]
        table.append([sign * one for one in of] + slack + [sign * value])
    basis = [width + nth for nth in range(len(rows))]
    goal = [-sum((row[at] for row in table), Fraction(0)) for at in range(width)]
    first = goal + [Fraction(0)] * len(rows) + [-sum((row[-1] for row in table), Fraction(0))]
    _descend(table, basis, first, width)
    if first[-1] != 0:
        raise ContradictionError
    for nth, at in enumerate(basis):
        if at >= width:
            found = next((column for column in range(width) if table[nth][column]), None)
            if found is not None:
                _pivot(table, basis, first, nth, found)
    last = [*wanted, *[Fraction(0)] * len(rows), Fraction(0)]
    for nth, at in enumerate(basis):
        if last[at]:
            times = last[at]
            last = [one - times * other for one, other in zip(last, table[nth], strict=True)]
    _descend(table, basis, last, width)
    return -last[-1]


def _descend(table: list[list[Fraction]], basis: list[int], goal: list[Fraction], width: int) -> None:
    while (column := next((at for at in range(width) if goal[at] < 0), None)) is not None:
        ratios = [
            (row[-1] / row[column], basis[nth], nth) for nth, row in enumerate(table) if row[column] > 0
        ]
        if not ratios:
            raise OverflowError("expected bounded unknowns, got one without an end")
        _pivot(table, basis, goal, min(ratios)[2], column)


def _pivot(
    table: list[list[Fraction]], basis: list[int], goal: list[Fraction], nth: int, column: int
) -> None:
    pivot = table[nth][column]
    row = table[nth] = [one / pivot for one in table[nth]]
    for other in [*(one for one in table if one is not row), goal]:
        if times := other[column]:
            other[:] = [one - times * mine for one, mine in zip(other, row, strict=True)]
    basis[nth] = column
