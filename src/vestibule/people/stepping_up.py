"""Stepping up: a signed-in person proves once more that it is she. Touches the tables account and passkey."""

import asyncio

from vestibule.people import passwords
from vestibule.people.accounts import Account
from vestibule.people.errors import WrongLogin
from vestibule.people.memory import memory_of
from vestibule.store import Store, Tx

_HASH_OF = "select password_hash from account where user_id = :user_id"


async def prove_password(store: Store, person: Account, password: str, now: int) -> None:
    """Have a signed-in person prove herself by her password.

    It has a budget of its own for each person: who fails to sign in as her from elsewhere does not shut her
    out here, nor the other way round.

    Args:
        store: where she is.
        person: who is signed in.
        password: what was typed.
        now: microseconds since 1970.

    Raises:
        WrongLogin: it is not her password.
        TooManyAttempts: too many were wrong lately.
    """
    memory = memory_of(store)
    key = str(person.user_id)
    memory.proving.admit(key, now)
    password_hash = await store.read(lambda tx: _password_hash(tx, person.user_id))
    loop = asyncio.get_running_loop()
    if not await loop.run_in_executor(memory.hashing, passwords.matches, password_hash, password):
        raise WrongLogin("the password is wrong")
    memory.proving.succeeded(key)


async def _password_hash(tx: Tx, user_id: int) -> str:
    row = await tx.one(_HASH_OF, user_id=user_id)
    return str(row[0]) if row else passwords.NOBODYS
