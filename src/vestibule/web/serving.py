"""Running the application under uvicorn on one socket, until it is asked to stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import uvicorn
import uvloop

from vestibule.inbox.live import Live
from vestibule.web import app
from vestibule.web.platform import running
from vestibule.web.settings import Settings

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


class _Server(uvicorn.Server):
    """uvicorn, with manners of its own when it starts and when it is asked to stop."""

    def __init__(self, config: uvicorn.Config, live: Live, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._live = live
        self._announce = announce

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
        """End the live streams first: they have no end of their own, and every stop would wait for them."""
        self._live.close()
        await super().shutdown(sockets)


def calm_collector() -> None:
    """Let the garbage collector run a hundredth as often.

    What a request leaves behind is freed by reference counts; the default threshold of 700 objects has the
    collector walk everything several times a second under load, a sixth of a send's time.
    """
    gc.set_threshold(50_000, 20, 100)


def serve(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Args:
        settings: what the operator sets.
        listener: where to listen.
        announce: called once the server listens.

    Raises:
        StoreError: if the store cannot be opened.
        LogRefusesToStart: if store, published log and keys contradict each other.
    """
    calm_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, announce))


async def _serve(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
    # Opened before the server, which would print a traceback in place of the reason.
    async with running(settings) as platform:
        config = uvicorn.Config(
            app.build_around(nullcontext(platform), settings.origin),
            http="httptools",
            access_log=False,
            log_level="warning",
            lifespan="on",
            server_header=False,
            # Nothing depends on who forwarded a request: addresses are made of the configured origin.
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        await _Server(config, platform.live, announce).serve(sockets=[listener])
