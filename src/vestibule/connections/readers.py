"""Who reads a conversation through which partner, shown to every member; follows the connections' states.

Touches the table `reader`, whose rows are the conversation's: they follow through the outbox.
"""

from collections.abc import Iterable
from typing import Any

from vestibule.connections import listing
from vestibule.connections.states import Status
from vestibule.store import Store, Tx, outbox

TOPIC = "connection.readers"
ADD = """
    insert into reader (conversation_id, user_id, connection_id, partner_id)
    values (:conversation_id, :user_id, :connection_id, :partner_id)
    on conflict (conversation_id, user_id, connection_id) do nothing
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
    reads = connection.state == Status.ACTIVE and conversation_id in connection.grant.selection.conversations
    row = {"conversation_id": conversation_id, "user_id": user_id, "connection_id": connection_id}
    if reads:
        await store.write(lambda tx: tx.run(ADD, partner_id=connection.partner_id, **row))
    else:
        await store.write(lambda tx: tx.run(DROP, **row))
