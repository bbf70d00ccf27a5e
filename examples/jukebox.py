"""Jukebox: a playlist of the songs that friends write to each other about. A whole partner app.

A person connects, chooses conversations, and sees the songs in them; every answer was checked against the
public log before a word of it is used. `docs/quickstart.md` says how to run it beside a platform.
"""

from __future__ import annotations

import argparse
import html
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.logging import LoggingConfig
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.response import Redirect

from vestibule.sdk.callback import Pending
from vestibule.sdk.client import AsyncClient
from vestibule.sdk.details import messages
from vestibule.sdk.errors import BadAnswer, BadCallback, ConnectionOver, Denied, Refused, SdkError
from vestibule.sdk.keys import Keys, kept_dpop_key
from vestibule.sdk.login import AsyncLogin
from vestibule.sdk.receipts import Receipts
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler

    from vestibule.sdk.tokens import Token

PARTNER, KEY_ID = "jukebox", "jukebox:1"
ASKS = [messages("read")]
SONG = re.compile(r'"([^"\n]{1,80})"')
"""A song is whatever stands between quotation marks."""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · Jukebox</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>:root {{ color-scheme: light dark }} body {{ font: 1.05rem/1.6 system-ui; max-width: 40rem;
margin: 2rem auto; padding: 0 1rem }} a, button {{ font: inherit }}</style>
<h1>{title}</h1>{body}</html>"""


class Jukebox:
    """What the app holds: its keys, its connections by visitor, and where its receipts go."""

    def __init__(self, platform: str, home: str, folder: Path) -> None:
        """Read `jukebox.seed` and `policy.txt` in the folder; the rest is made there the first time."""
        keys = Keys(
            PARTNER, KEY_ID, (folder / "jukebox.seed").read_bytes(), kept_dpop_key(folder / "dpop.json")
        )
        self.home = home
        self.login = AsyncLogin(platform, keys)
        self.kept = Receipts(folder / "receipts")
        self.client = AsyncClient(platform, keys, (folder / "policy.txt").read_bytes(), self.kept)
        self.tokens: dict[str, Token] = {}  # a real app keeps `to_json()` of them in its database

    def handlers(self) -> list[ControllerRouterHandler]:
        """Return the app's pages."""
        return [
            get("/")(self.front),
            get("/connect")(self.connect),
            get("/back")(self.back),
            get("/songs")(self.songs),
            post("/disconnect")(self.disconnect),
        ]

    async def front(self) -> Response[str]:
        """Greet a visitor."""
        return show("Jukebox", "<p>The songs that your friends write about.</p><a href=/connect>Connect</a>")

    async def connect(self, request: Request[Any, Any, Any]) -> Redirect:
        """Send the visitor to the platform, where she decides."""
        pending = await self.login.begin(ASKS, redirect_uri=f"{self.home}/back")
        request.session["login"] = pending.to_json()
        return Redirect(pending.url, status_code=303)

    async def back(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Welcome her back with her answer, and make a connection of it."""
        try:
            pending = Pending.from_json(request.session.pop("login", ""))
            token = await self.login.finish(pending, str(request.url))
        except (BadCallback, BadAnswer):
            return show("Nothing was asked for", "<a href=/>Jukebox</a>", 400)
        except Denied:
            return show("As you like", "<p>Nothing was connected.</p><a href=/>Jukebox</a>")
        visitor = secrets.token_urlsafe(16)
        request.session["visitor"] = visitor
        self.tokens[visitor] = token
        return Redirect("/songs", status_code=303)

    async def songs(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Show the songs in what she let us read, and the leaves of the log that say we did."""
        visitor = request.session.get("visitor", "")
        if visitor not in self.tokens:
            return Redirect("/", status_code=303)
        try:
            texts, leaves = await self.read(visitor)
        except (ConnectionOver, Refused):
            del self.tokens[visitor]
            return show("Not connected any more", "<a href=/connect>Connect again</a>")
        songs = dict.fromkeys(song for text in texts for song in SONG.findall(text))
        listed = "".join(f"<li>{html.escape(song)}" for song in songs) or "<li>no song yet"
        return show(
            "Your songs",
            f"<ol>{listed}</ol><p>We read {len(texts)} messages. The public log says so in these leaves: "
            f"{', '.join(map(str, leaves))}. Our receipts are in {html.escape(str(self.kept.file))}.</p>"
            "<form method=post action=/disconnect><button>Disconnect</button></form>",
        )

    async def read(self, visitor: str) -> tuple[list[str], list[int]]:
        """Read all that she chose; returns the texts, and the leaves that this was recorded in."""
        token = self.tokens[visitor] = await self.login.fresh(self.tokens[visitor])
        texts, leaves = list[str](), list[int]()
        for conversation in token.conversations:
            after = None
            while True:
                page = await self.client.messages(token, conversation, after=after)
                texts += [message["body"] for message in page.messages]
                leaves += [release.index for release in page.releases]
                if (after := page.next) is None:
                    break
        return texts, leaves

    async def disconnect(self, request: Request[Any, Any, Any]) -> Redirect:
        """Give the token back; the connection itself is hers, and ends on her own Apps page."""
        token = self.tokens.pop(request.session.pop("visitor", ""), None)
        if token is not None:
            await self.login.revoke(token)
        return Redirect("/", status_code=303)

    async def close(self) -> None:
        """Close what is open."""
        await self.login.close()
        await self.client.close()
        self.kept.close()


def show(title: str, body: str, status: int = 200) -> Response[str]:
    """Make a page; `body` is HTML already."""
    return Response(PAGE.format(title=title, body=body), media_type="text/html", status_code=status)


def trouble(_: Request[Any, Any, Any], error: SdkError | BadReceipt) -> Response[str]:
    """Say what went wrong between us and the platform; the message says what to do about it."""
    return show("That did not work", f"<p>{html.escape(str(error))}</p><a href=/>Jukebox</a>", 502)


def app(jukebox: Jukebox) -> Litestar:
    """Put the pages together. The session is an encrypted cookie, good until the program ends."""
    session = CookieBackendConfig(secret=secrets.token_bytes(32), samesite="lax")
    return Litestar(
        jukebox.handlers(),
        middleware=[session.middleware],
        exception_handlers={SdkError: trouble, BadReceipt: trouble},
        on_shutdown=[jukebox.close],
        openapi_config=None,
        logging_config=LoggingConfig(log_exceptions="always", root={"level": "WARNING"}),
    )


def main() -> None:
    """Run Jukebox on this computer."""
    parser = argparse.ArgumentParser(description="Jukebox, an example of a partner's app.")
    parser.add_argument("--platform", default="http://localhost:8420", metavar="ORIGIN")
    parser.add_argument("--folder", type=Path, default=Path(), help="with jukebox.seed and policy.txt")
    parser.add_argument("--port", type=int, default=8500)
    args = parser.parse_args()
    jukebox = Jukebox(args.platform, f"http://127.0.0.1:{args.port}", args.folder)
    print(f"Jukebox is at {jukebox.home}", flush=True)
    uvicorn.run(app(jukebox), host="127.0.0.1", port=args.port, log_level="warning")


if __name__ == "__main__":
    main()
