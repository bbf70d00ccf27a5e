"""A partner asks what its token's person agreed to.

No event: the answer carries the grant, which the partner has agreed on with her, and the id it got with it.
"""

from dataclasses import dataclass

from vestibule.connections.grants import Grant, Refusal, Scope
from vestibule.connections.opaque import PartnersIds
from vestibule.gate.decide import dead
from vestibule.gate.ids import granted, ids_of, person_ref
from vestibule.gate.parts import Gate
from vestibule.gate.release import Caller, refuse
from vestibule.gate.standing import person_of, standing_of
from vestibule.ledger import tags
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import register
from vestibule.partners.authentication import Signed

OP = "connection"
NOTHING_LEFT = Refusal("no_privilege", "no privilege that the grant stands on is in force any more")


@dataclass(frozen=True, slots=True)
class OwnConnection:
    """The grant, and the ids by which the partner knows its person, conversations and messages."""

    person: str
    conversations: tuple[str, ...]
    grant: Grant
    ids: PartnersIds


async def own_connection(gate: Gate, signed: Signed, now: int) -> OwnConnection:
    """Show a partner the connection behind its token, with those scopes whose privilege is in force.

    Raises:
        TooManyRequests: before anything is decided.
        Refused: without a live token of this partner, or with nothing left of the grant; it is recorded.
        LogUnavailable: if the refusal cannot be recorded now.
    """
    gate.rates.take(signed.partner_id, now)
    ground = await standing_of(gate.store, signed, Scope.MESSAGES_READ)
    refusal = dead(ground, now)
    person = await person_of(gate.store, ground)
    if refusal is not None or person is None or ground.connection is None:
        caller = Caller(signed.partner_id, tags.NOBODY, OP, signed.request)
        raise await refuse(gate.recorder, caller, refusal or Refusal("dead_token", "no live token"))
    connection = ground.connection
    held = await register.still_held(
        gate.store, connection.partner_id, connection.grant.privileges, now // MICROSECONDS_A_DAY
    )
    if not held:
        caller = Caller(signed.partner_id, person.subject, OP, signed.request)
        raise await refuse(gate.recorder, caller, NOTHING_LEFT)
    return OwnConnection(
        person=await person_ref(gate, connection),
        conversations=tuple(granted(gate, connection)),
        grant=connection.grant.only(held),
        ids=ids_of(gate, connection),
    )
