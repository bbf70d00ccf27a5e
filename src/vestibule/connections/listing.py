"""Reading connections. Touches the tables `connection`, `grant_leaf`, `known_as` and `reader`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vestibule.connections.grants import Grant, Reach, Scope
from vestibule.connections.states import By, State, Status
from vestibule.store import Store, Tx

COLUMNS = (
    "user_id, connection_id, partner_id, state, suspended_by, standing, pending, version, grant_json, "
    "consent, agreed, created_at, changed_at, active_at, last_used_at"
)
OF_PERSON = (
    f"select {COLUMNS} from connection where user_id = :user_id order by connection_id desc limit 1000"
)
ONE = f"select {COLUMNS} from connection where user_id = :user_id and connection_id = :connection_id"
WITH_PARTNER = (
    f"select {COLUMNS} from connection where user_id = :user_id and partner_id = :partner_id "
    "and (state <> 'ended' or suspended_by <> '') order by connection_id desc limit 100"
)
KNOWN_AS = "select partner_id, user_id from known_as where person = :person"
LEAVES = """
    select connection_id, grant_id, scope, leaf_index from grant_leaf
    where user_id = :user_id and state = 'standing'
"""
READERS = """
    select user_id, partner_id, since_at, reach from reader where conversation_id = :conversation_id
    order by user_id, connection_id limit 1000
"""


@dataclass(frozen=True, slots=True)
class Connection:
    """What one person agreed with one partner.

    Attributes:
        state: one of `states.Status`.
        version: grows with every change; the gate compares it just before it releases anything.
        grant: what is permitted while it is active; while it waits, what is asked for.
        leaves: the log index of the grant's leaf by scope, while it is active.
        suspended_by: whose suspensions keep it from being active.
        standing: the id of the grant whose leaves are live.
        pending: the id of the grant whose leaves are awaited.
        consent: the canonical grant that she agreed to.
        agreed: how she agreed: what her grants' openings say of it.
        active_at: when it last became active, microseconds since 1970.
    """

    user_id: int
    connection_id: int
    partner_id: str
    state: str
    version: int
    grant: Grant
    created_at: int
    changed_at: int
    last_used_at: int | None
    leaves: Mapping[Scope, int] = field(default_factory=dict)
    suspended_by: frozenset[By] = frozenset()
    standing: int | None = None
    pending: int | None = None
    consent: str = ""
    agreed: str = ""
    active_at: int = 0

    @property
    def where(self) -> State:
        """Where it stands, as a value of `states`."""
        return State(Status(self.state), self.suspended_by, self.standing, self.pending)


@dataclass(frozen=True, slots=True)
class Reader:
    """A partner that reads a conversation, and the member who let it in.

    Attributes:
        since_at: since when, microseconds since 1970.
        reach: what of it, a word of `grants.Reach`.
    """

    user_id: int
    partner_id: str
    since_at: int = 0
    reach: str = Reach.CONVERSATIONS


def from_row(row: tuple[Any, ...], leaves: Mapping[int, Mapping[Scope, int]]) -> Connection:
    """Make a connection of a row of `COLUMNS`, and of the leaves by the id of their grant."""
    user_id, connection_id, partner_id, state, suspended_by, standing, pending, version, grant, *rest = row
    consent, agreed, created_at, changed_at, active_at, used = rest
    return Connection(
        user_id=user_id,
        connection_id=connection_id,
        partner_id=partner_id,
        state=state,
        version=version,
        grant=Grant.from_json(grant),
        created_at=created_at,
        changed_at=changed_at,
        last_used_at=used,
        leaves=leaves.get(standing, {}),
        suspended_by=frozenset(By(word) for word in suspended_by.split()),
        standing=standing,
        pending=pending,
        consent=consent,
        agreed=agreed,
        active_at=active_at,
    )


async def connection_in(tx: Tx, user_id: int, connection_id: int) -> Connection | None:
    """Read one connection inside a transaction."""
    row = await tx.one(ONE, user_id=user_id, connection_id=connection_id)
    return None if row is None else from_row(row, await _leaves(tx, user_id))


async def with_partner_in(tx: Tx, user_id: int, partner_id: str) -> tuple[Connection, ...]:
    """List, inside a transaction, those with a partner that have not ended or are still held by someone."""
    rows = await tx.all(WITH_PARTNER, user_id=user_id, partner_id=partner_id)
    leaves = await _leaves(tx, user_id)
    return tuple(from_row(row, leaves) for row in rows)


async def connection(store: Store, user_id: int, connection_id: int) -> Connection | None:
    """Read one connection as the store has it now, never from a cache."""
    return await store.read(lambda tx: connection_in(tx, user_id, connection_id))


async def connection_with(store: Store, user_id: int, partner_id: str) -> Connection | None:
    """Return a person's connection with a partner that has not ended; there is at most one."""
    found = await store.read(lambda tx: with_partner_in(tx, user_id, partner_id))
    return next((one for one in found if one.state != Status.ENDED), None)


async def connections_of(store: Store, user_id: int) -> tuple[Connection, ...]:
    """List a person's connections, newest first, ended ones too."""

    async def work(tx: Tx) -> tuple[Connection, ...]:
        rows = await tx.all(OF_PERSON, user_id=user_id)
        leaves = await _leaves(tx, user_id)
        return tuple(from_row(row, leaves) for row in rows)

    return await store.read(work)


async def known_as(store: Store, partner_id: str, person: str) -> tuple[Connection, ...]:
    """List a partner's connections, by the id it knows the person by, that have not ended or are held."""
    row = await store.read(lambda tx: tx.one(KNOWN_AS, person=person))
    if row is None or row[0] != partner_id:
        return ()
    return await store.read(lambda tx: with_partner_in(tx, row[1], partner_id))


async def _leaves(tx: Tx, user_id: int) -> dict[int, dict[Scope, int]]:
    found: dict[int, dict[Scope, int]] = {}
    for _, grant_id, scope, index in await tx.all(LEAVES, user_id=user_id):
        found.setdefault(grant_id, {})[Scope(scope)] = index
    return found


async def readers_of(store: Store, conversation_id: int) -> tuple[Reader, ...]:
    """List who can read a conversation through which partner; every member may see this."""
    rows = await store.read(lambda tx: tx.all(READERS, conversation_id=conversation_id))
    return tuple(Reader(*row) for row in rows)
