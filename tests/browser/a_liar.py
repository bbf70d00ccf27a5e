"""A server of the page /verify and of a log, which may be any lie a test wants to tell."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vestibule.web import pages

TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@dataclass
class Liar:
    """What is served; a test changes `files` as it likes.

    Attributes:
        origin: where it listens.
        files: the log's files by path; what is not there is not found.
        curve: whether it says that the curve arithmetic is installed.
    """

    origin: str
    files: dict[str, bytes] = field(default_factory=dict)
    curve: bool = True

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Find type and content of what is asked for."""
        if path == "/verify":
            return "text/html; charset=utf-8", self._page().encode()
        if path.startswith("/log/"):
            content = self.files.get(path.removeprefix("/log/"))
            return None if content is None else ("application/octet-stream", content)
        folder, _ = pages.static_folder("verify")
        file = pages.STATIC / path.replace(folder, "/static/verify").removeprefix("/static/")
        return (TYPES[file.suffix[1:]], file.read_bytes()) if file.is_file() else None

    def _page(self) -> str:
        code, digest = pages.static_folder("verify")
        return pages.render(
            "public/verify.html", origin=self.origin, curve=self.curve, code=code, digest=digest, here="log"
        )


@contextmanager
def serving() -> Iterator[Liar]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = liar.answer(self.path.partition("?")[0])
            kind, body = found or ("text/plain", b"not found")
            self.send_response(200 if found else 404)
            for name, value in {
                **pages.security_headers(),
                "content-type": kind,
                "content-length": str(len(body)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        liar = Liar(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield liar
        server.shutdown()
        thread.join()
