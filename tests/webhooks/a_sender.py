"""Sending without a platform: a store, a clock that only we move, partners whose endpoints we are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.reaching.a_far_end import FarEnd
from vestibule.reaching.client import Limits, Reaching
from vestibule.store import Store
from vestibule.webhooks import endpoints, sending, signals, tries, waiting
from vestibule.webhooks.endpoints import Endpoint
from vestibule.webhooks.keys import Keys
from vestibule.webhooks.sending import Sending
from vestibule.webhooks.topics import Topic
from vestibule.webhooks.tries import Delivery
from vestibule.webhooks.waiting import Waiting

SECOND = 1_000_000
NOW = 1_795_392_000 * SECOND
SHORT = Limits(connect=0.2, whole=0.3, most_bytes=1024)
PATIENCE = 20


@dataclass
class Sender:
    """What is sent, and what came of it."""

    store: Store
    folder: Path
    now: int = NOW
    allowed: bool = True
    number: int = 0
    sending: Sending = field(init=False)

    def clock(self) -> int:
        self.now += 1000
        return self.now

    async def may(self, _: Waiting) -> bool:
        return self.allowed

    async def configure(self, partner: str, url: str, *topics: str) -> Endpoint:
        return await endpoints.configure(
            self.store, partner, url=url, topics=topics or ("message.created",), loopback=True, now=self.now
        )

    async def tell(self, partner: str, body: str = '{"so":"la"}') -> int:
        """Note something, and make it due as its event does; return its id."""
        self.number += 1
        await waiting.note(
            self.store,
            Topic.MESSAGE_CREATED,
            partner_id=partner,
            user_id=1,
            connection_id=2,
            place=3,
            number=self.number,
            now=self.clock(),
        )
        [one] = [one for one in await waiting.noted(self.store, partner, 100) if one.number == self.number]
        await waiting.tell(self.store, partner, one.webhook_id, body)
        return one.webhook_id

    async def log(self, partner: str) -> tuple[Delivery, ...]:
        return await tries.log(self.store, partner)

    async def endpoint(self, partner: str) -> Endpoint:
        found = await endpoints.endpoint_of(self.store, partner)
        assert found is not None
        return found

    async def passes(self, microseconds: int) -> None:
        """Let time pass, and the sender notice."""
        self.now += microseconds
        signals.of(self.store).due.set()

    async def tried(self, partner: str, times: int) -> Delivery:
        """Wait until the newest webhook was tried so often; return its line of the log."""
        await until(lambda: self._tried(partner, times))
        return (await self.log(partner))[0]

    async def _tried(self, partner: str, times: int) -> bool:
        log = await self.log(partner)
        return bool(log) and len(log[0].tries) >= times


async def until(done: Callable[[], object]) -> None:
    """Let everything go on until something is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            so = done()
            if asyncio.iscoroutine(so):
                so = await so
            if so:
                return
            await asyncio.sleep(0.005)


@asynccontextmanager
async def sender(store: Store, folder: Path, limits: Limits = sending.LIMITS) -> AsyncIterator[Sender]:
    """Send what is due while the block runs."""
    here = Sender(store, folder)
    reaching = Reaching(loopback=True)
    here.sending = Sending(store, reaching, Keys(folder, NOW // SECOND), here.clock, here.may, limits)
    task = asyncio.create_task(sending.run(here.sending))
    try:
        yield here
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await reaching.close()


def ids_of(end: FarEnd) -> list[str]:
    """List the ids of the webhooks that came, in their order."""
    heads = [head.lower() for head in end.heads]
    return [head.partition("webhook-id: ")[2].partition("\r\n")[0] for head in heads]
