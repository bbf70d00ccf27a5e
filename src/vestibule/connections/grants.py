"""Grants: what a connection lets a partner do. Frozen values and one `permits`; no database, no clock."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

LONGEST_DAYS = 731
"""A grant ends after two years at the latest (the bound of 18 U.S.C. 2710(b)(2)(B)(ii))."""


class Scope(StrEnum):
    """What a partner can ask people for. None implies another."""

    MESSAGES_READ = "messages.read"
    MESSAGES_SEND = "messages.send"
    MESSAGES_DELETE = "messages.delete"
    FRIENDS_LIST = "friends.list"
    RECOMMENDATIONS_RECEIVE = "recommendations.receive"


IN_CONVERSATIONS = frozenset({Scope.MESSAGES_READ, Scope.MESSAGES_SEND, Scope.MESSAGES_DELETE})
"""Scopes that permit something in the chosen conversations, and in no other."""


class Reach(StrEnum):
    """Which messages of the chosen conversations a grant is about."""

    CONVERSATIONS = "conversations"
    THROUGH_PARTNER = "through_partner"
    PICKED = "picked"


@dataclass(frozen=True, slots=True)
class Permission:
    """One scope, for one reason.

    Attributes:
        purpose: the sentence the partner gave and the person read.
        privilege_index: the log index of the privilege that the person saw with its purpose; under any later
            one nothing is permitted (-1 fits none).
    """

    scope: Scope
    purpose: str
    privilege_index: int = -1


@dataclass(frozen=True, slots=True)
class Seen:
    """What a selection has to know of a message.

    Attributes:
        sent_at: microseconds since 1970.
        via_partner: the partner it came through, None if it was written here.
        answers_via: the partner that the message it replies to came through, None without one.
    """

    conversation: int
    seq: int
    sent_at: int
    via_partner: str | None = None
    answers_via: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The messages that a person chose.

    Attributes:
        conversations: the chosen conversations; in no other is anything permitted.
        since: microseconds since 1970; messages sent before are out of reach.
        reach: all of them, those that came through the partner and the replies to them, or `picked`.
        picked: conversation and number of each hand-picked message, in order; empty for another reach.
    """

    conversations: tuple[int, ...]
    since: int
    reach: Reach = Reach.CONVERSATIONS
    picked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """One person's words to one partner: these scopes, for these messages, until then.

    Attributes:
        partner: the partner's id on the register.
        permissions: what it may do, each scope once.
        selection: with which messages.
        until_day: the last UTC day (days since 1970) on which anything is permitted.
    """

    partner: str
    permissions: tuple[Permission, ...]
    selection: Selection
    until_day: int

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What it may do."""
        return tuple(permission.scope for permission in self.permissions)

    @property
    def privileges(self) -> dict[str, int]:
        """The privilege, by its log index, that each scope was granted under."""
        return {granted.scope.value: granted.privilege_index for granted in self.permissions}

    def only(self, scopes: Collection[str]) -> Self:
        """Return the same grant of no other scopes."""
        kept = tuple(granted for granted in self.permissions if granted.scope in scopes)
        return replace(self, permissions=kept)

    def permission(self, scope: Scope) -> Permission | None:
        """Return the permission for a scope, None if it is not granted."""
        return next((granted for granted in self.permissions if granted.scope == scope), None)

    def to_json(self) -> str:
        """Render for storage."""
        return json.dumps(
            {
                "partner": self.partner,
                "permissions": [
                    [granted.scope, granted.purpose, granted.privilege_index] for granted in self.permissions
                ],
                "conversations": self.selection.conversations,
                "since": self.selection.since,
                "reach": self.selection.reach,
                "picked": self.selection.picked,
                "until_day": self.until_day,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(
            partner=fields["partner"],
            permissions=tuple(
                Permission(Scope(scope), purpose, index) for scope, purpose, index in fields["permissions"]
            ),
            selection=_selection(fields),
            until_day=fields["until_day"],
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """What one request wants: a scope, in a conversation, on a UTC day."""

    scope: Scope
    conversation: int | None
    day: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not permitted: a stable code and a sentence for the partner's engineer."""

    code: str
    sentence: str


def refused_by(grant: Grant, ask: Ask) -> Refusal | None:
    """Say what in the grant does not permit the request; None if all of it does."""
    if grant.permission(ask.scope) is None:
        return Refusal(
            "missing_scope", f"the person has not granted {ask.scope}; ask for it on the consent page"
        )
    if ask.day > grant.until_day:
        return Refusal("grant_expired", f"the grant ended with UTC day {grant.until_day}; today is {ask.day}")
    if ask.scope in IN_CONVERSATIONS and ask.conversation not in grant.selection.conversations:
        return Refusal("not_selected", "the person has not chosen this conversation for this connection")
    return None


def reaches(grant: Grant, seen: Seen) -> bool:
    """Say whether a message is among those the person chose."""
    selection = grant.selection
    if seen.conversation not in selection.conversations or seen.sent_at < selection.since:
        return False
    if selection.reach is Reach.PICKED:
        return (seen.conversation, seen.seq) in selection.picked
    if selection.reach is Reach.THROUGH_PARTNER:
        return grant.partner in (seen.via_partner, seen.answers_via)
    return True


def _selection(fields: dict[str, Any]) -> Selection:
    return Selection(
        conversations=tuple(fields["conversations"]),
        since=fields["since"],
        reach=Reach(fields["reach"]),
        picked=tuple((conversation, seq) for conversation, seq in fields["picked"]),
    )
