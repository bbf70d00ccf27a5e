"""Accounts of children, marked at sign-up or by the operator. Touches the table account."""

from vestibule.people.memory import memory_of
from vestibule.store import Store

_SET = "update account set kid = :kid where user_id = :user_id"


async def mark(store: Store, user_id: int, *, kid: bool) -> None:
    """Say whether an account is a child's; only the operator does after sign-up."""
    try:
        await store.write(lambda tx: tx.run(_SET, user_id=user_id, kid=int(kid)))
    finally:
        memory_of(store).accounts.forget(user_id)
