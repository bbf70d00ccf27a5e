"""A partner's site: a test's own pages, and one everywhere else, so that whoever is sent there arrives."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = "<!doctype html><title>Jukebox</title><h1>Welcome back</h1>"


SANDBOXED = "/sandboxed/"
WITHOUT_POPUPS = "sandbox allow-scripts allow-same-origin allow-forms"
"""What keeps pages under `SANDBOXED` from opening windows (HTML, section 7.1.5)."""


class Handler(BaseHTTPRequestHandler):
    pages: Mapping[str, str]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        page = self.pages.get(path, PAGE).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        if path.startswith(SANDBOXED):
            self.send_header("Content-Security-Policy", WITHOUT_POPUPS)
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        """Take what is sent, as an endpoint for webhooks does."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@contextmanager
def serving(pages: Mapping[str, str] | None = None) -> Iterator[str]:
    """Its origin, until the end of the block; `pages` has HTML by path, and may change meanwhile."""
    of_this_site = type("HandlerOfThisSite", (Handler,), {"pages": {} if pages is None else pages})
    server = ThreadingHTTPServer(("127.0.0.1", 0), of_this_site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
