"""Marquee: a page about a film, and a button to recommend it. It holds no token and sees nobody.

All that it needs of a server is a signature: the card says what is recommended, and that Marquee says so. The
page is `film.html`. What was sent and clicked is counted in `marquee.counts`, for its report.
`docs/quickstart.md` says how to run it beside a platform.
"""

from __future__ import annotations

import argparse
import hmac
import html
import secrets
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from vestibule.sdk.engagement import Engagement
from vestibule.sdk.signing import dialog_url, sign_card

if TYPE_CHECKING:
    from collections.abc import Callable

PARTNER, KEY_ID = "marquee", "marquee:1"
PAGE = (Path(__file__).parent / "film.html").read_text()
SURFACE = "film"
DAY = 86_400
SAID = {"sent": "Sent. To whom is not our business.", "cancelled": "Not sent."}
"""What a visitor is told who comes back from a dialog that took the whole window."""


class Marquee:
    """One film, its card, and what came of it."""

    def __init__(self, platform: str, home: str, seed: bytes, counts: Engagement) -> None:
        self.platform = platform
        self.home = home
        self.seed = seed
        self.counts = counts
        self.secret = secrets.token_bytes(32)

    def page(self, path: str) -> str | None:
        """Return what is at an address, None if nothing is."""
        parts = urlsplit(path)
        if parts.path not in ("/", "/back"):
            return None
        result = parse_qs(parts.query).get("result", [""])[0]
        state = parse_qs(parts.query).get("state", [""])[0]
        if result == "sent" and self.is_ours(state):
            self.counts.sent(state, surface=SURFACE)
        self.counts.clicked(path)
        came = "A friend recommended this film to you." if "click" in parse_qs(parts.query) else ""
        return (
            PAGE.replace("{platform}", html.escape(self.platform))
            .replace("{dialog}", html.escape(self.dialog()))
            .replace("{said}", SAID.get(result, came))
        )

    def dialog(self) -> str:
        """Write the address of the platform's dialog for a card that is good for a day."""
        claims: dict[str, str | int] = {
            "kind": "film",
            "title": "Stalker",
            "link": f"{self.home}/",
            "exp": int(time.time()) + DAY,
        }
        card = sign_card(self.platform, partner=PARTNER, card=claims, key_id=KEY_ID, seed=self.seed)
        return dialog_url(
            self.platform, card=card, return_uri=f"{self.home}/back", state=self.state(), surface=SURFACE
        )

    def state(self) -> str:
        """Make what a dialog gives back, so that nobody but us can have made it."""
        made = secrets.token_urlsafe(12)
        return f"{made}.{hmac.digest(self.secret, made.encode(), 'sha256').hex()}"

    def is_ours(self, state: str) -> bool:
        """Tell a state of ours: anybody can come to `/back` and say that something was sent."""
        made, _, mac = state.partition(".")
        expected = hmac.digest(self.secret, made.encode(), "sha256").hex()
        return hmac.compare_digest(mac.encode(), expected.encode())


class Handler(BaseHTTPRequestHandler):
    """Answers with Marquee's page."""

    def __init__(self, page: Callable[[str], str | None], *args: Any) -> None:
        self.show = page
        super().__init__(*args)

    def do_GET(self) -> None:
        """Show the page."""
        text = self.show(self.path)
        body = (text or "There is nothing here.").encode()
        self.send_response(404 if text is None else 200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names them)
        """Say nothing about visitors."""


def server(marquee: Marquee, port: int) -> ThreadingHTTPServer:
    """Listen on this computer; browsers open connections ahead, which must not keep others waiting."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, marquee.page))


def main() -> None:
    """Run Marquee on this computer."""
    parser = argparse.ArgumentParser(description="Marquee, an example of a partner's site.")
    parser.add_argument("--platform", default="http://localhost:8420", metavar="ORIGIN")
    parser.add_argument("--folder", type=Path, default=Path(), help="with marquee.seed")
    parser.add_argument("--port", type=int, default=8600)
    args = parser.parse_args()
    seed = (args.folder / "marquee.seed").read_bytes()
    counts = Engagement(args.folder / "marquee.counts")
    marquee = Marquee(args.platform, f"http://127.0.0.1:{args.port}", seed, counts)
    print(f"Marquee is at {marquee.home}", flush=True)
    server(marquee, args.port).serve_forever()


if __name__ == "__main__":
    main()
