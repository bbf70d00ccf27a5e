"""Running the application under uvicorn on one socket, until it is asked to stop."""

import socket

import uvicorn

from vestibule.web import app
from vestibule.web.settings import Settings

BACKLOG = 2048


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


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    config = uvicorn.Config(
        app.build(settings),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listener])
