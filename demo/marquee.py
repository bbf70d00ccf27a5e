"""Marquee, a sample partner: films, and a *Recommend* button. It holds no token and sees no message."""

from __future__ import annotations

import html
import secrets
import time
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from demo import partner_page
from vestibule.sdk.client import Client
from vestibule.sdk.errors import PlatformError, Refused
from vestibule.sdk.receipts import Receipts
from vestibule.sdk.signing import dialog_url, sign_card
from vestibule.sdk.tokens import Token

if TYPE_CHECKING:
    from demo.partner_page import Started

PARTNER, TINT = "marquee", "#a3262a"
CARD_SECONDS = 600
FILMS = {
    7: ("Stalker", 1979, "Two men follow a guide into the Zone, where a room is said to grant wishes."),
    12: ("Playtime", 1967, "Monsieur Hulot gets lost in a city of glass."),
    21: ("In the Mood for Love", 2000, "Two neighbours in Hong Kong suspect the same thing."),
}
LEARNED = """<p class=said id=learned hidden></p><script type="module">
  const said = document.querySelector("#learned");
  for (const result of ["sent", "cancelled"]) {
    addEventListener(result, (event) => {
      said.hidden = false;
      said.textContent = result === "sent" ? "Sent. That is all we know: not to whom." : "Not sent.";
      fetch(`/back?${new URLSearchParams({ state: event.detail.state, result })}`);
    });
  }
</script>"""


class Marquee:
    """What the program knows: its key, the dialogs it opened, who came back."""

    def __init__(self, started: Started) -> None:
        self.started = started
        self.keys = partner_page.keys_of(started.keys, PARTNER)
        self.kept = Receipts(started.keys / "marquee-receipts")
        self.results: dict[str, str] = {}
        self.arrivals = dict.fromkeys(FILMS, 0)

    def handlers(self) -> list[Any]:
        """Return the program's pages."""
        return [
            get("/", sync_to_thread=False)(self.shelf),
            get("/films/{film:int}", sync_to_thread=False)(self.film),
            get("/back", sync_to_thread=False)(self.back),
            post("/try-to-read", sync_to_thread=True)(self.try_to_read),
            get("/state.json", sync_to_thread=False)(self.learned),
        ]

    def shelf(self) -> Response[str]:
        """Show the films."""
        rows = "".join(
            f"<p class=film><span class=poster aria-hidden=true>{title[0]}</span>"
            f'<span><a href="/films/{film}"><strong>{title}</strong></a><br>{year}</span></p>'
            for film, (title, year, _) in FILMS.items()
        )
        return partner_page.show("Marquee", TINT, "Tonight", rows)

    def film(self, film: int, via: str = "") -> Response[str]:
        """Show one film; people who follow a recommendation arrive here."""
        if film not in FILMS:
            return partner_page.show("Marquee", TINT, "No such film", "<p><a href=/>All films</a></p>", 404)
        title, year, plot = FILMS[film]
        came = ""
        if via == "vestibule":
            self.arrivals[film] += 1
            came = "<p class=said>Welcome: a friend recommended this film to you. We do not know who.</p>"
        body = (
            f"{came}<p class=film><span class=poster aria-hidden=true>{title[0]}</span>"
            f"<span>{year}. {plot}</span></p>"
            f"{self.button(film)}{LEARNED}"
            f"<p class=quiet>Recommendations that led somebody here: {self.arrivals[film]}</p>"
        )
        return partner_page.show("Marquee", TINT, title, body)

    def button(self, film: int) -> str:
        """Write the platform's button over a signed card, and in it the link for browsers without script."""
        platform, state = self.started.platform, secrets.token_urlsafe(12)
        self.results[state] = "open"
        card = sign_card(
            platform,
            partner=PARTNER,
            card={
                "kind": "film",
                "title": FILMS[film][0],
                "link": f"{self.started.home}/films/{film}?via=vestibule",
                "exp": int(time.time()) + CARD_SECONDS,
            },
            key_id=self.keys.key_id,
            seed=self.keys.seed,
        )
        back = f"{self.started.home}/back"
        link = dialog_url(platform, card=card, return_uri=back, state=state, surface="film")
        inside = f'<a class=button href="{html.escape(link)}">Recommend</a>'
        source = f"{platform}/static/recommend-button.js"
        return (
            f"<p><recommend-button>{inside}</recommend-button></p>"
            f'<script type="module" src="{source}" crossorigin="anonymous"></script>'
        )

    def back(self, request: Request[Any, Any, Any]) -> Response[str]:
        """Take note of how the dialog ended, by redirect or from our own script: all that we learn."""
        state, result = request.query_params.get("state", ""), request.query_params.get("result")
        if self.results.get(state) != "open" or result not in ("sent", "cancelled"):
            return partner_page.show(
                "Marquee", TINT, "Nothing was open", "<p><a href=/>All films</a></p>", 400
            )
        self.results[state] = result
        body = (
            "<p>That is all we know: not to whom, and not what was written.</p><p><a href=/>All films</a></p>"
        )
        return partner_page.show("Marquee", TINT, "Sent" if result == "sent" else "Not sent", body)

    def try_to_read(self) -> dict[str, Any]:
        """Ask for messages with a made-up token: what the story wants to see refused."""
        client = Client(self.started.platform, self.keys, self.started.policy(), self.kept)
        guess = Token(secrets.token_urlsafe(24), "", 0, self.keys.dpop.jkt, "", ())
        try:
            page = client.messages(guess, "any")
        except Refused as refused:
            return {"status": refused.status, "leaves": [release.index for release in refused.releases]}
        except PlatformError as error:
            return {"status": error.status, "leaves": []}
        finally:
            client.close()
        return {"status": 200, "messages": len(page.messages)}

    def learned(self) -> dict[str, Any]:
        """Tell the story what Marquee has learned."""
        return {"results": list(self.results.values()), "arrivals": sum(self.arrivals.values())}


def main() -> None:
    """Run Marquee."""
    started, listener = partner_page.started()
    partner_page.run(Marquee(started).handlers(), listener)


if __name__ == "__main__":
    main()
