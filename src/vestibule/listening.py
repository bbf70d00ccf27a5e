"""uvicorn on one socket, with the manners that every server of this project has."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

BACKLOG = 2048
STOPPING = (signal.SIGINT, signal.SIGTERM)


def bind(host: str, port: int) -> socket.socket:
    """Take a port; 0 takes a free one.

    Raises:
        OSError: if it is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


class Server(uvicorn.Server):
    """uvicorn that says when it listens, and takes a signal for the wish to stop and not for a failure.

    Args:
        config: the application and how it is served.
        announce: called once the server listens.
        closing: called before requests under way are waited for, to end answers that never end.
    """

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[], None], closing: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that the server listens once it does."""
        await super().startup(sockets)
        self._announce()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal. uvicorn raises it once more afterwards, so that every stop would be a failure."""
        loop = asyncio.get_running_loop()
        for signal_number in STOPPING:
            loop.add_signal_handler(signal_number, self.handle_exit, signal_number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would never end by itself first: every stop would wait for it."""
        self._closing()
        await super().shutdown(sockets)
