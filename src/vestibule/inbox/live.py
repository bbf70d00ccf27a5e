"""Live updates within one process: server-sent events for whoever is looking. Touches nothing stored.

Events are hints. Between two `sync` events a reader gets every message of her conversations; after a `sync`,
which also opens every stream, she fetches what she lacks. Nothing here ever waits for a reader: one who is
too slow loses what was waiting for her and gets a `sync` instead.
"""

import asyncio
from collections.abc import Iterable
from typing import Self

SYNC = b"event: sync\ndata: {}\n\n"
OPENING = b"retry: 3000\n" + SYNC
HEARTBEAT = b": still here\n\n"

PACE = 0.01
"""Seconds between two writes on one stream. Each costs what parsing a request costs, so that a busy stream
gathers its events; one that comes alone goes out at once."""


class Subscription:
    """One reader's stream: an async iterator of chunks, each with every event that was waiting."""

    def __init__(self, live: "Live", user_id: int) -> None:
        self._live = live
        self._user_id = user_id
        self._waiting: list[bytes] = [OPENING]
        self._bytes = len(OPENING)
        self._waiter: asyncio.Future[None] | None = None
        self._written_at = -PACE
        self._closed = False

    def offer(self, payload: bytes) -> None:
        """Add an event; when too much is waiting already, all of it becomes one `sync`."""
        self._waiting.append(payload)
        self._bytes += len(payload)
        if len(self._waiting) > self._live.most_events or self._bytes > self._live.most_bytes:
            self._waiting = [SYNC]
            self._bytes = len(SYNC)
        self._wake()

    def close(self) -> None:
        """End the stream after what is waiting; closing twice is fine."""
        if not self._closed:
            self._closed = True
            self._live.leave(self._user_id, self)
            self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._waiting and not self._closed:
            await self._wait()
        if self._waiting:
            await self._pace()
            chunk = b"".join(self._waiting)
            self._waiting = []
            self._bytes = 0
            return chunk
        if self._closed:
            raise StopAsyncIteration
        return HEARTBEAT

    async def _pace(self) -> None:
        """Let a busy stream gather events: an event that comes alone goes out at once."""
        loop = asyncio.get_running_loop()
        early = self._written_at + PACE - loop.time()
        if early > 0 and not self._closed:
            await asyncio.sleep(early)
        self._written_at = loop.time()

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(self._live.heartbeat, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Live:
    """Who is looking. To be used on the event loop's thread only.

    Attributes:
        heartbeat: Seconds of silence after which a comment is sent, so that dead connections are found.
        most_events: Events that may wait for one reader.
        most_bytes: Bytes that may wait for one reader.
        most_streams: Streams of one person; opening one more ends the oldest.
    """

    def __init__(
        self,
        *,
        heartbeat: float = 20.0,
        most_events: int = 512,
        most_bytes: int = 1 << 19,
        most_streams: int = 16,
    ) -> None:
        self.heartbeat = heartbeat
        self.most_events = most_events
        self.most_bytes = most_bytes
        self.most_streams = most_streams
        self._streams: dict[int, list[Subscription]] = {}

    def subscribe(self, user_id: int) -> Subscription:
        """Open a stream; the caller closes it when the reader is gone."""
        streams = self._streams.setdefault(user_id, [])
        subscription = Subscription(self, user_id)
        streams.append(subscription)
        if len(streams) > self.most_streams:
            streams[0].close()
        return subscription

    def publish(self, user_ids: Iterable[int], payload: bytes) -> None:
        """Offer an event to every stream of these persons; never waits."""
        streams = self._streams
        for user_id in user_ids:
            for subscription in streams.get(user_id, ()):
                subscription.offer(payload)

    def leave(self, user_id: int, subscription: Subscription) -> None:
        """Take a stream out; what is published from now on does not reach it."""
        streams = self._streams.get(user_id, [])
        if subscription in streams:
            streams.remove(subscription)
        if not streams:
            self._streams.pop(user_id, None)

    def end(self, user_id: int) -> None:
        """End a person's streams; browsers that are still signed in open theirs again by themselves."""
        for subscription in list(self._streams.get(user_id, ())):
            subscription.close()

    def close(self) -> None:
        """End every stream, as before the server stops."""
        for streams in list(self._streams.values()):
            for subscription in list(streams):
                subscription.close()
