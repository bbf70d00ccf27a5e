"""Changing the password because somebody else was in: nothing that opened the account before opens it again.

Touches the tables account, session, passkey, passkey_claim, recovery_code and known_device. All of it is one
commit: whoever is in by one way cannot make another one while it is shut.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from vestibule.people import adding_passkeys, devices, open_sessions, passkeys, passwords
from vestibule.people.accounts import Account
from vestibule.people.memory import memory_of
from vestibule.people.tokens import digest
from vestibule.store import Store, Tx

_SET = "update account set password_hash = :password_hash where user_id = :user_id and deleted_at is null"
_PASSKEY = "delete from passkey where user_id = :user_id and credential_id = :credential_id"
_CODES = "delete from recovery_code where user_id = :user_id"


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes on.

    Attributes:
        token: of the session that asks.
        device: the cookie by which its browser is known; "" for none.
        passkeys: the credential ids of those she says are hers.
    """

    token: str
    device: str = ""
    passkeys: Collection[bytes] = ()


async def end_all_but(store: Store, person: Account, password: str, kept: Kept) -> None:
    """Give a person another password, and end every other way in.

    Every session, known browser, passkey and recovery code but those kept is void. That it is she who asks,
    the caller has made sure of; connections with apps are for the caller to end.

    Raises:
        WeakPassword: the password breaks the rules; nothing has ended then.
    """
    passwords.check(password)
    loop = asyncio.get_running_loop()
    password_hash = await loop.run_in_executor(memory_of(store).hashing, passwords.hashed, password)
    user_id, this = person.user_id, digest(kept.token)

    async def end(tx: Tx) -> tuple[list[bytes], list[bytes]]:
        await tx.run(_SET, user_id=user_id, password_hash=password_hash)
        held = [one.credential_id for one in await passkeys.credentials_in(tx, user_id)]
        removed = [one for one in held if one not in kept.passkeys]
        for credential_id in removed:
            await tx.run(_PASSKEY, user_id=user_id, credential_id=credential_id)
        await tx.run(_CODES, user_id=user_id)
        await devices.forget_others_in(tx, user_id, kept.device)
        return removed, await open_sessions.end_in(tx, user_id, lambda one: one != this)

    removed, ended = await store.write(end)
    open_sessions.forget(store, ended)
    for credential_id in removed:
        await adding_passkeys.remove(store, person, credential_id)
