"""Where the bars of a chart stand. Geometry only: parts/charts.html has the markup.

Charts are stretched to the width of the page, so that all words stand outside of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vestibule.recorder.public_record import Count, DayKey
from vestibule.web.public.spans import Span

WIDTH = 1000
HEIGHT = 100
FEWEST_DAYS = 14
"""A chart of fewer days is drawn as of so many, or one day would be a wall."""
MOST_DAYS = 400
FAR = 730
"""Days ahead that a timeline shows at most; what ends later runs to its edge."""
LEAST_SHARE = 0.02
"""Part of the height below which no bar falls: one event in a thousand is still seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, and what it stands for.

    Attributes:
        day: the UTC day, or the first of several.
        value: the number that it shows.
    """

    x: float
    y: float
    width: float
    height: float
    day: int
    value: int


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of one number a day.

    Attributes:
        first_day: the leftmost.
        last_day: the rightmost.
        most: the largest number, as high as the chart.
    """

    first_day: int
    last_day: int
    most: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of a timeline: one scope's spans."""

    scope: str
    bars: tuple[tuple[Bar, Span], ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Privileges over time; `now` is where today stands."""

    first_day: int
    last_day: int
    now: float
    lanes: tuple[Lane, ...]


def charted_days(first_day: int, today: int) -> range:
    """Choose the days that charts and tables show: all since a day, but no more than fit and no fewer."""
    days = min(max(today - first_day + 1, FEWEST_DAYS), MOST_DAYS)
    return range(today - days + 1, today + 1)


def columns(daily: Mapping[DayKey, Count], kind: str, op: str, basis: str, days: range) -> Columns:
    """Draw the events of one kind, operation and basis, a bar for each day that has any."""
    counts = {day: daily[key].events for day in days if (key := (day, kind, op, basis)) in daily}
    most = max(counts.values(), default=0)
    step = WIDTH / len(days)
    bars = []
    for day, value in counts.items():
        height = round(HEIGHT * max(value / most, LEAST_SHARE), 2)
        x = round((day - days.start) * step + 0.1 * step, 2)
        bars.append(Bar(x, round(HEIGHT - height, 2), round(0.8 * step, 2), height, day, value))
    return Columns(days.start, days.stop - 1, most, tuple(bars))


def timeline(spans: Iterable[Span], today: int) -> Timeline | None:
    """Draw privileges as bars from their first day to their last; None if there are none."""
    spans = tuple(spans)
    if not spans:
        return None
    first = min(span.leaf.day for span in spans)
    last = min(max(today, *(span.last_day for span in spans)), today + FAR)
    step = WIDTH / (last - first + 1)

    def bar(span: Span) -> Bar:
        start, end = span.leaf.day, max(min(span.last_day, last), span.leaf.day)
        x, width = round((start - first) * step, 2), round((end - start + 1) * step, 2)
        return Bar(x, 0.2 * HEIGHT, width, 0.6 * HEIGHT, start, end - start + 1)

    scopes = sorted({span.leaf.scope for span in spans})
    lanes = (
        Lane(scope, tuple((bar(one), one) for one in spans if one.leaf.scope == scope)) for scope in scopes
    )
    return Timeline(first, last, round((today - first + 0.5) * step, 2), tuple(lanes))
