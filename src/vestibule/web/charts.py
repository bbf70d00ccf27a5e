"""Bars and lines of counts, drawn on the server. Geometry and words only: parts/drawing.html has the markup.

A drawing is stretched to the width of the page, so that its words stand outside of it; a table with the same
numbers belongs under each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 100
LEAST_SHARE = 0.02
"""Part of the height below which no bar falls: one in a thousand is still seen."""
TOPS = (2, 4, 6, 10)
"""What a scale ends at, times a power of ten; each has a half that is whole."""
NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, one for each label of a drawing; None where a number is not shown."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a series; `shown` is false where it stands for a number that is not shown."""

    x: float
    y: float
    width: float
    height: float
    series: int
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a series through neighbouring numbers that are shown, as the data of an SVG path.

    Attributes:
        dot: whether it is a single one.
    """

    path: str
    series: int
    dot: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands over one label, and its numbers in words."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart.

    Attributes:
        key: its id in the page; letters, digits and hyphens.
        title: what it shows.
        description: the same for who cannot see it: sums, and the largest number of each series.
        names: of the series, in the order of their colours.
        scale: the numbers at the top, at half height and at the foot.
        complete: whether every number is shown.
    """

    key: str
    title: str
    description: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    scale: tuple[int, int, int]
    slots: tuple[Slot, ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    complete: bool = True


def bars(key: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Drawing:
    """Draw series as bars side by side over each label.

    Raises:
        ValueError: without labels, or if a series has not one number for each.
    """
    top = _top(series)
    step = _step(labels, series)
    width = 0.8 * step / max(1, len(series))

    def bar(at: int, nth: int, value: int | None) -> Bar:
        x = at * step + 0.1 * step + nth * width
        height = HEIGHT if value is None else HEIGHT * max(value / top, LEAST_SHARE)
        return Bar(_r(x), _r(HEIGHT - height), _r(width), _r(height), nth, shown=value is not None)

    drawn = (
        bar(at, nth, value)
        for nth, one in enumerate(series)
        for at, value in enumerate(one.values)
        if value != 0
    )
    return _drawing(key, title, labels, series, bars=tuple(drawn))


def lines(key: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Drawing:
    """Draw series as lines; a number that is not shown interrupts them.

    Raises:
        ValueError: without labels, or if a series has not one number for each.
    """
    top = _top(series)
    step = _step(labels, series)

    def path(run: Sequence[tuple[int, int]]) -> str:
        points = [f"{_r((at + 0.5) * step)} {_r(HEIGHT - HEIGHT * value / top)}" for at, value in run]
        return f"M{points[0]}h0" if len(points) == 1 else "M" + "L".join(points)

    drawn = (
        Line(path(run), nth, dot=len(run) == 1) for nth, one in enumerate(series) for run in _runs(one.values)
    )
    return _drawing(key, title, labels, series, lines=tuple(drawn))


def _drawing(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    bars: tuple[Bar, ...] = (),
    lines: tuple[Line, ...] = (),
) -> Drawing:
    top, step = _top(series), _step(labels, series)
    slots = (
        Slot(_r(at * step), _r(step), f"{label}: {_numbers(series, at)}") for at, label in enumerate(labels)
    )
    return Drawing(
        key=key,
        title=title,
        description=" ".join(_described(one, labels) for one in series),
        labels=tuple(labels),
        names=tuple(one.name for one in series),
        scale=(top, top // 2, 0),
        slots=tuple(slots),
        bars=bars,
        lines=lines,
        complete=all(value is not None for one in series for value in one.values),
    )


def _numbers(series: Sequence[Series], at: int) -> str:
    said = (f"{one.name} {NOT_SHOWN if one.values[at] is None else one.values[at]}" for one in series)
    return ", ".join(said)


def _described(one: Series, labels: Sequence[str]) -> str:
    shown = [(value, label) for value, label in zip(one.values, labels, strict=True) if value is not None]
    hidden = len(labels) - len(shown)
    left_out = f", {hidden} of {len(labels)} {NOT_SHOWN}" if hidden else ""
    if not shown:
        return f"{one.name}: nothing shown."
    most, label = max(shown, key=lambda pair: pair[0])
    if most == 0:
        return f"{one.name}: none{left_out}."
    total = sum(value for value, _ in shown)
    return f"{one.name}: {total} in all, at most {most} ({label}){left_out}."


def _runs(values: Iterable[int | None]) -> list[list[tuple[int, int]]]:
    """Split numbers where one is not shown; each comes with its place."""
    runs: list[list[tuple[int, int]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((at, value))
    return [run for run in runs if run]


def _step(labels: Sequence[str], series: Sequence[Series]) -> float:
    if not labels:
        raise ValueError("labels: expected one or more, got none")
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"{one.name}: expected {len(labels)} numbers, got {len(one.values)}")
    return WIDTH / len(labels)


def _top(series: Sequence[Series]) -> int:
    """Choose the end of the scale: the first round number that nothing is above."""
    most = max((value for one in series for value in one.values if value is not None), default=0)
    power = 1
    while most > TOPS[-1] * power:
        power *= 10
    return next(top * power for top in TOPS if top * power >= most)


def _r(number: float) -> float:
    return round(number, 2)
