"""`python -m bench.counting`: one engine counts a fortnight of events from a folder, in a process of its own.

Prints, as JSON, how long it took, the most memory that the process had, and a digest of the table, which has
to be the same for all of them.
"""

import argparse
import hashlib
import importlib
import json
import re
import resource
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.made_events import FORTNIGHT, PARTNERS
from vestibule.ledger.engagement import Counted, Placed, Table, canonical
from vestibule.reports.events import FolderEvents
from vestibule.reports.recomputing import MEASURES, PLACE, WIDE, table_of, wide_table_of

PARTNER = PARTNERS[0]
NEEDED = (*PLACE, "partner", "kind", "counted")
DISTINCT = {"recipients": "send", "clickers": "click"}
MEASURED = {
    "dialogs": "dialog",
    "sends": "send",
    "deliveries": "delivery",
    "clicks": "click",
    "mutes": "mute",
    "reports": "report",
}
"""Counts of the wide table, and the kind of event that each counts."""


def duckdb(folder: Path) -> bytes:
    """As the platform does it, with its limit of memory."""
    return canonical(table_of(FolderEvents(folder), PARTNER, FORTNIGHT))


def duckdb_wide(folder: Path) -> bytes:
    """As the platform does it, with its limit of memory."""
    return _digestible(wide_table_of(FolderEvents(folder), PARTNER, FORTNIGHT))


def polars(folder: Path) -> bytes:
    """Lazily, with the streaming engine."""
    import polars as pl  # noqa: PLC0415  (each process loads its own engine alone)

    dialog, click = (pl.col("kind") == kind for kind in ("dialog", "click"))
    asked = (
        _scanned(folder)
        .filter(pl.col("counted") & (pl.col("partner") == PARTNER) & (dialog | click))
        .group_by(PLACE)
        .agg(sends=dialog.sum(), clicks=click.sum())
    )
    return canonical(_table(asked.collect(engine="streaming").to_dicts()))


def polars_wide(folder: Path) -> bytes:
    """Lazily, with the streaming engine; distinct people exactly, as the others."""
    import polars as pl  # noqa: PLC0415  (as above)

    kind, person = pl.col("kind"), pl.col("person")
    counts = {name: (kind == of).sum() for name, of in MEASURED.items()}
    counts |= {name: person.filter(kind == of).n_unique() for name, of in DISTINCT.items()}
    asked = (
        _scanned(folder)
        .filter(pl.col("counted") & (pl.col("partner") == PARTNER))
        .group_by(WIDE)
        .agg(**counts)
        .sort(WIDE)
    )
    return _digestible(asked.collect(engine="streaming").to_dicts())


def pandas(folder: Path) -> bytes:
    """The columns that are needed, all rows of them in memory."""
    pd: Any = importlib.import_module("pandas")  # it does not say its types
    events = pd.read_parquet(folder, columns=list(NEEDED))
    ours = events[events["counted"] & (events["partner"] == PARTNER)]
    ours = ours[ours["kind"].isin(["dialog", "click"])]
    ours = ours.assign(sends=ours["kind"] == "dialog", clicks=ours["kind"] == "click")
    counted = ours.groupby(list(PLACE), as_index=False)[["sends", "clicks"]].sum()
    return canonical(_table(counted.to_dict("records")))


ENGINES: Mapping[str, tuple[str, Callable[[Path], bytes]]] = {
    "duckdb": ("ibis.backends.duckdb", duckdb),
    "polars": ("polars", polars),
    "pandas": ("pandas", pandas),
    "duckdb-wide": ("ibis.backends.duckdb", duckdb_wide),
    "polars-wide": ("polars", polars_wide),
}
"""What each loads first, which is not measured."""


def _scanned(folder: Path) -> Any:
    import polars as pl  # noqa: PLC0415  (as above)

    return pl.scan_parquet(FolderEvents(folder).of(FORTNIGHT.days))


def _table(rows: Iterable[Mapping[Any, Any]]) -> Table:
    return {
        Placed(*(row[name] for name in PLACE)): Counted(int(row["sends"]), int(row["clicks"])) for row in rows
    }


def _digestible(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return json.dumps([[row[name] for name in (*WIDE, *MEASURES)] for row in rows]).encode()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.counting", description=__doc__)
    parser.add_argument("engine", choices=tuple(ENGINES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=float, required=True, help="GB of memory it may have")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_DATA, (int(args.most * 1e9), int(args.most * 1e9)))
    loaded, count = ENGINES[args.engine]
    importlib.import_module(loaded)
    began = time.perf_counter()
    counted = count(args.folder)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak": _peak(), "digest": hashlib.sha256(counted).hexdigest()}))


def _peak() -> float:
    """Return the most memory of this program, in MB; `getrusage` would count who started it."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
