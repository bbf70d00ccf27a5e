"""Messages sent, durable and delivered, beside a bare handler parsing and answering the same bytes."""

import asyncio
import gzip
import itertools
import json
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import uvloop

from bench import load, people, report, servers
from bench.load import Listener, Result

CONNECTIONS = 64
WORDS = "have you seen the new film with the long shot through the field, I will tell you on Friday"


def measure(corpus: Path | None, messages: int, rounds: int) -> None:
    """Print sends and raw handler in turn, and their ratio."""
    print(f"sends: {CONNECTIONS} connections, each in a pair conversation, everybody looking")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with (
            servers.running(servers.serve_vestibule, data) as port,
            servers.running(servers.serve_raw) as bare,
        ):
            crowd = _crowd(port)
            bodies = itertools.cycle(_bodies(corpus))
            ours, theirs = [], []
            for _ in range(rounds):
                theirs.append(load.run(bare, _sources(crowd, bodies, messages)))
                ours.append(uvloop.run(_delivered(port, crowd, bodies, messages)))
    raw_rate = report.line("raw ASGI handler, same bytes", theirs)
    rate = report.line("send, durable and delivered", ours)
    print(f"  ratio {rate / raw_rate:.2f}")


def _crowd(port: int) -> list[tuple[people.Person, str]]:
    base = f"http://127.0.0.1:{port}"
    everybody = [people.sign_up(base, f"bench_{number}") for number in range(CONNECTIONS)]
    crowd = []
    for first, second in zip(everybody[::2], everybody[1::2], strict=True):
        conversation = people.pair(first, second)
        crowd += [(first, conversation), (second, conversation)]
    return crowd


def _bodies(corpus: Path | None) -> list[bytes]:
    if corpus is None:
        return [json.dumps(WORDS[:length]).encode() for length in range(10, len(WORDS))]
    with gzip.open(corpus, "rt") if corpus.suffix == ".gz" else corpus.open() as lines:
        texts = (json.loads(line)["text"] for line in itertools.islice(lines, 100_000))
        return [json.dumps(text[:8000]).encode() for text in texts if text]


def _sources(
    crowd: list[tuple[people.Person, str]], bodies: Iterator[bytes], messages: int
) -> list[Iterator[bytes]]:
    # Made before the clock runs: what is measured is the server.
    each = messages // len(crowd)
    return [iter(list(people.sending(person, where, bodies, each))) for person, where in crowd]


async def _delivered(
    port: int, crowd: list[tuple[people.Person, str]], bodies: Iterator[bytes], messages: int
) -> Result:
    """Send with everybody looking; the run ends when both sides of every pair have every message."""
    loop = asyncio.get_running_loop()
    expected, arrived, all_here = 2 * (messages // len(crowd)) * len(crowd), 0, loop.create_future()

    def count(some: int) -> None:
        nonlocal arrived
        arrived += some
        if arrived >= expected and not all_here.done():
            all_here.set_result(None)

    streams = []
    for person, _ in crowd:
        request = people.listening(person)
        transport, _ = await loop.create_connection(partial(Listener, request, count), "127.0.0.1", port)
        streams.append(transport)
    await asyncio.sleep(0.2)
    sources = _sources(crowd, bodies, messages)
    started = time.perf_counter()
    result = await load.drive(port, sources)
    async with asyncio.timeout(30):
        await all_here
    result.seconds = time.perf_counter() - started
    for stream in streams:
        stream.close()
    return result
