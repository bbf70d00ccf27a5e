"""A load generator: keep-alive connections, each sending its next request when the last is answered.

Run in a process of its own, on uvloop with bare protocols, so that it costs the measured server little.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

Request = bytes


@dataclass(slots=True)
class Result:
    """What a run counted; latencies in seconds."""

    seconds: float = 0.0
    answered: int = 0
    failed: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return a latency in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Connection(asyncio.Protocol):
    """One connection, one request under way."""

    def __init__(self, requests: Iterator[Request], result: Result, done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._result = result
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by inheritance.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.lower().find(b"content-length: ", 0, head)
        length = int(self._buffer[at + 16 : self._buffer.find(b"\r", at)])
        if len(self._buffer) < head + 4 + length:
            return
        self._result.latencies.append(time.perf_counter() - self._sent_at)
        self._result.answered += 1
        if self._buffer[9:10] not in {b"2", b"3"}:
            self._result.failed += 1
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (the protocol's signature)
        if not self._done.done():
            self._done.set_result(None)

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


class Listener(asyncio.Protocol):
    """A live stream: counts the messages that arrive."""

    def __init__(self, request: Request, arrived: Callable[[int], None]) -> None:
        self._request = request
        self._arrived = arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._arrived(data.count(b"event: message"))


async def drive(port: int, sources: list[Iterator[Request]]) -> Result:
    """Run every source on a connection of its own until all are used up."""
    loop = asyncio.get_running_loop()
    result = Result()
    finished = []
    started = time.perf_counter()
    for source in sources:
        done: asyncio.Future[None] = loop.create_future()
        finished.append(done)
        await loop.create_connection(partial(Connection, source, result, done), "127.0.0.1", port)
    await asyncio.gather(*finished)
    result.seconds = time.perf_counter() - started
    return result


def run(port: int, sources: list[Iterator[Request]]) -> Result:
    """Drive from outside a loop."""
    return uvloop.run(drive(port, sources))
