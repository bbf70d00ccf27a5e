"""Ending a connection: at once, by its own commit, never waiting for the log; the leaf follows behind.

Touches the tables `connection` and `reader`. Tokens die with the connection, because the gate reads its
state from the store before every release. Which ends still lack their leaf stands in `connection.end_waits`,
not in the outbox: what else a person sets in motion must not wait for the log.
"""

import asyncio
import dataclasses
import hashlib
import logging
from typing import Any
from weakref import WeakKeyDictionary

from vestibule.connections import listing
from vestibule.connections.listing import Connection
from vestibule.ledger import tags
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.errors import RecorderError
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, StoreError, Tx, outbox
from vestibule.store.outbox import Outbox

# A connection that ends while waiting has no grant leaf yet: its end waits only once that has come.
END = """
    update connection set state = 'ended', version = version + 1, changed_at = :now,
        end_waits = case when leaf_index is null then 0 else 1 end
    where user_id = :user_id and connection_id = :connection_id and state <> 'ended'
"""
LIVE = """
    select connection_id from connection
    where user_id = :user_id and partner_id = :partner_id and state <> 'ended' and connection_id < :before
    order by connection_id limit 1000
"""
WAITING = """
    select connection_id from connection
    where user_id = :user_id and end_waits = 1 order by connection_id limit 1000
"""
RECORDED = "update connection set end_waits = 0 where user_id = :user_id and connection_id = :connection_id"
RECOVER_PEOPLE = """
    select distinct user_id from connection
    where end_waits = 1 and user_id > :after order by user_id limit 200
"""
DROP_READER = """
    delete from reader
    where conversation_id = :conversation_id and user_id = :user_id and connection_id = :connection_id
"""
TOPIC = "connection.ended"
NO_BOUND = (1 << 63) - 1
AGAIN_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Due:
    """The people whose ends still lack a leaf, as far as this process knows; belongs to one event loop."""

    def __init__(self) -> None:
        self.people: set[int] = set()
        self.wake = asyncio.Event()

    def add(self, user_id: int) -> None:
        """Have a person's ends recorded as soon as the log can."""
        self.people.add(user_id)
        self.wake.set()


_dues: WeakKeyDictionary[Store, Due] = WeakKeyDictionary()


def due_of(store: Store) -> Due:
    """Return which ends in a store are still to be recorded."""
    return _dues.setdefault(store, Due())


async def end(store: Store, box: Outbox, user_id: int, partner_id: str, now: int) -> int:
    """End a person's connections with a partner; neither log nor witness is waited for.

    Args:
        store: where they are.
        box: the outbox that removes them from the conversations' readers.
        user_id: whose connections.
        partner_id: with whom.
        now: microseconds since 1970.

    Returns:
        How many ended.
    """
    ended = await store.write(lambda tx: end_before(tx, user_id, partner_id, NO_BOUND, now))
    due_of(store).add(user_id)
    await box.drain(user_id)
    return len(ended)


async def end_before(tx: Tx, user_id: int, partner_id: str, before: int, now: int) -> list[int]:
    """End, in a transaction, the connections with ids below `before`; returns which."""
    rows = await tx.all(LIVE, user_id=user_id, partner_id=partner_id, before=before)
    for (connection_id,) in rows:
        await tx.run(END, user_id=user_id, connection_id=connection_id, now=now)
        await outbox.put(tx, user_id, TOPIC, {"user_id": user_id, "connection_id": connection_id})
    return [connection_id for (connection_id,) in rows]


def outbox_handlers(store: Store) -> dict[str, outbox.Handler]:
    """Return what an end leaves to do, by topic."""

    async def ended(body: dict[str, Any]) -> None:
        await drop_readers(store, body["user_id"], body["connection_id"])

    return {TOPIC: ended}


async def drop_readers(store: Store, user_id: int, connection_id: int) -> None:
    """Take a connection off the readers of its conversations."""
    connection = await listing.connection(store, user_id, connection_id)
    if connection is None:
        return
    for conversation_id in connection.grant.selection.conversations:
        await _drop_reader(store, conversation_id, connection)


async def run(store: Store, recorder: Recorder) -> None:
    """Record ends until cancelled, those of an earlier process first; what fails is tried again."""
    due = due_of(store)
    found = False
    while True:
        try:
            if not found:
                due.people |= await _left(store)
                found = True
            await drain(store, recorder)
        except (RecorderError, StoreError) as error:
            logger.warning("ends of connections wait for the log: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            await due.wake.wait()


async def drain(store: Store, recorder: Recorder) -> None:
    """Record every end that is due now.

    Raises:
        LogUnavailable: if the log cannot write; what is not recorded stays due.
    """
    due = due_of(store)
    due.wake.clear()
    for user_id in tuple(due.people):
        due.people.discard(user_id)
        try:
            await _record(store, recorder, user_id)
        except BaseException:
            due.people.add(user_id)
            raise


async def _left(store: Store) -> set[int]:
    people: set[int] = set()
    after = -1
    while rows := await _people_after(store, after):
        people.update(rows)
        after = rows[-1]
    return people


async def _people_after(store: Store, after: int) -> list[int]:
    return [row[0] for row in await store.read(lambda tx: tx.all(RECOVER_PEOPLE, after=after))]


async def _record(store: Store, recorder: Recorder, user_id: int) -> None:
    person = await accounts.by_id(store, user_id)
    for (connection_id,) in await store.read(lambda tx: tx.all(WAITING, user_id=user_id)):
        connection = await listing.connection(store, user_id, connection_id)
        if person is not None and connection is not None:
            await recorder.append(_end_events(connection, person))
            await _recorded(store, connection)


async def _recorded(store: Store, connection: Connection) -> None:
    await store.write(
        lambda tx: tx.run(RECORDED, user_id=connection.user_id, connection_id=connection.connection_id)
    )


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
