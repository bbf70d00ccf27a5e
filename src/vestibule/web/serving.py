"""Running the application under uvicorn on one socket, until it is asked to stop."""

import asyncio
import gc
import logging
import socket
from collections.abc import Callable
from contextlib import nullcontext

import uvicorn
import uvloop

from vestibule.listening import Server
from vestibule.recorder.errors import LostTheLog
from vestibule.recorder.recorder import Recorder
from vestibule.web import app
from vestibule.web.platform import running
from vestibule.web.settings import Settings


def calm_collector() -> None:
    """Let the garbage collector run a hundredth as often.

    What a request leaves behind is freed by reference counts; the default threshold of 700 objects has the
    collector walk everything several times a second under load, a sixth of a send's time.
    """
    gc.set_threshold(50_000, 20, 100)


def quiet_requests() -> None:
    """Keep the HTTP client from telling, line by line, of requests to witnesses that were answered.

    The web framework lets everything from INFO on through; what went wrong is told by who asked.
    """
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def serve(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Args:
        settings: what the operator sets.
        listener: where to listen.
        announce: called once the server listens.

    Raises:
        StoreError: if the store cannot be opened.
        LogRefusesToStart: if store, published log and keys contradict each other.
        LostTheLog: if the log had to stop; a new process finds out what stands.
    """
    calm_collector()
    quiet_requests()
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
            # Addresses are made of the configured origin; only web/person/network.py asks who asked.
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        server = Server(config, announce, closing=platform.live.close)
        stopping = asyncio.create_task(_stop_with(platform.recorder, server))
        await server.serve(sockets=[listener])
        stopping.cancel()
    if platform.recorder.why_stopped is not None:
        raise LostTheLog(platform.recorder.why_stopped)


async def _stop_with(recorder: Recorder, server: uvicorn.Server) -> None:
    """End the process once its log had to stop: it could answer partners nothing but 503."""
    await recorder.stopped.wait()
    server.should_exit = True
