"""Suspending and resuming a connection: by its person, its partner, the operator, or for want of use.

A suspension takes effect by its own commit, as an end does. A resumption is a grant again, in the words she
agreed to, and usable only after its leaves are published.
"""

import hashlib
from collections.abc import Callable

from vestibule.connections import end_leaves, grant_leaves, keeping, listing, states
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.listing import Connection
from vestibule.connections.records import EVENT_ID_LENGTH
from vestibule.connections.states import By, State, Status, Step, Why
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.people.accounts import Account
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, Tx, ids
from vestibule.store.outbox import Outbox

UNUSED_DAYS = 90
"""A connection that is not used so long is suspended."""

RECOVER_UNUSED = """
    select user_id, connection_id from connection
    where state = 'active' and active_at < :before and (last_used_at is null or last_used_at < :before)
    order by user_id, connection_id limit 200
"""


async def suspend(
    store: Store, box: Outbox, *, user_id: int, connection_id: int, by: By, now: int
) -> Connection:
    """Suspend a connection at once; neither log nor witness is waited for.

    Args:
        store: where it is.
        box: the outbox that removes it from the conversations' readers.
        user_id: whose connection.
        connection_id: which.
        by: who suspends it, and alone can undo that.
        now: microseconds since 1970.

    Returns:
        The connection as it is now.

    Raises:
        ConnectionRefused: if there is none, or it has ended.
    """
    await store.write(
        lambda tx: _move(tx, user_id, connection_id, lambda state: states.suspend(state, by), now)
    )
    end_leaves.due_of(store).add(user_id)
    await box.drain(user_id)
    return await _found(store, user_id, connection_id)


async def resume(
    store: Store,
    box: Outbox,
    recorder: Recorder,
    *,
    person: Account,
    connection_id: int,
    by: By,
    privilege_until: int | None,
    now: int,
) -> Connection:
    """Undo one's own suspension of a connection.

    Args:
        store: where it is.
        box: the outbox that puts it back among the conversations' readers.
        recorder: publishes the grant again before it is usable.
        person: whose connection.
        connection_id: which.
        by: who undoes what they did.
        privilege_until: the last UTC day of the privileges that it stands on; None if one of them is not in
            force any more: then nothing resumes.
        now: microseconds since 1970.

    Returns:
        The connection as it is now: still suspended where someone else's suspension remains, ended where
        nothing can resume.

    Raises:
        ConnectionRefused: if there is none, or nothing that `by` could undo, or it is over.
        LogUnavailable: if the log cannot write; the connection then stays suspended.
    """
    grant_id = ids.new_id(now)
    user_id = person.user_id

    def undone(state: State) -> Step:
        if privilege_until is None:
            return states.lift(state, by)
        return Step(states.resume(state, by, grant_id))

    await store.write(lambda tx: _move(tx, user_id, connection_id, undone, now))
    connection = await _found(store, user_id, connection_id)
    if privilege_until is None or connection.pending != grant_id:
        return connection
    # The ends of what she had granted before stand first: at no leaf does the log count her twice.
    await end_leaves.record(store, recorder, user_id)
    await grant_leaves.write(recorder, _again(person, connection, grant_id, privilege_until, now))
    await box.drain(user_id)
    connection = await _found(store, user_id, connection_id)
    if connection.standing != grant_id:
        raise ConnectionRefused("the connection ended, or was suspended again, before it resumed")
    return connection


async def suspend_unused(store: Store, box: Outbox, now: int) -> int:
    """Suspend some of the connections that were not used for long; returns how many, 0 when none is left."""
    before = now - UNUSED_DAYS * MICROSECONDS_A_DAY
    rows = await store.read(lambda tx: tx.all(RECOVER_UNUSED, before=before))
    for user_id, connection_id in rows:
        await _suspend_if_unused(store, user_id, connection_id, before=before, now=now)
        end_leaves.due_of(store).add(user_id)
        await box.drain(user_id)
    return len(rows)


def _again(
    person: Account, connection: Connection, grant_id: int, privilege_until: int, now: int
) -> grant_leaves.Granting:
    key = f"vestibule/resume/v1\n{person.user_id}\n{grant_id}".encode()
    return grant_leaves.Granting(
        person=person,
        connection_id=connection.connection_id,
        grant_id=grant_id,
        grant=connection.grant,
        why=Why.RESUMED,
        event_id=hashlib.sha256(key).digest()[:EVENT_ID_LENGTH],
        consent=connection.consent,
        agreed=connection.agreed,
        last_day=privilege_until,
        now=now,
    )


async def _suspend_if_unused(
    store: Store, user_id: int, connection_id: int, *, before: int, now: int
) -> None:
    async def work(tx: Tx) -> None:
        found = await listing.connection_in(tx, user_id, connection_id)
        if found is None or found.state != Status.ACTIVE or _last(found) >= before:
            return
        await keeping.move(tx, found, states.suspend(found.where, By.UNUSED), now)

    await store.write(work)


def _last(connection: Connection) -> int:
    """Return since when it is unused: its last use, or when it last became active."""
    return max(connection.active_at, connection.last_used_at or 0)


async def _move(
    tx: Tx, user_id: int, connection_id: int, transition: Callable[[State], Step], now: int
) -> None:
    connection = await listing.connection_in(tx, user_id, connection_id)
    if connection is None:
        raise ConnectionRefused("there is no such connection")
    await keeping.move(tx, connection, transition(connection.where), now)


async def _found(store: Store, user_id: int, connection_id: int) -> Connection:
    connection = await listing.connection(store, user_id, connection_id)
    if connection is None:
        raise ConnectionRefused("there is no such connection")
    return connection
