"""A connection's state in the store. Touches the tables `connection` and `grant_leaf`.

One transaction reads it, a pure transition moves it, and the same transaction writes everything that follows:
the new state, which grant's leaves now need an end, and that the conversations' readers have to follow.
"""

from vestibule.connections import changing, readers
from vestibule.connections.grants import Grant
from vestibule.connections.listing import Connection
from vestibule.connections.states import State, Step, Why
from vestibule.store import Tx

MOVE = """
    update connection set state = :state, suspended_by = :suspended_by, standing = :standing,
        pending = :pending, version = :version, grant_json = :grant_json, consent = :consent,
        agreed = :agreed, until_day = :until_day, changed_at = :now, active_at = :active_at
    where user_id = :user_id and connection_id = :connection_id
"""
NEED_AN_END = """
    update grant_leaf set state = 'ending', why = :why
    where user_id = :user_id and connection_id = :connection_id and grant_id = :grant_id
        and state = 'standing'
"""


async def move(
    tx: Tx,
    connection: Connection,
    step: Step,
    now: int,
    *,
    grant: Grant | None = None,
    consent: str | None = None,
    agreed: str | None = None,
) -> bool:
    """Write a step of a connection, inside a transaction.

    Args:
        tx: the transaction in which the connection was read.
        connection: as it was.
        step: what becomes of it.
        now: microseconds since 1970.
        grant: what is permitted from now on, None for what was.
        consent: the canonical grant that goes with it, None for what was.
        agreed: how she agreed to it, None for what was.

    Returns:
        Whether anything changed.
    """
    if step.ends is not None:
        await _end_leaves(tx, connection, step.ends, step.why)
    was, state = connection.where, step.state
    if state == was and grant is None:
        return step.ends is not None
    visible = _visible(state) != _visible(was)
    kept = grant or connection.grant
    version = connection.version + (1 if visible else 0)
    await tx.run(
        MOVE,
        user_id=connection.user_id,
        connection_id=connection.connection_id,
        state=state.status,
        suspended_by=" ".join(sorted(state.suspended_by)),
        standing=state.standing,
        pending=state.pending,
        version=version,
        grant_json=kept.to_json(),
        consent=connection.consent if consent is None else consent,
        agreed=connection.agreed if agreed is None else agreed,
        until_day=kept.until_day,
        now=now if visible else connection.changed_at,
        active_at=now if state.standing not in (None, was.standing) else connection.active_at,
    )
    await changing.put(tx, connection, state, version, now)
    if state.standing != was.standing:
        touched = {*connection.grant.selection.conversations, *kept.selection.conversations}
        await readers.put(tx, connection.user_id, connection.connection_id, touched)
    return True


def _visible(state: State) -> tuple[object, ...]:
    """What others can notice of a state: not what is only awaited."""
    return state.status, state.suspended_by, state.standing


async def _end_leaves(tx: Tx, connection: Connection, grant_id: int, why: Why) -> None:
    await tx.run(
        NEED_AN_END,
        user_id=connection.user_id,
        connection_id=connection.connection_id,
        grant_id=grant_id,
        why=why,
    )
