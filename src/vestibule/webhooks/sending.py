"""Sending webhooks: one at a time to each endpoint, as they fall due; to all endpoints side by side.

What is due stands in the store, so that a process that ends loses nothing: it may only send something twice,
under the same id. Before each try it is looked at whether the thing may still be told.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from vestibule.reaching.client import Answer, Limits, Reaching
from vestibule.reaching.errors import NotReached
from vestibule.store import Store, StoreError
from vestibule.webhooks import endpoints, signals, signing, tries, waiting
from vestibule.webhooks.endpoints import Endpoint
from vestibule.webhooks.keys import Keys
from vestibule.webhooks.tries import FIRST_CHARACTERS, Try
from vestibule.webhooks.waiting import Waiting

LIMITS = Limits(connect=5.0, whole=15.0, most_bytes=4 * FIRST_CHARACTERS)
IDLE_SECONDS = 60.0
AGAIN_SECONDS = 1.0
SECOND = 1_000_000

May = Callable[[Waiting], Awaitable[bool]]
"""Says whether something may be told now, as the store has it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """What sending works with.

    Attributes:
        clock: microseconds since 1970.
        may: asked immediately before each try.
        limits: of each try.
    """

    store: Store
    reaching: Reaching
    keys: Keys
    clock: Callable[[], int]
    may: May
    limits: Limits = LIMITS


async def run(sending: Sending) -> None:
    """Send what is due until cancelled, beginning with what an earlier process left."""
    at_work: dict[str, asyncio.Task[None]] = {}
    due = signals.of(sending.store).due
    try:
        while True:
            due.clear()
            pause = await _begin(sending, at_work)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await due.wait()
    finally:
        left = tuple(at_work.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _begin(sending: Sending, at_work: dict[str, asyncio.Task[None]]) -> float:
    """Begin with every endpoint that something is due for; return the seconds until the next may be."""
    pause = IDLE_SECONDS
    try:
        for endpoint in await endpoints.enabled(sending.store):
            partner_id = endpoint.partner_id
            if partner_id in at_work:
                continue
            first = await waiting.first_due(sending.store, partner_id)
            if first is None:
                continue
            wait = (max(first.due_at, endpoint.paused_until) - sending.clock()) / SECOND
            if wait > 0:
                pause = min(pause, wait)
                continue
            task = at_work[partner_id] = asyncio.create_task(_serve(sending, partner_id))
            task.add_done_callback(partial(_ended, sending, at_work, partner_id))
    except StoreError as error:
        logger.warning("webhooks wait: %s", error)
        pause = AGAIN_SECONDS
    return pause


def _ended(
    sending: Sending, at_work: dict[str, asyncio.Task[None]], partner_id: str, task: asyncio.Task[None]
) -> None:
    """Look again when an endpoint has been served: something may have come in the same moment."""
    del at_work[partner_id]
    if task.cancelled():
        return
    if task.exception() is not None:
        logger.error("webhooks of %s wait", partner_id, exc_info=task.exception())
        asyncio.get_running_loop().call_later(AGAIN_SECONDS, signals.of(sending.store).due.set)
    else:
        signals.of(sending.store).due.set()


async def _serve(sending: Sending, partner_id: str) -> None:
    """Send to one endpoint what is due, one after the other."""
    while True:
        endpoint = await endpoints.endpoint_of(sending.store, partner_id)
        one = await waiting.first_due(sending.store, partner_id)
        if endpoint is None or endpoint.disabled or one is None:
            return
        if max(one.due_at, endpoint.paused_until) > sending.clock():
            return
        await attempt(sending, endpoint, one)


async def attempt(sending: Sending, endpoint: Endpoint, one: Waiting) -> None:
    """Try once, if it may still be told, and write down what came of it."""
    if one.topic not in endpoint.topics or not await sending.may(one):
        await waiting.drop(sending.store, one)
        return
    tried = await _post(sending, endpoint.url, one)
    await tries.keep(sending.store, endpoint, one, tried, random.random())  # noqa: S311  (jitter, no secret)


async def _post(sending: Sending, url: str, one: Waiting) -> Try:
    now, began = sending.clock(), time.monotonic()
    body = one.body.encode()
    seeds = signing.in_force(sending.keys.seeds, now // SECOND)
    fields = {
        "content-type": "application/json",
        "user-agent": "Vestibule-Webhooks",
        **signing.headers([seed.of(one.partner_id) for seed in seeds], one.message_id, now // SECOND, body),
    }
    try:
        answer: Answer | None = await sending.reaching.post(url, fields, body, sending.limits)
        said = "" if answer is None else answer.body.decode(errors="replace")
    except NotReached as error:
        answer, said = None, str(error)
    millis = int(1000 * (time.monotonic() - began))
    status, told = (answer.status, answer.fields) if answer else (0, {})
    return Try(now, status, millis, _printable(said), told)


def _printable(text: str) -> str:
    """Keep the beginning of what a stranger said, without what would move a page or a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:FIRST_CHARACTERS])
