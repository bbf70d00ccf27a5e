"""Grants: what a connection lets a partner do. Frozen values and one `permits`; no database, no clock."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

LONGEST_DAYS = 731
"""A grant ends after two years at the latest (the bound of 18 U.S.C. 2710(b)(2)(B)(ii))."""


class Scope(StrEnum):
    """What a partner can ask people for. None implies another."""

    MESSAGES_READ = "messages.read"


@dataclass(frozen=True, slots=True)
class Grant:
    """One person's words to one partner: these scopes, in these conversations, from then until then.

    Attributes:
        partner: the partner's id on the register.
        scopes: what it may do.
        conversations: the chosen conversations; in no other is anything permitted.
        since: microseconds since 1970; messages sent before are out of reach.
        purpose: the sentence the partner gave and the person read.
        until_day: the last UTC day (days since 1970) on which anything is permitted.
        privilege_index: the log index of the privilege that the person saw with its purpose; under any later
            one nothing is permitted (-1 fits none).
    """

    partner: str
    scopes: tuple[Scope, ...]
    conversations: tuple[int, ...]
    since: int
    purpose: str
    until_day: int
    privilege_index: int = -1

    def to_json(self) -> str:
        """Render for storage."""
        return json.dumps(
            {
                "partner": self.partner,
                "scopes": list(self.scopes),
                "conversations": list(self.conversations),
                "since": self.since,
                "purpose": self.purpose,
                "until_day": self.until_day,
                "privilege_index": self.privilege_index,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(
            partner=fields["partner"],
            scopes=tuple(Scope(scope) for scope in fields["scopes"]),
            conversations=tuple(fields["conversations"]),
            since=fields["since"],
            purpose=fields["purpose"],
            until_day=fields["until_day"],
            privilege_index=fields["privilege_index"],
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
    if ask.scope not in grant.scopes:
        return Refusal(
            "missing_scope", f"the person has not granted {ask.scope}; ask for it on the consent page"
        )
    if ask.day > grant.until_day:
        return Refusal("grant_expired", f"the grant ended with UTC day {grant.until_day}; today is {ask.day}")
    if ask.conversation not in grant.conversations:
        return Refusal("not_selected", "the person has not chosen this conversation for this connection")
    return None
