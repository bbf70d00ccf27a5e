"""A partner suspends its own side of a connection, and resumes it. No token: after the first there is none.

The request's signature says which partner asks; it can name only people whose id it was given. No event of
its own: what follows in the log is the `end` and the `grant` of the connection itself.
"""

from vestibule.connections import listing, suspending
from vestibule.connections.listing import Connection
from vestibule.connections.states import By, Status
from vestibule.gate import privileges
from vestibule.gate.errors import BadRequest
from vestibule.gate.parts import Gate
from vestibule.people import accounts


async def suspend(gate: Gate, partner_id: str, person: str, now: int) -> Connection:
    """Suspend a partner's own side of its connection with a person, at once.

    Args:
        gate: what the gate works with.
        partner_id: who asks.
        person: the id by which the partner knows her.
        now: microseconds since 1970.

    Raises:
        BadRequest: if there is no such connection.
    """
    connection = await _connection(gate, partner_id, person)
    return await suspending.suspend(
        gate.store,
        gate.outbox,
        user_id=connection.user_id,
        connection_id=connection.connection_id,
        by=By.PARTNER,
        now=now,
    )


async def resume(gate: Gate, partner_id: str, person: str, now: int) -> Connection:
    """Undo a partner's own suspension; who else has suspended the connection keeps it suspended.

    Where a privilege of it has changed meanwhile, nothing is left to resume: it ends.

    Args:
        gate: what the gate works with.
        partner_id: who asks.
        person: the id by which the partner knows her.
        now: microseconds since 1970.

    Raises:
        BadRequest: if there is no such connection.
        ConnectionRefused: if the partner has not suspended it.
        LogUnavailable: if the log cannot write; the connection then stays suspended.
    """
    connection = await _connection(gate, partner_id, person)
    account = await accounts.by_id(gate.store, connection.user_id)
    if account is None:
        raise BadRequest("person: the account is deleted")
    return await suspending.resume(
        gate.store,
        gate.outbox,
        gate.recorder,
        person=account,
        connection_id=connection.connection_id,
        by=By.PARTNER,
        privilege_until=await privileges.last_day_if_held(gate.store, connection.grant, now),
        now=now,
    )


async def _connection(gate: Gate, partner_id: str, person: str) -> Connection:
    for connection in await listing.known_as(gate.store, partner_id, person):
        if connection.state != Status.ENDED:
            return connection
    raise BadRequest("person: expected the id of a person who is connected with you")
