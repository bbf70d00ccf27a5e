"""Jukebox, a sample partner: music. Reads where a person let it in, and checks every receipt."""

from __future__ import annotations

import html
import secrets
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from demo import partner_page
from vestibule.sdk.client import Client
from vestibule.sdk.connect import Pkce
from vestibule.sdk.counters import Counters
from vestibule.sdk.errors import Refused

if TYPE_CHECKING:
    from demo.partner_page import Started
    from vestibule.sdk.answers import Page, Token

PARTNER, KEY_ID, TINT = "jukebox", "jukebox:1", "#2456a6"
STATE_COOKIE = "jukebox-state"


class Jukebox:
    """What the program knows: its key, its counts, whom it is connected with, what it was given."""

    def __init__(self, started: Started) -> None:
        self.started = started
        self.seed = partner_page.seed_of(started.keys, PARTNER)
        self.pending: dict[str, Pkce] = {}
        self.token: Token | None = None
        self.pages: dict[str, Page] = {}
        self._memory = started.keys / "jukebox-counters.json"
        self._client: Client | None = None

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
        state, pkce = secrets.token_urlsafe(16), Pkce.new()
        self.pending[state] = pkce
        address = self.client.push(
            redirect_uri=f"{self.started.home}/back",
            state=state,
            challenge=pkce.challenge,
            details=[{"type": "messages", "actions": ["read"]}],
        )
        cookie = Cookie(STATE_COOKIE, "/back", state, httponly=True, samesite="lax")
        return Redirect(address, status_code=303, cookies=[cookie])

    def back(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Trade the code for a token and read what the person chose."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code")
        pkce = self.pending.pop(state, None)
        if pkce is None or request.cookies.get(STATE_COOKIE) != state:
            return partner_page.show(
                "Jukebox", TINT, "Nothing was asked for", "<p><a href=/>Back</a></p>", 400
            )
        if not code:
            return partner_page.show("Jukebox", TINT, "Not connected", "<p>As you like.</p>")
        back = f"{self.started.home}/back"
        self.token = self.client.exchange(code=code, redirect_uri=back, verifier=pkce.verifier)
        self.pages = {
            ref: self.client.messages(self.token, ref, limit=200) for ref in self.token.conversations
        }
        self._remember()
        return Redirect("/", status_code=303)

    def try_another(self, conversation: str) -> dict[str, Any]:
        """Ask for a conversation it was not let into: what the story wants to see refused."""
        if self.token is None:
            return {"status": 0, "leaves": []}
        try:
            page = self.client.messages(self.token, conversation)
        except Refused as refused:
            self._remember()
            return {"status": refused.status, "leaves": [release.index for release in refused.releases]}
        return {"status": 200, "messages": len(page.messages)}

    def file_counts(self) -> dict[str, Any]:
        """Put its own counts on record, signed."""
        return {"leaf": self.client.reconcile(), "counts": self.client.counters.counts}

    def given(self) -> dict[str, Any]:
        """Tell the story what Jukebox was given."""
        return {
            "messages": [one["body"] for page in self.pages.values() for one in page.messages],
            "withheld": any(page.withheld for page in self.pages.values()),
            "leaves": [release.index for page in self.pages.values() for release in page.releases],
        }

    @property
    def client(self) -> Client:
        """The SDK's client, which lets nothing through without a receipt."""
        if self._client is None:
            counters = Counters.from_json(self._memory.read_text()) if self._memory.exists() else None
            self._client = Client(
                self.started.platform, PARTNER, KEY_ID, self.seed, self.started.policy(), counters=counters
            )
        return self._client

    def _remember(self) -> None:
        self._memory.write_text(self.client.counters.to_json())


def main() -> None:
    """Run Jukebox."""
    started, listener = partner_page.started()
    partner_page.run(Jukebox(started).handlers(), listener)


if __name__ == "__main__":
    main()
