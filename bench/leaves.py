"""Leaves appended with receipt, in process, beside the bare loop of hashing, signing and committing."""

import asyncio
import secrets
import tempfile
import time
from functools import partial
from pathlib import Path

from bench import report
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
PEOPLE = 64
ADD = "insert into entry (log_id, idx, leaf) values ('bare', :idx, :leaf)"


def measure(rounds: int) -> None:
    """Print appends and the bare loop in turn, and their ratio."""
    print(f"leaves: {IN_FLIGHT} appends in flight, {LEAVES} leaves a round")
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        appended, bare = runner.run(_measure(Path(folder), rounds))
    bare_rate = report.line("bare loop: hash, sign, commit", bare)
    rate = report.line("append: tag, commitment, tiles, receipt too", appended)
    print(f"  ratio {rate / bare_rate:.2f}")


async def _measure(folder: Path, rounds: int) -> tuple[list[Result], list[Result]]:
    store = await open_store(folder)
    keys = load_keys(folder / "keys", "bench.localhost/log")
    clock = lambda: time.time_ns() // 1000  # noqa: E731  (a clock)
    recorder = await Recorder.open(store, FolderBlobs(folder / "log"), keys, {}, clock)
    appended, bare = [], []
    for number in range(rounds):
        bare.append(await _bare(store, keys, number))
        appended.append(await _append(recorder))
    await recorder.close()
    await store.close()
    return appended, bare


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
