"""Jukebox is let into one conversation, and nobody into any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from demo.acts.writing import TALK
from demo.errors import DemoError
from demo.people import PASSWORD

if TYPE_CHECKING:
    from demo.cast import Cast

TIMEOUT = 30.0
REFUSED = (401, 403)


def connect(cast: Cast) -> None:
    """Let Ana connect Jukebox to one conversation; Jukebox reads it at once."""
    cast.printer.act("Ana lets Jukebox into one conversation")
    ana, jukebox = cast["Ana"], cast.stage.homes["jukebox"]
    consent = ana.browser.follow(ana.browser.open(jukebox), "/connect")
    consent.expect("Jukebox asks to ")  # come in, or what it asks where she has let it in before
    cast.printer.line(
        "Ana",
        "presses “Connect with Vestibule”, ticks her conversation with Bob and nothing else,"
        " reads what exactly that means, and agrees with her password",
    )
    exact = ana.browser.submit(
        consent,
        "/oauth/authorize",
        {"conversation": cast.talk.rpartition("/")[2], "decision": "continue"},
    )
    exact.expect("Jukebox can read the messages in:")
    agreement = {"password": PASSWORD, "decision": "agree"}
    page = ana.browser.submit(exact, "/oauth/authorize", agreement)
    if not page.url.startswith(jukebox):
        raise DemoError(f"expected to come back to Jukebox, got {page.url}")
    _check_given(cast, httpx2.get(f"{jukebox}/state.json").json())
    who = ana.open(cast.talk)
    who.expect("Jukebox")
    cast["Bob"].open(cast.talk).expect("Your words are kept back from it")
    cast.printer.line(
        "Bob", "sees in the conversation that Jukebox reads there, and that his words are kept back"
    )


def _check_given(cast: Cast, state: dict[str, Any]) -> None:
    hers = [text for who, text in TALK if who == "Ana"]
    if state["messages"] != hers or not state["withheld"]:
        raise DemoError(f"expected Jukebox to get Ana's {len(hers)} messages, got {state['messages']}")
    for text in state["messages"]:
        cast.printer.quote("Jukebox", text)
    leaf = state["leaves"][0]
    cast.printer.line(
        "Jukebox",
        f"reads {len(hers)} messages of hers, and checks the receipt: leaf {leaf}. Bob's are withheld",
    )


def overreach(cast: Cast) -> None:
    """Let both partners ask for what they were not given, and be refused on record."""
    cast.printer.act("Both ask for more")
    other = cast.group.rpartition("/")[2]
    said = _tell(cast.stage.homes["jukebox"], f"/try-another?conversation={other}")
    _need_refused("Jukebox", said)
    cast.printer.refusal("Jukebox", f"asks for the film club's conversation too: leaf {said['leaves'][0]}")
    said = _tell(cast.stage.homes["marquee"], "/try-to-read")
    _need_refused("Marquee", said)
    cast.printer.refusal("Marquee", f"guesses a token and asks for messages: leaf {said['leaves'][0]}")


def file_counts(cast: Cast) -> None:
    """Let Jukebox put on record how often it read, by its own count."""
    said = _tell(cast.stage.homes["jukebox"], "/file-counts")
    reads, messages = said["counts"]["access/messages.read"]
    cast.served = (reads, messages)
    cast.printer.line(
        "Jukebox",
        f"puts its own signed count on record, leaf {said['leaf']}: read {reads} x, {messages} messages",
    )


def _need_refused(who: str, said: dict[str, Any]) -> None:
    # A guessed token is answered 401: another one could help there. Both are on record.
    if said["status"] not in REFUSED or not said["leaves"]:
        raise DemoError(f"expected {who} to be refused on record, got {said}")


def _tell(home: str, path: str) -> dict[str, Any]:
    answer = httpx2.post(home + path, timeout=TIMEOUT)
    if not answer.is_success:
        raise DemoError(f"{answer.url}: {answer.status_code} {answer.text[:300]}")
    value: dict[str, Any] = answer.json()
    return value
