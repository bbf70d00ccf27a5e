"""A partner's use of the platform as charts, from the log's public totals alone. Pure functions."""

from collections.abc import Mapping

from vestibule.recorder.public_record import Count, DayKey, PartnerRecord
from vestibule.web import charts
from vestibule.web.charts import Drawing, Series
from vestibule.web.pages import day as day_words

PARTS = (
    ("reads", "Read through connections", ("access",)),
    ("sends", "Sent: recommendations and messages", ("send",)),
    ("people", "Connections begun and ended", ("grant", "end")),
    ("told", "Told by webhook", ("notify",)),
    ("refusals", "Refused", ("refusal",)),
)
"""A chart each: its id, its title, and the kinds of event in it."""
NAMES: Mapping[str, str] = {
    "access": "Reads",
    "send": "Sent",
    "grant": "Begun",
    "end": "Ended",
    "notify": "Told",
    "refusal": "Refused",
}


def drawings(record: PartnerRecord, days: range) -> tuple[Drawing, ...]:
    """Draw what there is anything of."""
    counts = _counts(record.daily, days)
    labels = [day_words(number) for number in days]
    drawn = []
    for key, title, kinds in PARTS:
        series = [
            Series(NAMES[kind], tuple(counts.get((kind, number), 0) for number in days)) for kind in kinds
        ]
        if any(any(one.values) for one in series):
            drawn.append(charts.bars(key, title, labels, series))
    return tuple(drawn)


def _counts(daily: Mapping[DayKey, Count], days: range) -> dict[tuple[str, int], int]:
    """Add up the events of a kind and day, whatever the operation."""
    counts: dict[tuple[str, int], int] = {}
    for (day, kind, _, _), count in daily.items():
        if day in days:
            counts[kind, day] = counts.get((kind, day), 0) + count.events
    return counts
