"""`authorization_details` (RFC 9396): what a partner asks for, and what the person granted. Pure values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.typed import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask for; `messages`, `friends` and `recommendations` make them.

    Attributes:
        type: `messages`, `friends` or `recommendations`.
        actions: such as `read`; type and action together are a scope, `messages.read`.
        reach: of which messages, None for a type that has none.
    """

    type: str
    actions: tuple[str, ...]
    reach: str | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it asks for, by the names that the register uses."""
        return tuple(f"{self.type}.{action}" for action in self.actions)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person granted of one type; it may be less than was asked for.

    Attributes:
        type: `messages`, `friends` or `recommendations`.
        actions: those she left ticked.
        purposes: the sentence she read, by action.
        until_day: the last UTC day, days since 1970.
        reach: `conversations`, `through_partner` or `picked`; None for a type that has none.
        conversations: this partner's ids of the conversations she chose.
        since: nothing older, microseconds since 1970.
    """

    type: str
    actions: tuple[str, ...]
    purposes: Mapping[str, str]
    until_day: int
    reach: str | None = None
    conversations: tuple[str, ...] = ()
    since: int = 0

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is granted, by the names that the register uses."""
        return tuple(f"{self.type}.{action}" for action in self.actions)


def messages(*actions: str, reach: str = "conversations") -> Ask:
    """Ask for messages.

    Args:
        actions: of `read`, `send` and `delete`.
        reach: `conversations` (all messages of those she chooses), `through_partner` (only what this
            partner sent, and replies to it) or `picked` (messages she picks by hand).
    """
    return Ask("messages", actions, reach)


def friends() -> Ask:
    """Ask for the list of friends."""
    return Ask("friends", ("list",))


def recommendations() -> Ask:
    """Ask for what is recommended to the person through this partner from then on."""
    return Ask("recommendations", ("receive",))


def to_json(asks: Iterable[Ask]) -> str:
    """Write the parameter of a request."""
    return json.dumps([_object(ask) for ask in asks])


def granted(value: object) -> tuple[Granted, ...]:
    """Read the member of a token answer (section 7).

    Raises:
        BadAnswer: if it is not what the platform's schemas say.
    """
    if not isinstance(value, list):
        raise BadAnswer(f"authorization_details: expected an array, got {type(value).__name__}")
    return tuple(_granted(one) for one in value)


def _object(ask: Ask) -> dict[str, Any]:
    shown = {"type": ask.type, "actions": list(ask.actions)}
    return shown if ask.reach is None else {**shown, "reach": ask.reach}


def _granted(value: object) -> Granted:
    fields = Fields("authorization_details", value)
    return Granted(
        type=fields.text("type"),
        actions=fields.texts("actions"),
        purposes=fields.mapping("purposes"),
        until_day=fields.number("until_day"),
        reach=fields.text("reach") if fields.has("reach") else None,
        conversations=fields.texts("conversations") if fields.has("conversations") else (),
        since=fields.number("since") if fields.has("since") else 0,
    )
