"""Leaves appended with receipt, in process and over HTTP.

Beside the bare loop of hashing, signing and committing, pymerkle's SQLite tree, and a bare HTTP handler.
"""

import asyncio
import secrets
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from pathlib import Path

from pymerkle import SqliteTree  # type: ignore[import-untyped]  # it has no types

from bench import load, report, servers
from bench.load import Result
from vestibule.ledger import tags
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.keys import LogKeys, load_keys
from vestibule.recorder.recorder import Recorder
from vestibule.store import FolderBlobs, Store, Tx, open_store
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import leaf_hash

IN_FLIGHT = 256
LEAVES = 20_480  # a whole number of bare batches
SINGLE = 2_048
CONNECTIONS = 128
REQUESTS = 12_800
PEOPLE = 64
ADD = "insert into entry (log_id, idx, leaf) values ('bare', :idx, :leaf)"


def measure(rounds: int) -> None:
    """Print appends, the bare loop and pymerkle in turn, and their ratios; then the same over HTTP."""
    print(f"leaves: {IN_FLIGHT} appends in flight, {LEAVES} leaves a round, every one synced to disk")
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        found = runner.run(_measure(Path(folder), rounds))
    bare_rate = report.line("bare loop: hash, sign, commit", found.bare)
    rate = report.line("append: tag, commitment, tiles, receipt too", found.appended)
    single = report.line("pymerkle, an append a commit, no proof", found.single)
    bulk = report.line(f"pymerkle, {IN_FLIGHT} appends a commit, no proof", found.bulk)
    print(f"  ratio to bare {rate / bare_rate:.2f}, to pymerkle {rate / single:.1f} and {rate / bulk:.2f}")
    _measure_over_http(rounds)


def _measure_over_http(rounds: int) -> None:
    """Print appends with receipt a request beside the bare handler of the same server."""
    print(f"leaves over HTTP: {CONNECTIONS} connections, {REQUESTS} requests a round")
    bare, appended = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.running(servers.serve_raw) as raw,
        servers.running(servers.serve_appending, Path(folder)) as port,
    ):
        for _ in range(rounds):
            bare.append(_post(raw))
            appended.append(_post(port))
    bare_rate = report.line("bare handler", bare)
    rate = report.line("append, with receipt", appended)
    print(f"  ratio {rate / bare_rate:.2f}")


def _post(port: int) -> Result:
    request = b"POST /append HTTP/1.1\r\nhost: bench\r\ncontent-length: 0\r\n\r\n"
    return load.run(port, [repeat(request, REQUESTS // CONNECTIONS) for _ in range(CONNECTIONS)])


@dataclass(frozen=True, slots=True)
class _Found:
    """The rounds of each, taken in turn."""

    bare: list[Result] = field(default_factory=list)
    appended: list[Result] = field(default_factory=list)
    single: list[Result] = field(default_factory=list)
    bulk: list[Result] = field(default_factory=list)


async def _measure(folder: Path, rounds: int) -> _Found:
    store = await open_store(folder)
    keys = load_keys(folder / "keys", "bench.localhost/log")
    clock = lambda: time.time_ns() // 1000  # noqa: E731  (a clock)
    recorder = await Recorder.open(store, FolderBlobs(folder / "log"), keys, {}, clock)
    found = _Found()
    for number in range(rounds):
        found.bare.append(await _bare(store, keys, number))
        found.appended.append(await _append(recorder))
        # Their default journal, with SQLite's own synchronous=FULL: durable when the call returns, as ours.
        with SqliteTree(str(folder / f"single-{number}.db")) as tree:
            found.single.append(_theirs(tree, 1, SINGLE))
        with SqliteTree(str(folder / f"bulk-{number}.db")) as tree:
            found.bulk.append(_theirs(tree, IN_FLIGHT, LEAVES))
    await recorder.close()
    await store.close()
    return found


def _theirs(tree: SqliteTree, batch: int, leaves: int) -> Result:
    result = Result()
    started = time.perf_counter()
    for _ in range(leaves // batch):
        entries = [secrets.token_bytes(300) for _ in range(batch)]
        begun = time.perf_counter()
        if batch == 1:
            tree.append_entry(entries[0])
        else:
            tree.append_entries(entries)
        result.latencies.append(time.perf_counter() - begun)
    result.seconds, result.answered = time.perf_counter() - started, leaves
    return result


async def _append(recorder: Recorder) -> Result:
    result = Result()
    left = iter(range(LEAVES))
    subjects = [secrets.token_bytes(16) for _ in range(PEOPLE)]

    async def one() -> None:
        for number in left:
            draft = Draft("access", "messages.read", "bench", tags.SHARED, subjects[number % PEOPLE], 1)
            started = time.perf_counter()
            [recorded] = await recorder.append(Append((draft,)))
            recorded.receipt()
            result.latencies.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(IN_FLIGHT)))
    result.seconds, result.answered = time.perf_counter() - started, LEAVES
    return result


async def _bare(store: Store, keys: LogKeys, number: int) -> Result:
    tree = GrowingTree()
    result = Result()
    started = time.perf_counter()
    for first in range(0, LEAVES, IN_FLIGHT):
        begun = time.perf_counter()
        leaves = [secrets.token_bytes(300) for _ in range(IN_FLIGHT)]
        for leaf in leaves:
            tree.append(leaf_hash(leaf))
        sign_checkpoint(Checkpoint(keys.origin, tree.size, tree.root()), keys.signing)
        await store.write(partial(_add, number * LEAVES + first, leaves))
        result.latencies.append(time.perf_counter() - begun)
    result.seconds, result.answered = time.perf_counter() - started, LEAVES
    return result


async def _add(first: int, leaves: list[bytes], tx: Tx) -> None:
    await tx.many(ADD, [{"idx": index, "leaf": leaf} for index, leaf in enumerate(leaves, first)])
