"""Webhooks beside bare POSTs of the same bytes, by the same client to the same server.

A webhook is besides that read from the store, looked at again, signed, and written down with what came of it.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from bench import report, servers
from bench.load import Result
from vestibule.reaching.client import Reaching
from vestibule.store import Store, open_store
from vestibule.webhooks import endpoints, sending, waiting
from vestibule.webhooks.keys import Keys
from vestibule.webhooks.sending import LIMITS, Sending
from vestibule.webhooks.topics import Topic
from vestibule.webhooks.waiting import Waiting

WEBHOOKS = 1_000
PARTNERS = 8
NOW = 1_795_392_000_000_000
BODY = '{"body":"' + "x" * 240 + '","key":"so"}'


def measure(rounds: int) -> None:
    """Print the rates of bare POSTs and of webhooks in turn, and their ratio."""
    print(f"webhooks: {PARTNERS} endpoints, one request at a time to each, {len(BODY)} bytes")
    bare, told = [], []
    with tempfile.TemporaryDirectory() as folder, servers.running(servers.serve_raw) as port:
        for number in range(rounds):
            url = f"http://127.0.0.1:{port}/hook"
            bare.append(asyncio.run(_bare(url)))
            told.append(asyncio.run(_told(url, Path(folder) / str(number))))
    rate = report.line("bare POST", bare)
    webhooks = median(result.rate for result in told)
    print(f"  {'webhook, due to accepted':<46} {webhooks:>9,.0f}/s")
    print(f"  ratio {webhooks / rate:.2f}")


async def _timed(count: int, work: Callable[[Result], Awaitable[None]]) -> Result:
    result, began = Result(), time.perf_counter()
    await work(result)
    result.seconds, result.answered = time.perf_counter() - began, count
    return result


async def _bare(url: str) -> Result:
    reaching = Reaching(loopback=True)

    async def one_after_the_other(result: Result) -> None:
        for _ in range(WEBHOOKS // PARTNERS):
            sent = time.perf_counter()
            answer = await reaching.post(url, {"content-type": "application/json"}, BODY.encode(), LIMITS)
            result.latencies.append(time.perf_counter() - sent)
            result.failed += answer.status != 201

    async def work(result: Result) -> None:
        await asyncio.gather(*(one_after_the_other(result) for _ in range(PARTNERS)))

    try:
        return await _timed(WEBHOOKS, work)
    finally:
        await reaching.close()


async def _told(url: str, folder: Path) -> Result:
    store = await open_store(folder)
    await _fill(store, url)
    reaching, left = Reaching(loopback=True), WEBHOOKS
    over = asyncio.Event()

    async def may(_: Waiting) -> bool:
        nonlocal left
        left -= 1
        if left == 0:
            over.set()
        return True

    async def work(_: Result) -> None:
        task = asyncio.create_task(sending.run(Sending(store, reaching, keys, lambda: NOW * 2, may)))
        await over.wait()
        while any([await waiting.first_due(store, partner) for partner in _partners()]):  # noqa: ASYNC110
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    keys = Keys(folder, NOW // 1_000_000)
    try:
        return await _timed(WEBHOOKS, work)
    finally:
        await reaching.close()
        await store.close()


def _partners() -> list[str]:
    return [f"partner-{number}" for number in range(PARTNERS)]


async def _fill(store: Store, url: str) -> None:
    for partner in _partners():
        await endpoints.configure(store, partner, url=url, topics=["message.created"], loopback=True, now=NOW)
        for number in range(WEBHOOKS // PARTNERS):
            await waiting.note(
                store,
                Topic.MESSAGE_CREATED,
                partner_id=partner,
                user_id=1,
                connection_id=2,
                place=3,
                number=number,
                now=NOW + number,
            )
        for one in await waiting.noted(store, partner, WEBHOOKS):
            await waiting.tell(store, partner, one.webhook_id, BODY)
