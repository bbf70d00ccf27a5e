"""A film is recommended: Marquee's page, the platform's dialog, a friend's click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from demo.errors import DemoError

if TYPE_CHECKING:
    from demo.cast import Cast

FILM = 7
TITLE = "Stalker"
NOTE = "For Sunday? It is shorter than four hours, Dan."
CHOSEN = ("Ana", "Dan")


def send(cast: Cast) -> None:
    """Let Cleo recommend a film to two friends."""
    cast.printer.act("Cleo recommends a film from Marquee's own page")
    cleo, marquee = cast["Cleo"], cast.stage.homes["marquee"]
    page = cleo.browser.open(f"{marquee}/films/{FILM}")
    cast.printer.line("Cleo", f"opens {page.url} and presses Recommend")
    dialog = cleo.browser.follow(page, f"{cast.stage.platform}/dialog")
    if not dialog.url.startswith(f"{cast.stage.platform}/dialog"):
        raise DemoError(f"expected the platform's dialog, got {dialog.url}")
    dialog.expect(TITLE)
    cast.printer.line(
        "Vestibule", "shows its own dialog over Marquee's signed card: Marquee sees no friend list"
    )
    back = cleo.browser.submit(
        dialog,
        "/dialog",
        {"to": [cast[name].handle for name in CHOSEN], "note": NOTE, "decision": "send"},
    )
    cast.printer.line("Cleo", f"picks {' and '.join(CHOSEN)}, writes “{NOTE}” and sends")
    if not back.url.startswith(marquee):
        raise DemoError(f"expected to come back to Marquee, got {back.url}")
    back.expect("Sent")
    query = sorted(httpx2.URL(back.url).params.keys())
    if query != ["result", "state"]:
        raise DemoError(f"expected Marquee to learn result and state alone, got {query}")
    cast.printer.line("Marquee", "learns “sent”: neither to whom nor what she wrote")


def click(cast: Cast) -> None:
    """Let a friend find the card and follow it."""
    dan, marquee = cast["Dan"], cast.stage.homes["marquee"]
    path = dan.conversation_with("Cleo")
    if path is None:
        raise DemoError("expected a conversation with Cleo in Dan's inbox, found none")
    page = dan.open(path)
    for text in (NOTE, TITLE, "via Marquee"):
        page.expect(text)
    cast.printer.line("Dan", f"finds {TITLE} in his inbox, marked “via Marquee”, and clicks")
    before = _arrivals(marquee)
    landed = dan.browser.follow(page, "/r/")
    if not landed.url.startswith(f"{marquee}/films/{FILM}"):
        raise DemoError(f"expected to land on Marquee's film, got {landed.url}")
    landed.expect("a friend recommended this film")
    if _arrivals(marquee) != before + 1:
        raise DemoError("expected Marquee to see one arrival more")
    cast.printer.line("Dan", f"lands on {landed.url}; the platform has counted the click")


def _arrivals(marquee: str) -> int:
    arrivals: int = httpx2.get(f"{marquee}/state.json").json()["arrivals"]
    return arrivals
