"""Rich Authorization Requests (RFC 9396): what is asked for and what is granted, as `authorization_details`.

A type and an action name a scope: `messages` and `read` are `messages.read`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vestibule.connections.grants import IN_CONVERSATIONS, Grant, Reach, Scope
from vestibule.connections.opaque import PartnersIds
from vestibule.oauth.errors import OAuthError

ERROR: Final = "invalid_authorization_details"
LONGEST: Final = 4096
"""Characters of `authorization_details`."""


def _actions() -> Mapping[str, tuple[str, ...]]:
    """List each type's actions, from the scopes there are."""
    actions: dict[str, tuple[str, ...]] = {}
    for scope in Scope:
        kind, _, action = scope.value.partition(".")
        actions[kind] = (*actions.get(kind, ()), action)
    return actions


ACTIONS: Final = _actions()
WITH_REACH: Final = frozenset(scope.value.partition(".")[0] for scope in IN_CONVERSATIONS)
"""Types about messages, of which a person chooses some."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One authorization details object of a request; `reach` is None where the type has none."""

    type: str
    actions: tuple[str, ...]
    reach: Reach | None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What it asks for."""
        return tuple(Scope(f"{self.type}.{action}") for action in self.actions)

    def to_object(self) -> dict[str, Any]:
        """Write it as the client did, with the default spelled out."""
        shown: dict[str, Any] = {"type": self.type, "actions": list(self.actions)}
        return shown if self.reach is None else {**shown, "reach": self.reach.value}


def parse(text: str) -> tuple[Detail, ...]:
    """Read the parameter (section 2), each type once, nothing in it that we do not know (section 5).

    Raises:
        OAuthError: `invalid_authorization_details`.
    """
    try:
        given = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise OAuthError(ERROR, "authorization_details: expected JSON") from error
    if not isinstance(given, list) or not given:
        raise OAuthError(
            ERROR, f"authorization_details: expected an array of 1 or more, at most {LONGEST} characters"
        )
    details = tuple(_detail(one) for one in given)
    if len({detail.type for detail in details}) < len(details):
        raise OAuthError(ERROR, "authorization_details: expected each type once, with all its actions")
    return details


def _detail(given: object) -> Detail:
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(kind, str) or kind not in ACTIONS:
        raise OAuthError(ERROR, f"type: expected one of {' '.join(ACTIONS)}, got {kind!r:.60}")
    unknown = given.keys() - {"type", "actions", *(("reach",) if kind in WITH_REACH else ())}
    if unknown:
        raise OAuthError(ERROR, f"{kind}: expected type, actions and no {min(unknown):.60}")
    actions = given.get("actions")
    if not isinstance(actions, list) or not actions or any(one not in ACTIONS[kind] for one in actions):
        raise OAuthError(ERROR, f"actions: expected some of {' '.join(ACTIONS[kind])}, got {actions!r:.60}")
    ordered = tuple(action for action in ACTIONS[kind] if action in actions)
    return Detail(kind, ordered, _reach(given) if kind in WITH_REACH else None)


def _reach(given: Mapping[str, Any]) -> Reach:
    reach = given.get("reach", Reach.CONVERSATIONS.value)
    if not isinstance(reach, str) or reach not in [one.value for one in Reach]:
        raise OAuthError(ERROR, f"reach: expected one of {' '.join(Reach)}, got {reach!r:.60}")
    return Reach(reach)


def to_text(details: Sequence[Detail]) -> str:
    """Write details for storage; `parse` reads them back."""
    return json.dumps([detail.to_object() for detail in details])


def granted(grant: Grant, ids: PartnersIds) -> list[dict[str, Any]]:
    """Say what was granted (section 7.1, enriched): the actions, where, why and until when.

    Messages picked by hand are not named: some may be withheld, and how many is nobody's to know.

    Args:
        grant: what the gate enforces.
        ids: how the partner knows the person's conversations and messages.
    """
    return [
        _granted(grant, ids, kind, kept)
        for kind, actions in ACTIONS.items()
        if (kept := [action for action in actions if grant.permission(Scope(f"{kind}.{action}"))])
    ]


def _granted(grant: Grant, ids: PartnersIds, kind: str, actions: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": kind, "actions": actions, "until_day": grant.until_day}
    shown["purposes"] = {
        action: permission.purpose
        for action in actions
        if (permission := grant.permission(Scope(f"{kind}.{action}")))
    }
    if kind not in WITH_REACH:
        return shown
    selection = grant.selection
    shown |= {
        "reach": selection.reach.value,
        "conversations": [ids.conversation(chosen) for chosen in selection.conversations],
        "since": selection.since,
    }
    return shown


def schema(kind: str, origin: str) -> dict[str, Any]:
    """Describe a type's objects in a request as JSON Schema 2020-12.

    Args:
        kind: one of `ACTIONS`.
        origin: the issuer, under which the schema is published.
    """
    properties: dict[str, Any] = {
        "type": {"const": kind},
        "actions": {
            "description": "what the app wants to be able to do; the person may grant fewer",
            "type": "array",
            "items": {"enum": list(ACTIONS[kind])},
            "minItems": 1,
        },
    }
    if kind in WITH_REACH:
        properties["reach"] = {
            "description": "which messages of the conversations that the person chooses",
            "enum": [reach.value for reach in Reach],
            "default": Reach.CONVERSATIONS.value,
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{origin}/oauth/types/{kind}.json",
        "title": f"authorization_details of type {kind}",
        "type": "object",
        "properties": properties,
        "required": ["type", "actions"],
        "additionalProperties": False,
    }
