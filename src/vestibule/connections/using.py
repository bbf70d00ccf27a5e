"""When a connection was last used, to the day. Touches the column `connection.last_used_at`."""

from vestibule.connections.listing import Connection
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.store import Store

NOTE = """
    update connection set last_used_at = :now
    where user_id = :user_id and connection_id = :connection_id and (last_used_at is null or last_used_at <
    :now)
"""


async def note_use(store: Store, connection: Connection, now: int) -> None:
    """Write down that a connection is used, unless that stands there for today already."""
    last = connection.last_used_at
    if last is not None and last // MICROSECONDS_A_DAY == now // MICROSECONDS_A_DAY:
        return
    await store.write(
        lambda tx: tx.run(NOTE, user_id=connection.user_id, connection_id=connection.connection_id, now=now)
    )
