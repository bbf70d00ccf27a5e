"""What a request stood on, kept with its effect, and looked at again just before the effect is carried out.

Where the effect is the release (docs/log.md, order of release), a look by the request itself would come late.
"""

from typing import Any

from vestibule.connections import listing, tokens
from vestibule.gate.admitting import Admitted
from vestibule.partners import register
from vestibule.store import Store


def pinned(admitted: Admitted) -> dict[str, Any]:
    """Write down, for an effect's JSON body, the versions of connection, privilege and token."""
    return {
        "user_id": admitted.connection.user_id,
        "connection_id": admitted.connection.connection_id,
        "connection_version": admitted.connection.version,
        "partner_id": admitted.connection.partner_id,
        "scope": admitted.scope.value,
        "privilege_version": admitted.privilege.version,
        "token_hash": tokens.hash_token(admitted.signed.token or "").hex(),
    }


async def holds(store: Store, pin: dict[str, Any]) -> bool:
    """Say whether all of it still is as it was, as the store has it now."""
    connection = await listing.connection(store, pin["user_id"], pin["connection_id"])
    privilege = await register.privilege(store, pin["partner_id"], pin["scope"])
    token = await tokens.find_hashed(store, bytes.fromhex(pin["token_hash"]))
    return (
        connection is not None
        and (connection.state, connection.version) == ("active", pin["connection_version"])
        and privilege is not None
        and (privilege.state, privilege.version) == ("held", pin["privilege_version"])
        and privilege.suspended_by is None
        and token is not None
    )
