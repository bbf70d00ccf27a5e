"""Beginning a connection: the grant is usable only after its leaves are published.

Touches the tables `connection` and `reader`; the leaves come first, `active` is their effect.
"""

import dataclasses
from typing import Any

from vestibule.connections import ending, listing
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import LONGEST_DAYS, Grant
from vestibule.connections.listing import Connection
from vestibule.ledger import tags
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft, Effect
from vestibule.recorder.effects import Handler
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, Tx, ids
from vestibule.store.outbox import Outbox

BEGIN = """
    insert into connection
        (user_id, connection_id, partner_id, state, version, grant_json, created_at, changed_at,
        end_waits)
    values (:user_id, :connection_id, :partner_id, 'waiting', 1, :grant_json, :now, :now, 0)
"""
ACTIVATE = """
    update connection set state = 'active', version = version + 1, leaf_index = :leaf_index
    where user_id = :user_id and connection_id = :connection_id and state = 'waiting'
"""
ENDED_BEFORE = """
    update connection set leaf_index = :leaf_index, end_waits = 1
    where user_id = :user_id and connection_id = :connection_id and state = 'ended' and leaf_index is null
"""
ADD_READER = """
    insert into reader (conversation_id, user_id, connection_id, partner_id)
    values (:conversation_id, :user_id, :connection_id, :partner_id)
    on conflict (conversation_id, user_id, connection_id) do nothing
"""


def check(grant: Grant, day: int) -> None:
    """Refuse a grant that permits nothing, or for too long.

    Raises:
        ConnectionRefused: saying what to choose instead.
    """
    if not grant.permissions:
        raise ConnectionRefused("nothing is ticked: tick what the app may do, or decline")
    if not grant.selection.conversations:
        raise ConnectionRefused("no conversation is chosen: choose at least one, or decline")
    if not day <= grant.until_day <= day + LONGEST_DAYS:
        raise ConnectionRefused(
            f"the end must lie between today and {LONGEST_DAYS} days from now, got UTC day {grant.until_day}"
        )


async def connect(
    store: Store,
    box: Outbox,
    recorder: Recorder,
    *,
    person: Account,
    grant: Grant,
    privilege_until: int,
    now: int,
) -> Connection:
    """Make a connection of what a person agreed to; earlier ones with the same partner end as it begins.

    Args:
        store: where it will be.
        box: the outbox that removes the earlier ones from the conversations' readers.
        recorder: publishes the grant before it is usable.
        person: who agreed.
        grant: to what.
        privilege_until: the last UTC day of the privilege; no grant is recorded after it.
        now: microseconds since 1970.

    Raises:
        ConnectionRefused: if the grant is not acceptable, or ended (by her, or a newer one) before it began.
        LogUnavailable: if its leaves are not known to be published. It then waits and gives nobody anything,
            and the earlier ones go on; were the leaves committed all the same, it begins when the log
            recovers, and the earlier ones end with that.
    """
    check(grant, now // MICROSECONDS_A_DAY)
    connection_id = ids.new_id(now)
    await store.write(
        lambda tx: tx.run(
            BEGIN,
            user_id=person.user_id,
            connection_id=connection_id,
            partner_id=grant.partner,
            grant_json=grant.to_json(),
            now=now,
        )
    )
    last_day = min(grant.until_day, privilege_until)
    await recorder.append(Append(_grant_events(person, grant, connection_id, last_day, now)))
    await box.drain(person.user_id)
    connection = await listing.connection(store, person.user_id, connection_id)
    if connection is None or connection.state != "active":
        raise ConnectionRefused("the connection ended before it began")
    return connection


def _grant_events(
    person: Account, grant: Grant, connection_id: int, last_day: int, now: int
) -> tuple[Draft, ...]:
    body = {"user_id": person.user_id, "connection_id": connection_id, "now": now}
    effect = Effect("connection.activate", body)
    drafts = [
        Draft("grant", scope.value, grant.partner, tags.SHARED, person.subject, 0, last_day=last_day)
        for scope in grant.scopes
    ]
    return (dataclasses.replace(drafts[0], effect=effect), *drafts[1:])


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what a grant's leaf sets in motion, by topic."""

    async def activate(index: int, body: dict[str, Any]) -> None:
        user_id, connection_id = body["user_id"], body["connection_id"]
        for older in await store.write(lambda tx: _activate(tx, index, body)):
            await ending.drop_readers(store, user_id, older)
        ending.due_of(store).add(user_id)
        connection = await listing.connection(store, user_id, connection_id)
        if connection is None or connection.state != "active":
            return
        for conversation_id in connection.grant.selection.conversations:
            await _add_reader(store, conversation_id, connection)

    return {"connection.activate": activate}


async def _activate(tx: Tx, index: int, body: dict[str, Any]) -> list[int]:
    """Begin the connection and end the older ones in one commit; returns which ended."""
    user_id, connection_id = body["user_id"], body["connection_id"]
    if await tx.run(ACTIVATE, user_id=user_id, connection_id=connection_id, leaf_index=index):
        connection = await listing.connection_in(tx, user_id, connection_id)
        partner_id = "" if connection is None else connection.partner_id
        return await ending.end_before(tx, user_id, partner_id, connection_id, body["now"])
    # It ended before its leaf was published: the leaf stands, so that its end must follow it.
    await tx.run(ENDED_BEFORE, user_id=user_id, connection_id=connection_id, leaf_index=index)
    return []


async def _add_reader(store: Store, conversation_id: int, connection: Connection) -> None:
    await store.write(
        lambda tx: tx.run(
            ADD_READER,
            conversation_id=conversation_id,
            user_id=connection.user_id,
            connection_id=connection.connection_id,
            partner_id=connection.partner_id,
        )
    )
