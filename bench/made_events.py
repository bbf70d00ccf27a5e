"""Engagement events that never happened, as many as one likes: a fortnight of Parquet, a file for each day.

Few partners, places, campaigns and people have most of what happens, and Fridays more than Sundays. The same
size and seed make the same events.
"""

import binascii
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.reports.columns import schema
from vestibule.reports.events import SUFFIX

FORTNIGHT = Fortnight.parse("2026-W01")
PARTNERS = ("marquee", "jukebox", "gazette", "shelf", "atlas", "pitch")
INTERFACES = ("web", "android", "tv_2", "")
SURFACES = (*(f"page-{number}" for number in range(7)), "")
VARIANTS = ("a", "b", "friends.first", "")
CAMPAIGNS = ("", *(f"campaign_{number}" for number in range(5)))
RECIPIENT_KINDS = ("friend", "app-friend", "invited", "")
KINDS = {"dialog": 0.24, "send": 0.31, "delivery": 0.29, "click": 0.13, "mute": 0.02, "report": 0.01}
UNCOUNTED = 0.15
"""Of the clicks."""
A_DAY = (1.1, 1.0, 1.0, 1.05, 1.2, 0.9, 0.8)
"""Monday to Sunday, how much of it."""
ROW_GROUP = 1 << 19
PER_PERSON = 20
"""Events for each person, on average."""

Numbers = npt.NDArray[np.int64]


def write(folder: Path, events: int, seed: int = 1) -> list[Path]:
    """Write so many events, where `FolderEvents` looks for them; returns the files."""
    chance = np.random.default_rng(seed)
    people = _people(chance, max(10, events // PER_PERSON))
    share = events / (2 * sum(A_DAY))
    paths = []
    for day in FORTNIGHT.days:
        table = of_day(chance, people, day, round(share * A_DAY[(day - FORTNIGHT.first) % 7]))
        path = folder / write_day(day) / f"1{SUFFIX}"
        path.parent.mkdir(parents=True)
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)
        paths.append(path)
    return paths


def of_day(chance: np.random.Generator, people: pa.Array, day: int, rows: int) -> pa.Table:
    """Make a day's events, in the order in which they happened."""
    kind = chance.choice(len(KINDS), rows, p=list(KINDS.values()))
    names = list(KINDS)
    is_click = kind == names.index("click")
    at = np.sort(chance.integers(0, MICROSECONDS_A_DAY, rows)) + day * MICROSECONDS_A_DAY
    person = people.take(pa.array((len(people) * chance.random(rows) ** 3).astype(np.int64)))
    return pa.table(
        [
            pa.array(np.full(rows, day, np.int32)),
            pa.array(at * 256 + np.arange(rows) % 256),
            _words(PARTNERS, _skewed(chance, len(PARTNERS), rows, 1.5)),
            _words(names, kind),
            _words(INTERFACES, _skewed(chance, len(INTERFACES), rows, 1.2)),
            _words(SURFACES, _skewed(chance, len(SURFACES), rows, 1.2)),
            _words(VARIANTS, _skewed(chance, len(VARIANTS), rows, 0.7)),
            _words(CAMPAIGNS, _skewed(chance, len(CAMPAIGNS), rows, 1.1)),
            _words(RECIPIENT_KINDS, _skewed(chance, len(RECIPIENT_KINDS), rows, 0.9)),
            pa.array(~(is_click & (chance.random(rows) < UNCOUNTED))),
            _none_where(kind == names.index("dialog"), person),
        ],
        schema=schema(),
    )


def _people(chance: np.random.Generator, number: int) -> pa.Array:
    """Give keys of people, as the platform makes them: 16 bytes as hexadecimal digits."""
    digits = binascii.hexlify(chance.bytes(16 * number))
    return (
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), number, [None, pa.py_buffer(digits)])
        .cast(pa.binary())
        .cast(pa.string())
    )


def _none_where(nobody: npt.NDArray[np.bool_], person: pa.Array) -> pa.Array:
    if_else: Any = importlib.import_module(
        "pyarrow.compute"
    ).if_else  # which makes its functions when imported
    return if_else(pa.array(nobody), "", person)


def _skewed(chance: np.random.Generator, most: int, rows: int, by: float) -> Numbers:
    """Choose from 0 up to `most` with the weights 1, 1/2**by, 1/3**by, ..."""
    weights = 1 / np.arange(1, most + 1) ** by
    return chance.choice(most, rows, p=weights / weights.sum())


def _words(words: Sequence[str], chosen: Numbers) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(chosen, pa.int32()), pa.array(words)).cast(pa.string())
