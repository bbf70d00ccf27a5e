"""The connection behind a code or token, as far as it still permits anything; read anew each time."""

from dataclasses import replace

from vestibule.connections import listing
from vestibule.connections.listing import Connection
from vestibule.connections.states import Status
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.oauth.errors import OAuthError
from vestibule.partners import register
from vestibule.store import Store


async def living(store: Store, user_id: int, connection_id: int, now: int) -> Connection:
    """Return a connection, its grant without the scopes whose privilege is not in force any more.

    Raises:
        OAuthError: `invalid_grant`, if it is not active, or nothing of its grant is left.
    """
    connection = await listing.connection(store, user_id, connection_id)
    if connection is None or connection.state != Status.ACTIVE:
        state = "ended" if connection is None else connection.state
        raise OAuthError("invalid_grant", f"the connection is {state}")
    grant, today = connection.grant, now // MICROSECONDS_A_DAY
    if grant.until_day < today:
        raise OAuthError("invalid_grant", f"the grant ended with UTC day {grant.until_day}")
    held = await register.still_held(store, grant.partner, grant.privileges, today)
    if not held:
        raise OAuthError(
            "invalid_grant",
            "no privilege that the grant stands on is in force; the person has to be asked again",
        )
    return replace(connection, grant=grant.only(held))
