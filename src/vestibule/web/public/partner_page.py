"""What a partner's page says of its events: the log's exact counts, whole and by day. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vestibule.ledger.counting import COUNTS_ITEMS
from vestibule.recorder.public_record import Count, DayKey, PartnerRecord

UNUSED_DAYS = 90
KINDS = {
    "grant": "A person let it",
    "end": "A person's connection ended",
    "access": "Read through a connection",
    "exposure": "Carried something of another member",
    "send": "Sent through it",
    "delete": "Deleted through it",
    "refusal": "Asked and was refused",
    "notify": "Was told by webhook",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event was recorded, as far as the public may know: its UTC day and its line."""

    day: int
    index: int


@dataclass(frozen=True, slots=True)
class Row:
    """A partner's events of one kind, operation and basis.

    Attributes:
        items: messages, None where the log counts none.
    """

    words: str
    kind: str
    op: str
    basis: str
    events: int
    items: int | None
    first: Moment
    last: Moment


@dataclass(frozen=True, slots=True)
class Daily:
    """The same for one UTC day."""

    day: int
    row: Row


@dataclass(frozen=True, slots=True)
class Unused:
    """A privilege that nobody made use of for `UNUSED_DAYS` or longer.

    Attributes:
        last_day: the last UTC day on which something was read, sent or deleted under it; None for never.
        live: how many connections let the partner all the same, at most.
    """

    scope: str
    last_day: int | None
    live: int


def unused_of(record: PartnerRecord, scopes: Iterable[str], today: int) -> tuple[Unused, ...]:
    """List those of the held privileges that the log counts no use of, from its public totals alone."""
    last: dict[str, int] = {}
    for day, kind, op, _ in record.daily:
        if kind in COUNTS_ITEMS:
            last[op] = max(day, last.get(op, day))
    return tuple(
        Unused(scope, last.get(scope), record.lives.get(scope, (0, 0))[0])
        for scope in sorted(scopes)
        if scope not in last or last[scope] <= today - UNUSED_DAYS
    )


def rows_of(record: PartnerRecord) -> tuple[Row, ...]:
    """List a partner's counts over all days, in the order of `KINDS`."""
    by_key: dict[tuple[str, str, str], dict[DayKey, Count]] = {}
    for key, count in record.daily.items():
        by_key.setdefault(key[1:], {})[key] = count
    return tuple(sorted((_row(days) for days in by_key.values()), key=_place))


def daily_rows(record: PartnerRecord, days: range) -> tuple[Daily, ...]:
    """List a partner's counts for each of some days that has any, the newest day first."""
    found = [Daily(key[0], _row({key: count})) for key, count in record.daily.items() if key[0] in days]
    return tuple(sorted(found, key=lambda daily: (-daily.day, _place(daily.row))))


def of_kind(rows: Iterable[Row], kind: str) -> Row | None:
    """Add up what a partner did of one kind, whatever the operation; None if nothing."""
    found = [row for row in rows if row.kind == kind]
    if not found:
        return None
    return Row(
        words=KINDS.get(kind, kind),
        kind=kind,
        op="",
        basis="",
        events=sum(row.events for row in found),
        items=sum(row.items or 0 for row in found) if kind in COUNTS_ITEMS else None,
        first=min((row.first for row in found), key=lambda moment: moment.index),
        last=max((row.last for row in found), key=lambda moment: moment.index),
    )


def _row(days: Mapping[DayKey, Count]) -> Row:
    """Add up the days of one kind, operation and basis."""
    first, last = min(days), max(days)
    _, kind, op, basis = first
    return Row(
        words=KINDS.get(kind, kind),
        kind=kind,
        op=op,
        basis=basis,
        events=sum(count.events for count in days.values()),
        items=sum(count.items for count in days.values()) if kind in COUNTS_ITEMS else None,
        first=Moment(first[0], days[first].first),
        last=Moment(last[0], days[last].last),
    )


def _place(row: Row) -> tuple[int, str, str]:
    order = list(KINDS)
    return (order.index(row.kind) if row.kind in order else len(order), row.op, row.basis)
