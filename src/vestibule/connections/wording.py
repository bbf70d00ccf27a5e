"""The sentences of the consent page, made from the very grant that `gate.decide` enforces."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from vestibule.connections.grants import Grant, Scope
from vestibule.ledger.days import MICROSECONDS_A_DAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_words(day: int) -> str:
    """Write a UTC day number as a date: `20000` is "4 October 2024"."""
    date = EPOCH + timedelta(days=day)
    return f"{date.day} {date:%B %Y}"


def sentences(grant: Grant, titles: Mapping[int, str]) -> tuple[str, ...]:
    """Say in plain words what the grant permits, one sentence a permission and its limits.

    Args:
        grant: what will be enforced.
        titles: how the person knows each chosen conversation.
    """
    said: list[str] = []
    if Scope.MESSAGES_READ in grant.scopes:
        since = day_words(grant.selection.since // MICROSECONDS_A_DAY)
        said += [
            f"View what you write in “{titles.get(conversation, 'a conversation')}”, from {since} on, and "
            "what others there write who have agreed themselves."
            for conversation in grant.selection.conversations
        ]
    said.append(f"This ends by itself after {day_words(grant.until_day)}.")
    return tuple(said)


SHOWN = {
    Scope.MESSAGES_READ: "Messages you wrote, and those of others there who have agreed themselves",
}
"""What each scope lets an app see, as the consent page offers it."""


def others_sentence() -> str:
    """Say what the other people in the chosen conversations will experience."""
    return (
        "The others in these conversations will see that this app reads here. Their own words are kept back "
        "unless they agree themselves."
    )


def log_sentence(live: int, name: str) -> str | None:
    """Say what the public log shows, below 10 live connections (docs/log.md, what the public can learn)."""
    if live >= 10:  # noqa: PLR2004  (the bound is part of the specification)
        return None
    people = "person" if live == 1 else "people"
    return (
        f"{name} has only {live} connected {people} so far: everyone can see in the public log on which days "
        "and how often it reads. Nobody can see whose conversations, or what was in them."
    )


def live_connections(
    totals: Mapping[tuple[str, str, str, str], tuple[int, int]], partner: str, scope: str
) -> int:
    """Count the live connections with a scope, from the public totals: grants less ends."""
    grants = totals.get((partner, "grant", scope, "grant"), (0, 0))[0]
    ends = totals.get((partner, "end", scope, "grant"), (0, 0))[0]
    return grants - ends
