"""Blocking and unblocking. Touches the table block.

A block ends the friendship (topic `people.part`) and closes the conversation of the two for the one who was
blocked (topic `inbox.blocks`, applied by the inbox); both follow through the outbox before the call returns.
"""

from vestibule.people import accounts
from vestibule.people.errors import Oneself, UnknownPerson
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox, put

PART = "people.part"
TOLD_INBOX = "inbox.blocks"

_SELECT = "select blocked, changed_at from block where user_id = :user_id and blocked_id = :blocked_id"
_SET = """
insert into block (user_id, blocked_id, blocked, changed_at)
values (:user_id, :blocked_id, :blocked, :changed_at)
on conflict (user_id, blocked_id) do update set blocked = excluded.blocked, changed_at = excluded.changed_at
"""
_OF = "select blocked_id from block where user_id = :user_id and blocked = 1 order by blocked_id"


async def block(store: Store, outbox: Outbox, a: int, b: int, now: int) -> None:
    """Let `a` block `b`: no friendship, no requests, no messages between the two. Blocking twice is fine.

    Raises:
        Oneself: `a` is `b`.
        UnknownPerson: there is no `b`.
    """
    if a == b:
        raise Oneself("expected another person, got oneself")
    if await accounts.by_id(store, b) is None:
        raise UnknownPerson("there is no such person")
    await _change(store, outbox, a, b, blocked=1, now=now)


async def unblock(store: Store, outbox: Outbox, a: int, b: int, now: int) -> None:
    """Let `a` lift her block of `b`; they are not friends again by it."""
    await _change(store, outbox, a, b, blocked=0, now=now)


async def has_blocked(store: Store, a: int, b: int) -> bool:
    """Whether `a` has blocked `b`."""

    async def read(tx: Tx) -> bool:
        row = await tx.one(_SELECT, user_id=a, blocked_id=b)
        return row is not None and row[0] == 1

    return await store.read(read)


async def blocked_between(store: Store, a: int, b: int) -> bool:
    """Whether one of the two has blocked the other."""
    return await has_blocked(store, a, b) or await has_blocked(store, b, a)


async def blocked_by(store: Store, user_id: int) -> tuple[int, ...]:
    """Return whom this person has blocked."""

    async def read(tx: Tx) -> tuple[int, ...]:
        return tuple(blocked_id for (blocked_id,) in await tx.all(_OF, user_id=user_id))

    return await store.read(read)


async def _change(store: Store, outbox: Outbox, a: int, b: int, *, blocked: int, now: int) -> None:
    async def write(tx: Tx) -> None:
        row = await tx.one(_SELECT, user_id=a, blocked_id=b)
        if (row[0] if row else 0) == blocked:
            return
        changed_at = max(now, row[1] + 1) if row else now
        await tx.run(_SET, user_id=a, blocked_id=b, blocked=blocked, changed_at=changed_at)
        body = {"blocker": a, "blocked": b, "changed_at": changed_at}
        if blocked:
            await put(tx, a, PART, body)
        await put(tx, a, TOLD_INBOX, {**body, "blocks": blocked})

    await store.write(write)
    await outbox.drain(a)
