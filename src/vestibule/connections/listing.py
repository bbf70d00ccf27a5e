"""Reading connections. Touches the tables `connection` and `reader`."""

from dataclasses import dataclass
from typing import Any

from vestibule.connections.grants import Grant
from vestibule.store import Store, Tx

COLUMNS = (
    "user_id, connection_id, partner_id, state, version, grant_json, leaf_index, "
    "created_at, changed_at, last_used_at"
)
OF_PERSON = (
    f"select {COLUMNS} from connection where user_id = :user_id order by connection_id desc limit 1000"
)
ONE = f"select {COLUMNS} from connection where user_id = :user_id and connection_id = :connection_id"
READERS = """
    select user_id, partner_id from reader where conversation_id = :conversation_id
    order by user_id, connection_id limit 1000
"""


@dataclass(frozen=True, slots=True)
class Connection:
    """What one person agreed with one partner.

    Attributes:
        state: `waiting` (its leaf is not yet in the log), `active` or `ended`.
        version: grows with every change; the gate compares it just before it releases anything.
        leaf_index: the log index of its first grant leaf, None while waiting.
    """

    user_id: int
    connection_id: int
    partner_id: str
    state: str
    version: int
    grant: Grant
    leaf_index: int | None
    created_at: int
    changed_at: int
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class Reader:
    """A partner that reads a conversation, and the member who let it in."""

    user_id: int
    partner_id: str


def from_row(row: tuple[Any, ...]) -> Connection:
    """Make a connection of a row of `COLUMNS`."""
    user_id, connection_id, partner_id, state, version, grant, leaf_index, created_at, changed_at, used = row
    return Connection(
        user_id=user_id,
        connection_id=connection_id,
        partner_id=partner_id,
        state=state,
        version=version,
        grant=Grant.from_json(grant),
        leaf_index=leaf_index,
        created_at=created_at,
        changed_at=changed_at,
        last_used_at=used,
    )


async def connection_in(tx: Tx, user_id: int, connection_id: int) -> Connection | None:
    """Read one connection inside a transaction."""
    row = await tx.one(ONE, user_id=user_id, connection_id=connection_id)
    return None if row is None else from_row(row)


async def connection(store: Store, user_id: int, connection_id: int) -> Connection | None:
    """Read one connection as the store has it now, never from a cache."""
    return await store.read(lambda tx: connection_in(tx, user_id, connection_id))


async def connections_of(store: Store, user_id: int) -> tuple[Connection, ...]:
    """List a person's connections, newest first, ended ones too."""
    rows = await store.read(lambda tx: tx.all(OF_PERSON, user_id=user_id))
    return tuple(from_row(row) for row in rows)


async def readers_of(store: Store, conversation_id: int) -> tuple[Reader, ...]:
    """List who can read a conversation through which partner; every member may see this."""
    rows = await store.read(lambda tx: tx.all(READERS, conversation_id=conversation_id))
    return tuple(Reader(*row) for row in rows)
