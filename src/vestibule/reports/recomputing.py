"""The tables of a fortnight, counted from the events: one Ibis expression each, for every engine.

What makes rows identical everywhere: whole numbers only, exact distinct counts, an order without ties.
"""

import tempfile
from collections.abc import Callable
from typing import Any, Final

from vestibule.ledger.engagement import Counted, Placed, Table
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports.columns import schema
from vestibule.reports.events import Events

PLACE: Final = ("day", "interface", "surface", "variant")
WIDE: Final = (*PLACE, "campaign", "recipient_kind")
MEASURES: Final = ("dialogs", "sends", "recipients", "deliveries", "clicks", "clickers", "mutes", "reports")
MEMORY: Final = "512MB"

Columns = Any
"""An `ibis.Table`: what it says of its columns' types, no type checker can use."""


def expression(events: Columns, partner: str, fortnight: Fortnight) -> Columns:
    """Count what both sides can know: dialogs sent and counted clicks, by day and place.

    Args:
        events: columns as in `columns.schema`.
        partner: whose events.
        fortnight: of which days.
    """
    ours = _of(events, partner, fortnight).filter(lambda row: row.kind.isin(["dialog", "click"]))
    counted = ours.group_by(list(PLACE)).agg(
        sends=(ours.kind == "dialog").sum().cast("int64"), clicks=(ours.kind == "click").sum().cast("int64")
    )
    return counted.order_by(list(PLACE))


def wide_expression(events: Columns, partner: str, fortnight: Fortnight) -> Columns:
    """Count what the platform alone knows, too: by campaign and kind of recipient, and how many people."""
    ours = _of(events, partner, fortnight)
    # Counted for each person first: engines take that to disk, which they cannot with sets of people.
    each = ours.group_by([*WIDE, "kind", "person"]).agg(times=ours.count())
    kind, times = each.kind, each.times
    counted = each.group_by(list(WIDE)).agg(
        dialogs=_times(times, kind == "dialog"),
        sends=_times(times, kind == "send"),
        recipients=(kind == "send").sum().cast("int64"),
        deliveries=_times(times, kind == "delivery"),
        clicks=_times(times, kind == "click"),
        clickers=(kind == "click").sum().cast("int64"),
        mutes=_times(times, kind == "mute"),
        reports=_times(times, kind == "report"),
    )
    return counted.order_by(list(WIDE))


def _times(times: Any, where: Any) -> Any:
    return times.sum(where=where).fill_null(0).cast("int64")


def _of(events: Columns, partner: str, fortnight: Fortnight) -> Columns:
    """Keep a partner's events of the fortnight that count."""
    return events.filter(
        lambda row: row.counted & (row.partner == partner) & row.day.between(fortnight.first, fortnight.last)
    )


def table_of(events: Events, partner: str, fortnight: Fortnight) -> Table:
    """Count a fortnight's table. Blocks: call from a thread, and once nothing of it is staged any more."""
    return {
        Placed(*(row[name] for name in PLACE)): Counted(row["sends"], row["clicks"])
        for row in _counted(expression, events, partner, fortnight)
    }


def wide_table_of(events: Events, partner: str, fortnight: Fortnight) -> list[dict[str, Any]]:
    """Count the platform's own table, `WIDE` and `MEASURES` in each row. Blocks, as `table_of`."""
    return _counted(wide_expression, events, partner, fortnight)


def _counted(
    ask: Callable[[Columns, str, Fortnight], Columns],
    events: Events,
    partner: str,
    fortnight: Fortnight,
) -> list[dict[str, Any]]:
    import ibis  # noqa: PLC0415  (with DuckDB two seconds, which a server need not wait for to start)

    # What does not fit into memory goes there; left to itself, DuckDB takes the working directory.
    with tempfile.TemporaryDirectory(prefix="vestibule-counting-") as folder:
        engine = ibis.duckdb.connect(
            memory_limit=MEMORY, temp_directory=folder, preserve_insertion_order=False
        )
        try:
            table = events.read(engine, fortnight.days)
            if table is None:
                table = ibis.memtable(schema().empty_table())
            return list(engine.to_pyarrow(ask(table, partner, fortnight)).to_pylist())
        finally:
            engine.disconnect()
