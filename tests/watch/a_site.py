"""A web site on a socket of its own: files that the test changes, and a record of what was posted to it."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Site:
    """What it serves and what it got.

    Attributes:
        files: by path, without the first slash.
        down: answer every GET with 503.
        statuses: of the next POSTs; 204 when there are none left.
        posted: JSON bodies that came, in order.
        asked: paths that were asked for, in order.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    statuses: deque[int] = field(default_factory=deque)
    posted: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def site() -> Iterator[Site]:
    """Serve until the end of the block."""
    state = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/")
            state.asked.append(path)
            if state.down:
                self.answer(503)
            elif path in state.files:
                self.answer(200, state.files[path])
            else:
                self.answer(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.posted.append(json.loads(body))
            self.answer(state.statuses.popleft() if state.statuses else 204)

        def answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name in the base class)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
