"""The privileges that a whole grant stands on: without each of them nothing of it can be granted again."""

from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import Grant
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import register
from vestibule.store import Store


async def last_day_if_held(store: Store, grant: Grant, now: int) -> int | None:
    """As `last_day_of`, but None if a privilege is not in force, or newer than the grant."""
    try:
        return await last_day_of(store, grant, now)
    except ConnectionRefused:
        return None


async def last_day_of(store: Store, grant: Grant, now: int) -> int:
    """Return the last UTC day on which every privilege of a grant is in force.

    Raises:
        ConnectionRefused: if one is not, or is newer than the grant: the person has to be asked again.
    """
    last = grant.until_day
    for granted in grant.permissions:
        privilege = await register.privilege(store, grant.partner, granted.scope)
        held = privilege is not None and privilege.in_force(now // MICROSECONDS_A_DAY)
        if privilege is None or not held or privilege.leaf_index != granted.privilege_index:
            raise ConnectionRefused(
                f"the privilege for {granted.scope} is not the one that was agreed to: "
                "the app has to ask again, on the consent page"
            )
        last = min(last, privilege.until_day)
    return last
