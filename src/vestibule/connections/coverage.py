"""What a grant permits, cut into the pieces that one line of the consent page speaks of each. Pure."""

from dataclasses import dataclass

from vestibule.connections.grants import IN_CONVERSATIONS, Grant, Reach, Scope

ABOUT_MESSAGES = frozenset({Scope.MESSAGES_READ, Scope.MESSAGES_DELETE})
"""Scopes that permit something with messages that are there, and so only with those that a person chose."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One scope, in one place, until a day.

    Attributes:
        conversation: where; None for what has nothing to do with conversations.
        reach: with which of its messages; None for what is done with none of them.
        picked: the numbers of the messages picked there, in order; empty for another reach.
        since: microseconds since 1970; with messages sent before nothing is permitted.
        until_day: the last UTC day on which it is permitted.
    """

    scope: Scope
    until_day: int
    conversation: int | None = None
    reach: Reach | None = None
    picked: tuple[int, ...] = ()
    since: int = 0


def covers_of(grant: Grant) -> tuple[Cover, ...]:
    """Cut a grant into covers, in the order of the scopes and of the chosen conversations."""
    return tuple(cover for scope in Scope if grant.permission(scope) for cover in _of_scope(grant, scope))


def _of_scope(grant: Grant, scope: Scope) -> tuple[Cover, ...]:
    if scope not in IN_CONVERSATIONS:
        return (Cover(scope, grant.until_day),)
    chosen = dict.fromkeys(grant.selection.conversations)
    if scope not in ABOUT_MESSAGES:
        return tuple(Cover(scope, grant.until_day, conversation) for conversation in chosen)
    covers = (_of_messages(grant, scope, conversation) for conversation in chosen)
    return tuple(cover for cover in covers if cover.picked or cover.reach is not Reach.PICKED)


def _of_messages(grant: Grant, scope: Scope, conversation: int) -> Cover:
    selection = grant.selection
    picked = (
        tuple(sorted({seq for where, seq in selection.picked if where == conversation}))
        if selection.reach is Reach.PICKED
        else ()
    )
    reach = selection.reach
    if scope is Scope.MESSAGES_DELETE and reach is Reach.THROUGH_PARTNER:
        # It deletes nothing but what it wrote itself, and all of that came through it.
        reach = Reach.CONVERSATIONS
    return Cover(scope, grant.until_day, conversation, reach, picked, selection.since)
