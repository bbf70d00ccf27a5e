"""What partners can be told of a change of their connections: the commit that makes it leaves it to do."""

from vestibule.connections.listing import Connection
from vestibule.connections.states import State, Status
from vestibule.store import Tx, outbox

TOPIC = "connection.changed"


def change(was: State, state: State) -> str | None:
    """Say in a word what became of a connection; None where its partner has nothing to learn, or knows."""
    if state.status is not was.status:
        words = {Status.SUSPENDED: "suspended", Status.ENDED: "ended"}
        begun = was.status is Status.WAITING and state.status is Status.ACTIVE
        return None if begun else words.get(state.status, "resumed")
    return "changed" if state.standing not in (None, was.standing) else None


async def put(tx: Tx, connection: Connection, state: State, version: int, now: int) -> None:
    """Have the partner told of a change, after this transaction, if it wants to be.

    Args:
        tx: the transaction of the change.
        connection: as it was.
        state: what becomes of it.
        version: that it has from now on.
        now: microseconds since 1970.
    """
    word = change(connection.where, state)
    if word is not None:
        body = {
            "partner_id": connection.partner_id,
            "user_id": connection.user_id,
            "connection_id": connection.connection_id,
            "number": version,
            "word": word,
            "now": now,
        }
        await outbox.put(tx, connection.user_id, TOPIC, body)
