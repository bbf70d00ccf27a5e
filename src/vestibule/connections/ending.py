"""Ending a connection: at once, by its own commit, never waiting for the log; the leaf follows by outbox.

Touches the tables `connection` and `reader`. Tokens die with the connection, because the gate reads its
state from the store before every release.
"""

import dataclasses
import hashlib
from typing import Any

from vestibule.connections import listing
from vestibule.connections.listing import Connection
from vestibule.ledger import tags
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, Tx, outbox
from vestibule.store.outbox import Outbox

END = """
    update connection set state = 'ended', version = version + 1, changed_at = :now
    where user_id = :user_id and connection_id = :connection_id and state <> 'ended'
"""
LIVE = """
    select connection_id from connection
    where user_id = :user_id and partner_id = :partner_id and state <> 'ended' and connection_id <> :keep
    order by connection_id limit 1000
"""
DROP_READER = """
    delete from reader
    where conversation_id = :conversation_id and user_id = :user_id and connection_id = :connection_id
"""
TOPIC = "connection.ended"


async def end(store: Store, box: Outbox, user_id: int, partner_id: str, now: int, *, keep: int = 0) -> int:
    """End a person's connections with a partner.

    Args:
        store: where they are.
        box: the outbox that brings the leaves into the log.
        user_id: whose connections.
        partner_id: with whom.
        now: microseconds since 1970.
        keep: a connection that stays, 0 for none.

    Returns:
        How many ended.
    """

    async def work(tx: Tx) -> int:
        rows = await tx.all(LIVE, user_id=user_id, partner_id=partner_id, keep=keep)
        for (connection_id,) in rows:
            await tx.run(END, user_id=user_id, connection_id=connection_id, now=now)
            body = {"user_id": user_id, "connection_id": connection_id}
            await outbox.put(tx, user_id, TOPIC, body)
        return len(rows)

    ended = await store.write(work)
    await box.drain(user_id)
    return ended


def outbox_handlers(store: Store, recorder: Recorder) -> dict[str, outbox.Handler]:
    """Return what an end leaves to do, by topic."""

    async def ended(body: dict[str, Any]) -> None:
        connection = await listing.connection(store, body["user_id"], body["connection_id"])
        person = await accounts.by_id(store, body["user_id"])
        if connection is None or person is None:
            return
        for conversation_id in connection.grant.conversations:
            await _drop_reader(store, conversation_id, connection)
        # A connection that ended while waiting has no grant leaf, or gets none that anybody could use.
        if connection.leaf_index is not None:
            await recorder.append(_end_events(connection, person))

    return {TOPIC: ended}


async def _drop_reader(store: Store, conversation_id: int, connection: Connection) -> None:
    await store.write(
        lambda tx: tx.run(
            DROP_READER,
            conversation_id=conversation_id,
            user_id=connection.user_id,
            connection_id=connection.connection_id,
        )
    )


def _end_events(connection: Connection, person: Account) -> Append:
    event = Draft(
        "end", "", connection.partner_id, tags.SHARED, person.subject, 0, grant=connection.leaf_index or 0
    )
    key = f"vestibule/end/v1\n{connection.user_id}\n{connection.connection_id}".encode()
    return Append(
        tuple(dataclasses.replace(event, op=scope.value) for scope in connection.grant.scopes),
        event_id=hashlib.sha256(key).digest()[:16],
    )
