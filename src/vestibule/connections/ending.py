"""Ending a connection: at once, by its own commit, never waiting for the log; the leaf follows behind.

Tokens die with the connection, because the gate reads its state from the store before every release.
"""

from vestibule.connections import end_leaves, keeping, listing, states
from vestibule.connections.listing import Connection
from vestibule.connections.states import Status, Why
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox

NOT_ENDED = """
    select connection_id from connection
    where user_id = :user_id and state <> 'ended' order by connection_id limit 1000
"""
RECOVER_EXPIRED = """
    select user_id, connection_id from connection
    where state <> 'ended' and until_day < :today order by user_id, connection_id limit 200
"""


async def end(store: Store, box: Outbox, user_id: int, partner_id: str, now: int) -> int:
    """End a person's connection with a partner; neither log nor witness is waited for.

    Args:
        store: where it is.
        box: the outbox that removes it from the conversations' readers.
        user_id: whose connection.
        partner_id: with whom.
        now: microseconds since 1970.

    Returns:
        How many ended: 1, or 0 if there was none.
    """

    async def work(tx: Tx) -> int:
        found = await listing.with_partner_in(tx, user_id, partner_id)
        return await _end(tx, [one for one in found if one.state != Status.ENDED], Why.ENDED, now)

    ended = await store.write(work)
    await _follow(store, box, user_id)
    return ended


async def end_all(store: Store, box: Outbox, user_id: int, now: int) -> int:
    """End everything that a person has with any partner, as `end` does; returns how many ended.

    Their leaves need her subject: before it is destroyed, `end_leaves.any_left` has to say that none waits.
    """

    async def work(tx: Tx) -> int:
        rows = await tx.all(NOT_ENDED, user_id=user_id)
        found = [await listing.connection_in(tx, user_id, row[0]) for row in rows]
        return await _end(tx, [one for one in found if one is not None], Why.ENDED, now)

    ended = await store.write(work)
    await _follow(store, box, user_id)
    return ended


async def expire(store: Store, box: Outbox, today: int, now: int) -> int:
    """End some of the connections whose last UTC day is over; returns how many, 0 when none is left."""
    rows = await store.read(lambda tx: tx.all(RECOVER_EXPIRED, today=today))
    return sum([await _expire(store, box, row[0], row[1], today=today, now=now) for row in rows])


async def _expire(
    store: Store, box: Outbox, user_id: int, connection_id: int, *, today: int, now: int
) -> int:
    async def work(tx: Tx) -> int:
        found = await listing.connection_in(tx, user_id, connection_id)
        over = found is not None and found.state != Status.ENDED and found.grant.until_day < today
        return await _end(tx, [found], Why.EXPIRED, now) if found is not None and over else 0

    ended = await store.write(work)
    await _follow(store, box, user_id)
    return ended


async def _end(tx: Tx, connections: list[Connection], why: Why, now: int) -> int:
    for connection in connections:
        await keeping.move(tx, connection, states.end(connection.where, why), now)
    return len(connections)


async def _follow(store: Store, box: Outbox, user_id: int) -> None:
    """Set in motion what follows: the leaf by its own task, the readers now."""
    end_leaves.due_of(store).add(user_id)
    await box.drain(user_id)
