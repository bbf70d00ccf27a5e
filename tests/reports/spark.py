"""`make spark`: asks DuckDB and Spark for the same tables of a fortnight; all of their rows must be equal.

Spark runs twice: within one process, and as a standalone cluster of a master and two workers on loopback.
Each engine is asked in a process of its own. Exits 1 if a row differs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import made_events
from tests.reports.spark_cluster import cluster, connect
from vestibule.reports.events import SUFFIX
from vestibule.reports.recomputing import expression, wide_expression

DUCKDB = "duckdb"
NOBODY = "nobody"
"""A partner without events: its tables are empty."""
TABLES = {"table": expression, "wide table": wide_expression}

Rows = list[dict[str, Any]]
Answers = dict[str, Rows]


def main() -> int:
    """Compare; 0 if all rows are equal."""
    args = _arguments()
    if args.ask:
        return _answer(args.ask, args.folder)
    with tempfile.TemporaryDirectory(prefix="vestibule-spark-") as name:
        folder = Path(name)
        events = folder / "events"
        files = made_events.write(events, args.events)
        size = sum(file.stat().st_size for file in files)
        print(f"{args.events:,} events in {len(files)} files, {size / 1e6:.0f} MB", flush=True)
        ours = _ask("DuckDB", DUCKDB, events)
        equal = _compare(ours, _ask("Spark, local[2]", "local[2]", events))
        with cluster(folder / "cluster") as master:
            of_cluster = _ask("Spark, a standalone master and two workers", master, events)
        equal = _compare(ours, of_cluster) and equal
    return 0 if equal else 1


def _compare(ours: Answers, theirs: Answers) -> bool:
    differing = [table for table in ours if ours[table] != theirs[table]]
    for table in differing:
        pairs = list(zip(ours[table], theirs[table], strict=False))
        first = next((pair for pair in pairs if pair[0] != pair[1]), "one has more rows")
        print(f"  {table} differs: {first}")
    rows = sum(map(len, ours.values()))
    print(f"  identical to DuckDB's: {len(ours) - len(differing)} of {len(ours)} tables", end=", ")
    print(f"{rows:,} rows compared", flush=True)
    return not differing


def _ask(name: str, engine: str, events: Path) -> Answers:
    """Ask an engine in a process of its own; print what it says but the rows."""
    print(name)
    command = [sys.executable, "-m", "tests.reports.spark", "--ask", engine, str(events)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    *told, last = done.stdout.splitlines()
    print("".join(f"  {line}\n" for line in told), end="", flush=True)
    answers: Answers = json.loads(last)
    return answers


def _answer(engine: str, folder: Path) -> int:
    """Print how long an engine took, and in the last line all rows as JSON."""
    began = time.monotonic()
    connection, told = (_duckdb(), list[str]) if engine == DUCKDB else connect(engine)
    events = connection.read_parquet(f"{folder}/*/*{SUFFIX}")
    up, answers = time.monotonic(), {}
    for partner in (*made_events.PARTNERS[:2], NOBODY):
        for name, ask in TABLES.items():
            counted = connection.to_pyarrow(ask(events, partner, made_events.FORTNIGHT))
            answers[f"{name} of {partner}"] = counted.to_pylist()
    took = time.monotonic() - up
    print(f"up in {up - began:.1f} s, {len(answers)} tables in {took:.1f} s")
    print(*told(), json.dumps(answers), sep="\n")
    return 0


def _duckdb() -> Any:
    import ibis  # noqa: PLC0415  (here, because only one engine is in each process)

    return ibis.duckdb.connect()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make spark ARGS=...", description=__doc__)
    parser.add_argument("--events", type=int, default=300_000, help="how many (default: 300000)")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    parser.add_argument("folder", nargs="?", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
