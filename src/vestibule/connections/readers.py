"""Who reads a conversation through which partner, shown to every member; follows the connections' states.

Touches the table `reader`, whose rows are the conversation's: they follow through the outbox. Every member is
told of each change.
"""

from collections.abc import Iterable
from typing import Any

from vestibule.connections import listing, notices
from vestibule.connections.grants import Scope
from vestibule.connections.listing import Connection
from vestibule.connections.notices import What
from vestibule.connections.states import Status
from vestibule.store import Store, Tx, Value, outbox

TOPIC = "connection.readers"
ADD = """
    insert into reader (conversation_id, user_id, connection_id, partner_id, since_at, reach)
    values (:conversation_id, :user_id, :connection_id, :partner_id, :since_at, :reach)
    on conflict (conversation_id, user_id, connection_id) do update set reach = excluded.reach
"""
REACH = """
    select reach from reader
    where conversation_id = :conversation_id and user_id = :user_id and connection_id = :connection_id
"""
DROP = """
    delete from reader
    where conversation_id = :conversation_id and user_id = :user_id and connection_id = :connection_id
"""


async def put(tx: Tx, user_id: int, connection_id: int, conversations: Iterable[int]) -> None:
    """Have the readers of these conversations follow a connection, after this transaction."""
    body = {"user_id": user_id, "connection_id": connection_id, "conversations": sorted(conversations)}
    await outbox.put(tx, user_id, TOPIC, body)


def handlers(store: Store) -> dict[str, outbox.Handler]:
    """Return what a connection's change leaves to do, by topic."""

    async def follow(body: dict[str, Any]) -> None:
        for conversation_id in body["conversations"]:
            await _follow(store, body["user_id"], body["connection_id"], conversation_id)

    return {TOPIC: follow}


async def _follow(store: Store, user_id: int, connection_id: int, conversation_id: int) -> None:
    """Make one conversation's row what the connection says now: how often and how late does not matter."""
    connection = await listing.connection(store, user_id, connection_id)
    if connection is None:
        return
    row: dict[str, Value] = {
        "conversation_id": conversation_id,
        "user_id": user_id,
        "connection_id": connection_id,
    }
    found = await store.read(lambda tx: tx.one(REACH, **row))
    was, reach = found and found[0], _reach(connection, conversation_id)
    if was == reach:
        return
    what = What.LET_IN if was is None else What.LEFT if reach is None else What.CHANGED
    # The members first: what a crash cuts off is seen again by the row, which has not followed yet.
    await notices.tell(store, connection, conversation_id, what)
    if reach is None:
        await store.write(lambda tx: tx.run(DROP, **row))
    else:
        added = {**row, "partner_id": connection.partner_id, "since_at": connection.active_at, "reach": reach}
        await store.write(lambda tx: tx.run(ADD, **added))


def _reach(connection: Connection, conversation_id: int) -> str | None:
    """Say what a connection reads in a conversation; None for nothing."""
    grant = connection.grant
    reads = (
        connection.state == Status.ACTIVE
        and Scope.MESSAGES_READ in grant.scopes
        and conversation_id in grant.selection.conversations
    )
    return grant.selection.reach.value if reads else None
