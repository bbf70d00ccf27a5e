"""Signing in and out, and who a session token stands for. Touches the tables session and account.

A token is 32 random bytes, base64url; only its SHA-256 is stored. Lookups are kept in memory and dropped at
sign-out, so a token is dead as soon as `sign_out` returns.
"""

import asyncio
import base64
import hashlib
import secrets

from vestibule.people import accounts, passwords
from vestibule.people.accounts import Account
from vestibule.people.errors import WrongLogin
from vestibule.people.memory import memory_of
from vestibule.store import Store, Tx

LIFETIME = 30 * 86_400_000_000  # 30 days in microseconds
_TOKEN_BYTES = 32
_TOKEN_LENGTH = 43

_HASH_OF = "select password_hash from account where user_id = :user_id"
_INSERT = """
insert into session (session_hash, user_id, created_at, expires_at)
values (:session_hash, :user_id, :created_at, :expires_at)
"""
_SELECT = "select user_id, expires_at from session where session_hash = :session_hash"
_DELETE = "delete from session where session_hash = :session_hash"


async def sign_in(store: Store, *, handle: str, password: str, now: int) -> tuple[str, Account]:
    """Open a session and return its token with the person's account.

    Raises:
        WrongLogin: handle and password do not fit together.
        TooManyAttempts: too many sign-ins failed lately, for this handle or for everybody.
    """
    memory = memory_of(store)
    memory.throttle.admit(handle[:31], now)
    account = await accounts.by_handle(store, handle)
    password_hash = passwords.NOBODYS if account is None else await _password_hash(store, account.user_id)
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(memory.hashing, passwords.matches, password_hash, password)
    if account is None or not right:
        raise WrongLogin("handle or password is wrong")
    memory.throttle.succeeded(handle)
    return await begin(store, account, now), account


async def begin(store: Store, account: Account, now: int) -> str:
    """Open a session for a person who has just proved or chosen her password, and return its token."""
    token = base64.urlsafe_b64encode(secrets.token_bytes(_TOKEN_BYTES)).rstrip(b"=").decode()

    async def insert(tx: Tx) -> None:
        await tx.run(
            _INSERT,
            session_hash=_hash(token),
            user_id=account.user_id,
            created_at=now,
            expires_at=now + LIFETIME,
        )

    await store.write(insert)
    return token


async def person_of(store: Store, token: str, now: int) -> Account | None:
    """Return the person a token stands for, or None when it is unknown, ended or expired."""
    if len(token) != _TOKEN_LENGTH:
        return None
    kept = memory_of(store).sessions
    session_hash = _hash(token)
    session = kept.get(session_hash)
    if session is None:
        mark = kept.mark()
        session = await _find(store, session_hash)
        if session is None:
            return None
        kept.keep(session_hash, session, mark)
    user_id, expires_at = session
    if expires_at <= now:
        return None
    return memory_of(store).accounts.get(user_id) or await accounts.by_id(store, user_id)


async def sign_out(store: Store, token: str) -> None:
    """End a session; ending one that does not exist is fine."""
    session_hash = _hash(token)

    async def delete(tx: Tx) -> None:
        await tx.run(_DELETE, session_hash=session_hash)

    try:
        await store.write(delete)
    finally:
        memory_of(store).sessions.forget(session_hash)


async def _password_hash(store: Store, user_id: int) -> str:
    async def read(tx: Tx) -> str:
        row = await tx.one(_HASH_OF, user_id=user_id)
        return str(row[0]) if row else passwords.NOBODYS

    return await store.read(read)


async def _find(store: Store, session_hash: bytes) -> tuple[int, int] | None:
    async def find(tx: Tx) -> tuple[int, int] | None:
        row = await tx.one(_SELECT, session_hash=session_hash)
        return (row[0], row[1]) if row else None

    return await store.read(find)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
