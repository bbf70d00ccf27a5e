"""Jukebox, a sample partner: music. Reads where a person let it in, and checks every receipt."""

from __future__ import annotations

import html
from functools import cached_property
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from demo import partner_page
from vestibule.sdk.client import Client
from vestibule.sdk.details import messages
from vestibule.sdk.errors import BadCallback, Denied, Refused
from vestibule.sdk.login import Login
from vestibule.sdk.receipts import Receipts

if TYPE_CHECKING:
    from demo.partner_page import Started
    from vestibule.sdk.answers import Page
    from vestibule.sdk.callback import Pending
    from vestibule.sdk.tokens import Token

PARTNER, TINT = "jukebox", "#2456a6"
STATE_COOKIE = "jukebox-state"


class Jukebox:
    """What the program knows: its key, its counts, whom it is connected with, what it was given."""

    def __init__(self, started: Started) -> None:
        self.started = started
        self.keys = partner_page.keys_of(started.keys, PARTNER)
        self.login = Login(started.platform, self.keys)
        self.pending: dict[str, Pending] = {}
        self.token: Token | None = None
        self.pages: dict[str, Page] = {}
        self.kept = Receipts(started.keys / "jukebox-receipts")

    def handlers(self) -> list[Any]:
        """Return the program's pages; one request at a time, because the SDK's client is not shared."""
        return [
            get("/", sync_to_thread=False)(self.front),
            get("/connect", sync_to_thread=False)(self.connect),
            get("/back", sync_to_thread=False)(self.back),
            post("/try-another", sync_to_thread=False)(self.try_another),
            post("/file-counts", sync_to_thread=False)(self.file_counts),
            get("/state.json", sync_to_thread=False)(self.given),
        ]

    def front(self) -> Response[str]:
        """Show the button, and what came of it."""
        body = (
            "<p>We make a playlist of the songs you write about.</p>"
            "<p><a class=button href=/connect>Connect with Vestibule</a></p>"
        )
        for page in self.pages.values():
            said = "".join(f"<p class=said>{html.escape(one['body'])}</p>" for one in page.messages)
            withheld = (
                "<p>Others' words may be withheld: not everybody there has agreed.</p>"
                if page.withheld
                else ""
            )
            count = f"{len(page.messages)} messages, receipts checked: {len(page.releases)}"
            body += f"<h2>What we were given</h2>{said}{withheld}<p class=quiet>{count}</p>"
        return partner_page.show("Jukebox", TINT, "Songs of your conversations", body)

    def connect(self) -> Response[Any]:
        """Send the person to the platform's consent page."""
        pending = self.login.begin([messages("read")], redirect_uri=f"{self.started.home}/back")
        self.pending[pending.state] = pending
        cookie = Cookie(STATE_COOKIE, "/back", pending.state, httponly=True, samesite="lax")
        return Redirect(pending.url, status_code=303, cookies=[cookie])

    def back(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Trade the code for a token and read what the person chose."""
        pending = self.pending.pop(request.cookies.get(STATE_COOKIE, ""), None)
        if pending is None:
            return nothing_asked_for()
        try:
            token = self.login.finish(pending, str(request.url))
        except BadCallback:
            return nothing_asked_for()
        except Denied:
            return partner_page.show("Jukebox", TINT, "Not connected", "<p>As you like.</p>")
        self.pages = {ref: self.read(token, ref) for ref in token.conversations}
        return Redirect("/", status_code=303)

    def read(self, token: Token, conversation: str) -> Page:
        """Read a conversation. Tokens live for minutes: keep the one that was good."""
        self.token = self.login.fresh(token)
        return self.client.messages(self.token, conversation, limit=200)

    def try_another(self, conversation: str) -> dict[str, Any]:
        """Ask for a conversation it was not let into: what the story wants to see refused."""
        if self.token is None:
            return {"status": 0, "leaves": []}
        try:
            page = self.read(self.token, conversation)
        except Refused as refused:
            return {"status": refused.status, "leaves": [release.index for release in refused.releases]}
        return {"status": 200, "messages": len(page.messages)}

    def file_counts(self) -> dict[str, Any]:
        """Put its own counts on record, signed."""
        return {"leaf": self.client.reconcile(), "counts": self.kept.counters.counts()}

    def given(self) -> dict[str, Any]:
        """Tell the story what Jukebox was given."""
        return {
            "messages": [one["body"] for page in self.pages.values() for one in page.messages],
            "withheld": any(page.withheld for page in self.pages.values()),
            "leaves": [release.index for page in self.pages.values() for release in page.releases],
        }

    @cached_property
    def client(self) -> Client:
        """The SDK's client, which lets nothing through without a receipt."""
        return Client(self.started.platform, self.keys, self.started.policy(), self.kept)


def nothing_asked_for() -> Response[str]:
    """Tell somebody who was not sent from here."""
    return partner_page.show("Jukebox", TINT, "Nothing was asked for", "<p><a href=/>Back</a></p>", 400)


def main() -> None:
    """Run Jukebox."""
    started, listener = partner_page.started()
    partner_page.run(Jukebox(started).handlers(), listener)


if __name__ == "__main__":
    main()
