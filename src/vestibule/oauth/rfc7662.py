"""Token introspection (RFC 7662), of a client's own tokens; any other is answered as one that never was."""

from dataclasses import dataclass

from vestibule.connections import tokens
from vestibule.connections.listing import Connection
from vestibule.connections.tokens import Token
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.living import living
from vestibule.store import Store


@dataclass(frozen=True, slots=True)
class Active:
    """A live token, and the connection it names."""

    token: Token
    connection: Connection


async def introspect(store: Store, client_id: str, token: str, now: int) -> Active | None:
    """Return a client's live access or refresh token; None for everything else (section 2.2).

    Args:
        store: where tokens are.
        client_id: who was authenticated.
        token: whatever was sent.
        now: microseconds since 1970.
    """
    found = await tokens.find(store, token) or await tokens.find_refresh(store, token)
    if found is None or found.partner_id != client_id or now >= found.expires_at:
        return None
    try:
        return Active(found, await living(store, found.user_id, found.connection_id, now))
    except OAuthError:
        return None
