"""A fortnight's table from many events: DuckDB beside Polars and pandas. Events into files, beside Parquet.

All three read the same files, each in a process of its own that may have so much memory and no more.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench import counting, made_events
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.reports import writing
from vestibule.reports.columns import as_parquet
from vestibule.reports.events import FolderEvents
from vestibule.sharing.engagement import Event, stage
from vestibule.sharing.placement import Placement
from vestibule.store import open_store

MOST_GB = 14.0
INGESTED = 20_000
WRITERS = 64
NARROW, WIDE = ("duckdb", "polars", "pandas"), ("duckdb-wide", "polars-wide")


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds, MB and the table's digest."""

    seconds: float
    peak: float
    digest: str


def measure(events: int, rounds: int) -> None:
    """Print how long each engine takes, then how fast events come into files."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
        folder = Path(name)
        began = time.perf_counter()
        files = made_events.write(folder, events)
        size = sum(file.stat().st_size for file in files)
        print(
            f"engagement: {events:,} events of {len(made_events.PARTNERS)} partners in {len(files)} files, ",
            end="",
        )
        print(f"{size / 1e6:,.0f} MB, made in {time.perf_counter() - began:.0f} s; all counts are exact")
        print(f"the table of {counting.PARTNER}, by day and place")
        _in_turn(NARROW, folder, rounds)
        print("the wide table, by campaign and kind of recipient too, with distinct people")
        _in_turn(WIDE, folder, rounds)
    _ingest(rounds)


def _in_turn(engines: Sequence[str], folder: Path, rounds: int) -> None:
    taken: dict[str, list[Taken]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            told = _ask(engine, folder)
            if isinstance(told, Taken):
                taken[engine].append(told)
            else:
                print(f"  {engine:<14} {told}", flush=True)
    for engine, those in taken.items():
        if those:
            seconds, peak = median(one.seconds for one in those), max(one.peak for one in those)
            print(f"  {engine:<14} {seconds:7.1f} s, {peak:8,.0f} MB at most")
    digests = {one.digest for those in taken.values() for one in those}
    assert len(digests) <= 1, f"expected one table, got {len(digests)}"
    print(f"  {sum(map(len, taken.values()))} tables, all identical")


def _ask(engine: str, folder: Path) -> Taken | str:
    """Count in a process of its own; what became of it if it did not live to tell."""
    command = [sys.executable, "-m", "bench.counting", engine, str(folder), "--most", str(MOST_GB)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
        return f"ended with {done.returncode} under a limit of {MOST_GB:.0f} GB: {''.join(said[-1:])[:90]}"
    return Taken(**json.loads(done.stdout))


def _ingest(rounds: int) -> None:
    print(f"ingest: {INGESTED:,} events a round, staged by {WRITERS} writers, a transaction each")
    staged, flushed, bare = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
            seconds = asyncio.run(_through_the_store(Path(name)))
            staged.append(INGESTED / seconds[0])
            flushed.append(INGESTED / seconds[1])
            bare.append(INGESTED / _bare(Path(name)))
    rates = {"staged, durable": staged, "taken into files, durable": flushed}
    alone = median(bare)
    print(f"  {'the same Parquet with nothing else':<38} {alone:>9,.0f}/s")
    for name, rate in rates.items():
        print(f"  {name:<38} {median(rate):>9,.0f}/s, {median(rate) / alone:.2f} of it")


async def _through_the_store(folder: Path) -> tuple[float, float]:
    """Stage events and take them into files; returns the seconds of both."""
    store = await open_store(folder / "data")
    try:
        numbers = iter(range(INGESTED))

        async def write() -> None:
            for number in numbers:
                await store.write(partial(stage, event=_event(number)))

        began = time.perf_counter()
        await asyncio.gather(*(write() for _ in range(WRITERS)))
        between = time.perf_counter()
        taken = await writing.flush(
            store, FolderEvents(folder / "events"), made_events.FORTNIGHT.due * MICROSECONDS_A_DAY
        )
        assert taken == INGESTED
        return between - began, time.perf_counter() - between
    finally:
        await store.close()


def _event(number: int) -> Event:
    at = made_events.FORTNIGHT.first * MICROSECONDS_A_DAY + number * 1_000_000
    placement = Placement(f"page-{number % 7}", "web", "ab"[number % 2])
    return Event("send", "marquee", at, placement, "spring", "friend", person=number.to_bytes(16, "big"))


def _bare(folder: Path) -> float:
    """Write what was taken into files once more, without a store and without waiting for the disk."""
    import pyarrow.parquet as pq  # noqa: PLC0415  (half a second, when nothing is measured yet)

    batches = [pq.read_table(path).to_pylist() for path in sorted((folder / "events").glob("*/*.parquet"))]
    began = time.perf_counter()
    for number, rows in enumerate(batches):
        (folder / f"{number}.parquet").write_bytes(as_parquet(rows))
    return time.perf_counter() - began
