"""What the pages of engagement reports say and draw, from what is shown of them alone. Pure functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.recorder.public_record import Count, DayKey
from vestibule.reports.comparing import Compared
from vestibule.reports.publishing import Published
from vestibule.reports.reading import Period
from vestibule.reports.showing import KINDS, Both, Line, Shown
from vestibule.web import charts
from vestibule.web.charts import Drawing, Series
from vestibule.web.pages import day as day_words

DIMENSIONS: Final = ("surface", "interface", "variant")
KIND_WORDS: Final[Mapping[str, str]] = {
    "app-friend": "friends who use the app",
    "friend": "other friends",
    "invited": "people who are not members",
}
NO_WORD: Final = "(none)"
ON_RECORD: Final = ("send", "dialog")
"""Kind and operation of what the log counts of recommendations."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A fortnight with what is shown of it, if anything is by now."""

    period: Period
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Both sides' count of one thing, in words that a table has room for."""

    ours: int
    theirs: int | None

    @property
    def absolute(self) -> str:
        """How many more the partner filed, with its sign; empty where that is not shown."""
        return (
            ""
            if self.theirs is None
            else f"{Compared(self.ours, self.theirs).absolute:+d}".replace("+0", "0")
        )

    @property
    def percent(self) -> str:
        """The difference in percent of the larger count; empty where that is not shown."""
        if self.theirs is None:
            return ""
        return f"{float(Compared(self.ours, self.theirs).percent):.1f} %"


@dataclass(frozen=True, slots=True)
class Group:
    """All shown places that share a word, added up; None where nothing of them is shown."""

    word: str
    sends: int | None
    clicks: int | None


@dataclass(frozen=True, slots=True)
class View:
    """Everything on the page of one report.

    Attributes:
        rest: how many sends and clicks were in places that are not shown; None where that is not shown.
        groups: by dimension, with their chart.
        kinds: recipients by kind in the shown places, and their chart.
        days: day numbers with what the log counts, and their chart if that is anything.
    """

    sends: Difference | None
    clicks: Difference | None
    rest_of_sends: int | None
    rest_of_clicks: int | None
    funnel: Drawing | None
    groups: tuple[tuple[str, tuple[Group, ...], Drawing], ...]
    kinds: tuple[tuple[str, int], ...]
    kinds_drawn: Drawing | None
    days: tuple[tuple[int, int], ...]
    days_drawn: Drawing | None


def listed(periods: Iterable[Period], published: Mapping[Fortnight, Published]) -> tuple[Listed, ...]:
    """Put what is shown beside the fortnights, in their order."""
    return tuple(
        Listed(one, there.shown if (there := published.get(one.fortnight)) else None) for one in periods
    )


def trend(rows: Sequence[Listed]) -> Drawing | None:
    """Draw sends and clicks from fortnight to fortnight; None without any."""
    known = [one for one in reversed(rows) if one.shown is not None]
    if not known:
        return None
    series = [
        Series("sends", tuple(_ours(one.shown.sends) if one.shown else None for one in known)),
        Series("clicks", tuple(_ours(one.shown.clicks) if one.shown else None for one in known)),
    ]
    return charts.bars(
        "trend", "Sends and clicks, by fortnight", [one.period.fortnight.label for one in known], series
    )


def view(shown: Shown, fortnight: Fortnight, daily: Mapping[DayKey, Count]) -> View:
    """Say and draw what is shown of a fortnight, beside what the log counts day by day."""
    kinds = tuple((KIND_WORDS[kind], sum(line.kinds.get(kind, 0) for line in shown.lines)) for kind in KINDS)
    kinds = kinds if any(number for _, number in kinds) else ()
    days = tuple((day, _on_record(daily, day)) for day in fortnight.days)
    return View(
        sends=difference(shown.sends),
        clicks=difference(shown.clicks),
        rest_of_sends=_rest(shown.sends, (line.sends for line in shown.lines)),
        rest_of_clicks=_rest(shown.clicks, (line.clicks for line in shown.lines)),
        funnel=_funnel(shown),
        groups=tuple(_grouped(shown, dimension) for dimension in DIMENSIONS if shown.lines),
        kinds=kinds,
        kinds_drawn=_bars("kinds", "Recipients by kind", kinds) if kinds else None,
        days=days,
        days_drawn=_days_drawn(days) if any(count for _, count in days) else None,
    )


def difference(both: Both | None) -> Difference | None:
    """Give a count of both sides for a table."""
    return None if both is None else Difference(both.ours, both.theirs)


def document(period: Period, shown: Shown, rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Give the JSON that is downloaded."""
    return {
        "v": 1,
        "partner": period.partner_id,
        "period": period.fortnight.label,
        "from": write_day(period.fortnight.first),
        "to": write_day(period.fortnight.last),
        "zone": "UTC",
        "editions": [
            {
                "edition": one.number,
                "verdict": one.verdict,
                "late": one.is_late,
                "tolerance": one.tolerance,
                "leaf": one.leaf_index,
            }
            for one in period.editions
            if one.leaf_index is not None
        ],
        "threshold": shown.threshold,
        "mutes": shown.mutes,
        "reports": shown.reports,
        "rows": list(rows),
    }


def _grouped(shown: Shown, dimension: str) -> tuple[str, tuple[Group, ...], Drawing]:
    words = sorted({_word(line, dimension) for line in shown.lines})
    groups = tuple(
        Group(
            word or NO_WORD,
            _sum(shown.lines, dimension, word, lambda line: line.sends),
            _sum(shown.lines, dimension, word, lambda line: line.clicks),
        )
        for word in words
    )
    series = [
        Series("sends", tuple(one.sends for one in groups)),
        Series("clicks", tuple(one.clicks for one in groups)),
    ]
    drawn = charts.bars(f"by-{dimension}", f"By {dimension}", [one.word for one in groups], series)
    return dimension, groups, drawn


def _word(line: Line, dimension: str) -> str:
    return str(getattr(line.place, dimension))


def _sum(lines: Iterable[Line], dimension: str, word: str, take: Callable[[Line], Both | None]) -> int | None:
    found = [both.ours for line in lines if _word(line, dimension) == word and (both := take(line))]
    return sum(found) if found else None


def _funnel(shown: Shown) -> Drawing | None:
    steps = [
        ("dialogs sent", _ours(shown.sends)),
        ("recipients", shown.recipients),
        ("clicks", _ours(shown.clicks)),
    ]
    if all(number is None for _, number in steps):
        return None
    return charts.bars(
        "funnel",
        "From sends to clicks",
        [step for step, _ in steps],
        [Series("number", tuple(number for _, number in steps))],
    )


def _days_drawn(days: Sequence[tuple[int, int]]) -> Drawing:
    labels = [str(day_words(day)) for day, _ in days]
    series = [Series("recommendations", tuple(count for _, count in days))]
    return charts.bars("days", "Recommendations in the log, by day", labels, series)


def _bars(key: str, title: str, numbers: Sequence[tuple[str, int]]) -> Drawing:
    return charts.bars(
        key, title, [word for word, _ in numbers], [Series("recipients", tuple(n for _, n in numbers))]
    )


def _rest(whole: Both | None, parts: Iterable[Both | None]) -> int | None:
    return None if whole is None else whole.ours - sum(one.ours for one in parts if one is not None)


def _ours(both: Both | None) -> int | None:
    return None if both is None else both.ours


def _on_record(daily: Mapping[DayKey, Count], day: int) -> int:
    return sum(
        count.events for (on, kind, op, _), count in daily.items() if (on, kind, op) == (day, *ON_RECORD)
    )
