"""Letting a request in: decided over what the store holds now; whatever is not permitted is on record."""

import hashlib
from dataclasses import dataclass
from typing import Any

from vestibule.connections.grants import IN_CONVERSATIONS, Refusal, Scope
from vestibule.connections.listing import Connection
from vestibule.gate.decide import Ground, ask_for, decide
from vestibule.gate.ids import unsealed
from vestibule.gate.parts import Gate
from vestibule.gate.release import Caller, refuse
from vestibule.gate.standing import person_of, standing_of, subject_of
from vestibule.ledger import canonical, tags
from vestibule.ledger.event import EventKind
from vestibule.partners.authentication import Signed
from vestibule.partners.register import Privilege
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Draft


@dataclass(frozen=True, slots=True)
class Admitted:
    """A permitted request, and what it stands on.

    Attributes:
        scope: what it was permitted under.
        signed: the request, its signature checked.
        ground: what it stands on, as it was read.
        connection: the ground's; there is one.
        privilege: the ground's; there is one.
        person: the granting person.
        caller: whose a refusal would be.
        conversation_id: the conversation it is about; 0 where it is about none.
    """

    scope: Scope
    signed: Signed
    ground: Ground
    connection: Connection
    privilege: Privilege
    person: Account
    caller: Caller
    conversation_id: int

    def event(self, kind: EventKind, n: int, **more: Any) -> Draft:
        """Begin an event of this request about the granting person; `more` are fields of `Draft`."""
        return Draft(
            kind,
            self.scope.value,
            self.connection.partner_id,
            tags.SHARED,
            self.person.subject,
            n,
            grant=self.connection.leaves[self.scope],
            last_day=min(self.connection.grant.until_day, self.privilege.until_day),
            request=self.signed.request,
            **more,
        )

    async def still(self, gate: Gate) -> bool:
        """Say whether token, connection and privilege are as they were, as the store has them now."""
        again = await standing_of(gate.store, self.signed, self.scope)
        unchanged = again.versions == self.ground.versions
        return unchanged and await person_of(gate.store, again) is not None


async def admit(
    gate: Gate, signed: Signed, scope: Scope, now: int, conversation: str | None = None
) -> Admitted:
    """Decide a request.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        scope: what it needs.
        now: microseconds since 1970.
        conversation: the conversation that it is about, by the id that this connection knows; None for no
            single one.

    Raises:
        Refused: if it is not permitted; the refusal is recorded.
        LogUnavailable: if the refusal cannot be recorded now.
    """
    ground = await standing_of(gate.store, signed, scope)
    person = await person_of(gate.store, ground)
    caller = Caller(signed.partner_id, subject_of(ground, person, now), scope.value, signed.request)
    chosen = 0 if conversation is None else unsealed(gate, ground, conversation)
    refusal = decide(ground, ask_for(scope, _place(ground, scope, chosen, conversation), now), now)
    connection, privilege = ground.connection, ground.privilege
    if refusal is not None or person is None or connection is None or privilege is None or chosen is None:
        raise await refuse(gate.recorder, caller, refusal or Refusal("dead_token", "the person is gone"))
    return Admitted(scope, signed, ground, connection, privilege, person, caller, chosen)


def _place(ground: Ground, scope: Scope, chosen: int | None, conversation: str | None) -> int | None:
    """Say where a request is to be permitted: one about no single conversation, in any that she chose."""
    if conversation is not None or scope not in IN_CONVERSATIONS or ground.connection is None:
        return chosen
    return next(iter(ground.connection.grant.selection.conversations), None)


def digest(value: dict[str, Any]) -> str:
    """Return the hex SHA-256 of a value's canonical JSON, as an opening carries it of what left or came."""
    return hashlib.sha256(canonical.encode(value)).hexdigest()
