"""What the inbox must know of persons: names, friendships, blocks.

Reads the tables of the room `people` and writes none of them; the two rooms stand on one floor and do not
import each other.
"""

from collections.abc import Iterable

from vestibule.store import Store, Tx

_NAME = "select name from account where user_id = :user_id"
# The row under the lower id is the truth of a friendship.
_FRIENDS = """
select 1 from friendship where user_id = :low and friend_id = :high and state = 'friends'
"""
_BLOCK = "select blocked, changed_at from block where user_id = :user_id and blocked_id = :blocked_id"


async def names(tx: Tx, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of the persons there are, in the order of the ids."""
    found: dict[int, str] = {}
    for user_id in ids:
        row = await tx.one(_NAME, user_id=user_id)
        if row is not None:
            found[user_id] = row[0]
    return found


async def not_friends(store: Store, user_id: int, others: Iterable[int]) -> tuple[int, ...]:
    """Return those of the others who are not friends of this person."""

    async def read(tx: Tx) -> tuple[int, ...]:
        strangers = [
            other
            for other in others
            if await tx.one(_FRIENDS, low=min(user_id, other), high=max(user_id, other)) is None
        ]
        return tuple(strangers)

    return await store.read(read)


async def block_of(store: Store, user_id: int, blocked_id: int) -> tuple[int, int] | None:
    """Return whether one blocks the other (0 or 1) and since when, or None when she never did."""

    async def read(tx: Tx) -> tuple[int, int] | None:
        row = await tx.one(_BLOCK, user_id=user_id, blocked_id=blocked_id)
        return (row[0], row[1]) if row else None

    return await store.read(read)
