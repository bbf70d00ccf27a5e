"""Changing a password. Touches the table account."""

import asyncio

from vestibule.people import passwords
from vestibule.people.accounts import Account
from vestibule.people.memory import memory_of
from vestibule.store import Store

_SET = "update account set password_hash = :password_hash where user_id = :user_id and deleted_at is null"


async def change(store: Store, person: Account, password: str) -> None:
    """Give a person another password; that it is she who asks, the caller has made sure of.

    A sign-in by the old one that is still being looked at does not succeed any more.

    Raises:
        WeakPassword: the password breaks the rules.
    """
    passwords.check(password)
    loop = asyncio.get_running_loop()
    password_hash = await loop.run_in_executor(memory_of(store).hashing, passwords.hashed, password)
    await store.write(lambda tx: tx.run(_SET, user_id=person.user_id, password_hash=password_hash))
