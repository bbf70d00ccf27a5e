"""What anybody may be shown of a fortnight's report: totals, and places that pick nobody out. Pure.

What is shown is one list of places, each with its sums over the fortnight, and totals. Everything else on a
page, such as sums by surface, is added up from these and tells nothing new. By day there is only what the
log counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vestibule.ledger.engagement import Table
from vestibule.reports.suppressing import Cells, hidden, total, visible

KINDS: Final = ("app-friend", "friend", "invited")
FORTNIGHT: Final = 0
"""The one column of a table whose sums by day nobody knows."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a button stood, on whatever day."""

    interface: str = ""
    surface: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Both:
    """A count of both sides; `theirs` is None where nothing was filed or it is not shown."""

    ours: int
    theirs: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A place with its sums over the fortnight; None is a number that is not shown.

    Attributes:
        recipients: to how many recipients all its sends went, each as often as something went to it.
        kinds: the same by kind of recipient, those of `KINDS` that are shown.
    """

    place: Place
    sends: Both | None
    recipients: int | None
    kinds: Mapping[str, int]
    clicks: Both | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What anybody may see; None is a number that is not shown, such as a count below the threshold.

    Attributes:
        threshold: below which a count is not shown.
        recipients: of all sends, as many as the log has `send` leaves.
        mutes: how often a recipient wanted to see no more of the partner.
        reports: how often a recipient reported what came.
        lines: the places that are shown, sorted.
    """

    threshold: int
    sends: Both | None
    recipients: int | None
    clicks: Both | None
    mutes: int | None
    reports: int | None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What an edition did not show, for the next one: nobody else may see it.

    Attributes:
        threshold: that of the edition.
        sends: places whose sends and recipients are hidden.
        clicks: places whose clicks are hidden.
        kinds: pairs of a place and a kind of recipient that are hidden.
    """

    threshold: int
    sends: frozenset[Place] = frozenset()
    clicks: frozenset[Place] = frozenset()
    kinds: frozenset[tuple[Place, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Own:
    """What the platform alone counts.

    Attributes:
        recipients: by place, kind of recipient and UTC day number.
    """

    recipients: Mapping[tuple[Place, str], Mapping[int, int]] = field(default_factory=dict)
    mutes: int = 0
    reports: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """All that is counted of a fortnight.

    Attributes:
        ours: the platform's table, the one that is compared.
        own: what only the platform counts.
        filed: the partner's tables by edition, the last one that is to be shown; none if it is missing.
    """

    ours: Table
    own: Own
    filed: tuple[Table, ...] = ()


def show(
    counts: Counts, threshold: int, known: Mapping[Place, int] | None = None, before: Kept | None = None
) -> tuple[Shown, Kept]:
    """Choose what is shown of an edition.

    Args:
        counts: everything.
        threshold: counts from 1 to one less are hidden; a higher one of an earlier edition stands.
        known: places' sends as an earlier period showed them: the smallest are taken for cover first.
        before: what the edition before did not show.

    Raises:
        ThresholdError: if the threshold is below 3.
    """
    kept = before or Kept(threshold)
    threshold = max(threshold, kept.threshold)
    # By day everybody knows the recipients, so maybe the sends; nobody the clicks, or what was filed.
    sends = [_sums(counts.ours, "sends", by_day=True), *(_sums(one, "sends") for one in counts.filed)]
    clicks = [_sums(one, "clicks") for one in (counts.ours, *counts.filed)]
    recipients = _recipients(counts.own)
    places = frozenset(place for table in (*sends, *clicks, recipients) for place in table)
    order = sorted(places, key=lambda place: ((known or {}).get(place, 0), place))
    now = slice(-1, None) if counts.filed else slice(0)
    not_sent = hidden([sends[0], recipients, *sends[1:][now]], order, threshold, kept.sends)
    not_clicked = hidden([clicks[0], *clicks[1:][now]], order, threshold, kept.clicks)
    kinds, not_kinds = _kinds(counts.own, places - not_sent, threshold, kept.kinds)

    def line(place: Place) -> Line:
        is_sent, is_clicked = place not in not_sent, place not in not_clicked
        return Line(
            place,
            sends=_both(sends, place) if is_sent else None,
            recipients=total(recipients, place) if is_sent else None,
            kinds=kinds.get(place, {}),
            clicks=_both(clicks, place) if is_clicked else None,
        )

    shown = Shown(
        threshold,
        sends=_together(sends, not_sent, threshold),
        recipients=visible(sum(total(recipients, place) for place in recipients), threshold),
        clicks=_together(clicks, not_clicked, threshold),
        mutes=visible(counts.own.mutes, threshold),
        reports=visible(counts.own.reports, threshold),
        lines=tuple(one for place in sorted(places) if _says_something(one := line(place))),
    )
    return shown, Kept(threshold, not_sent, not_clicked, not_kinds)


def _sums(table: Table, measure: str, *, by_day: bool = False) -> Cells[Place]:
    """Add up a measure by place, and by day or not; without zeros."""
    sums: dict[Place, dict[int, int]] = {}
    for placed, counted in table.items():
        count = counted.sends if measure == "sends" else counted.clicks
        if count:
            cells = sums.setdefault(Place(placed.interface, placed.surface, placed.variant), {})
            column = placed.day if by_day else FORTNIGHT
            cells[column] = cells.get(column, 0) + count
    return sums


def _recipients(own: Own) -> Cells[Place]:
    sums: dict[Place, dict[int, int]] = {}
    for (place, _), cells in own.recipients.items():
        for day, count in cells.items():
            mine = sums.setdefault(place, {})
            mine[day] = mine.get(day, 0) + count
    return sums


def _kinds(
    own: Own, places: Iterable[Place], threshold: int, before: frozenset[tuple[Place, str]]
) -> tuple[Mapping[Place, Mapping[str, int]], frozenset[tuple[Place, str]]]:
    """Choose kinds of recipients within each shown place, whose recipients are known, by day too."""
    shown: dict[Place, dict[str, int]] = {}
    kept = set(before)
    for place in places:
        table = {kind: own.recipients.get((place, kind), {}) for kind in KINDS}
        unseen = hidden([table], KINDS, threshold, (kind for kind in KINDS if (place, kind) in before))
        shown[place] = {kind: total(table, kind) for kind in KINDS if kind not in unseen}
        kept |= {(place, kind) for kind in unseen}
    return shown, frozenset(kept)


def _both(tables: Sequence[Cells[Place]], place: Place) -> Both:
    return Both(total(tables[0], place), total(tables[-1], place) if len(tables) > 1 else None)


def _together(tables: Sequence[Cells[Place]], unseen: Iterable[Place], threshold: int) -> Both | None:
    """Add up all places, hidden ones too, unless that is too little.

    What was filed is left out where the hidden part of it is a single place, or differs by less than the
    threshold from that of another table: who takes the tables to agree would see what one of them lacks.
    """
    unseen = list(unseen)
    ours = sum(total(tables[0], place) for place in tables[0])
    if visible(ours, threshold) is None:
        return None
    filed = tables[-1] if len(tables) > 1 else None
    if filed is None:
        return Both(ours)
    theirs = sum(total(filed, place) for place in filed)
    rests = [sum(total(table, place) for place in unseen) for table in tables]
    is_telling = any(visible(abs(rests[-1] - rest), threshold) is None for rest in rests)
    is_alone = sum(total(filed, place) > 0 for place in unseen) == 1
    hide = is_telling or is_alone or visible(theirs, threshold) is None
    return Both(ours, None if hide else theirs)


def _says_something(line: Line) -> bool:
    return any(
        both is not None and both != Both(0) and both != Both(0, 0) for both in (line.sends, line.clicks)
    )
