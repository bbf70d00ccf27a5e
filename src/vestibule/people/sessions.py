"""Signing in and out, and who a session token stands for. Touches the tables session and account.

Of a token (`tokens`) only the SHA-256 is stored. Lookups are kept in memory and dropped when a session ends,
so a token is dead as soon as the call that ends it returns.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal

from vestibule.people import accounts, devices, passwords
from vestibule.people.accounts import Account
from vestibule.people.errors import WrongLogin
from vestibule.people.memory import memory_of
from vestibule.people.tokens import LENGTH, digest, new_token, owner_of
from vestibule.store import Store, StoreError, Tx

Means = Literal["sign-up", "password", "passkey", "recovery code"]

LIFETIME = 30 * 86_400_000_000  # 30 days in microseconds
SEEN_EVERY = 10 * 60 * 1_000_000
"""Microseconds: how exactly it is known when a session was last used."""

_ACCOUNT = "select password_hash, deleted_at from account where user_id = :user_id"
_INSERT = """
insert into session (user_id, session_hash, created_at, seen_at, proved_at, expires_at, means, browser)
values (:user_id, :session_hash, :now, :now, :now, :expires_at, :means, :browser)
"""
COLUMNS = "user_id, session_hash, created_at, seen_at, proved_at, expires_at, means, browser"
_SELECT = f"select {COLUMNS} from session where user_id = :user_id and session_hash = :session_hash"
_SEEN = """
update session set seen_at = :now where user_id = :user_id and session_hash = :session_hash and seen_at < :now
"""
_DELETE = "delete from session where user_id = :user_id and session_hash = :session_hash"
RECOVER_OVER = """
delete from session where (user_id, session_hash) in
    (select user_id, session_hash from session where expires_at < :now
     order by expires_at, user_id, session_hash limit 500)
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in.

    Attributes:
        session_hash: the token's SHA-256; names the session and opens nothing.
        created_at: microseconds since 1970, as are the other times. seen_at: to `SEEN_EVERY` exactly.
        proved_at: when she last proved that it is she.
        means: how it was begun.
        browser: in plain words, as it called itself at sign-in.
    """

    user_id: int
    session_hash: bytes
    created_at: int
    seen_at: int
    proved_at: int
    expires_at: int
    means: Means
    browser: str


async def sign_in(
    store: Store, *, handle: str, password: str, now: int, browser: str = "", device: str = ""
) -> tuple[str, Account]:
    """Open a session and return its token with the person's account.

    Args:
        store: where people are.
        handle: what was typed.
        password: what was typed.
        now: microseconds since 1970.
        browser: its name in plain words.
        device: the token of a browser that may have signed in before (`devices`).

    Raises:
        WrongLogin: handle and password do not fit together.
        TooManyAttempts: too many sign-ins failed lately, for this handle or for everybody.
    """
    memory = memory_of(store)
    account = await accounts.by_handle(store, handle)
    known = account is not None and await devices.known(store, account.user_id, device, now)
    throttle, key = (memory.devices, device) if known else (memory.throttle, handle[:31])
    throttle.admit(key, now)
    password_hash = passwords.NOBODYS if account is None else await _password_hash(store, account.user_id)
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(memory.hashing, passwords.matches, password_hash, password)
    if account is None or not right:
        raise WrongLogin("handle or password is wrong")
    throttle.succeeded(key)
    token = await begin(store, account, now, means="password", browser=browser, password_hash=password_hash)
    return token, account


async def begin(
    store: Store,
    account: Account,
    now: int,
    *,
    means: Means = "password",
    browser: str = "",
    password_hash: str | None = None,
) -> str:
    """Open a session for a person who has just proved herself, and return its token.

    Args:
        store: where sessions are.
        account: who she is.
        now: microseconds since 1970.
        means: how she proved it.
        browser: its name in plain words.
        password_hash: what she proved herself by; it must still be hers.

    Raises:
        WrongLogin: the account was deleted or the password changed meanwhile.
    """
    token = new_token(account.user_id)

    async def insert(tx: Tx) -> None:
        row = await tx.one(_ACCOUNT, user_id=account.user_id)
        if password_hash is not None and (row is None or row[0] != password_hash):
            raise WrongLogin("handle or password is wrong")
        await begin_in(tx, account.user_id, token, now, means=means, browser=browser)

    await store.write(insert)
    return token


async def begin_in(tx: Tx, user_id: int, token: str, now: int, *, means: Means, browser: str) -> None:
    """Open a session in a transaction that has made sure of the person.

    Raises:
        WrongLogin: the account was deleted.
    """
    row = await tx.one(_ACCOUNT, user_id=user_id)
    if row is None or row[1] is not None:
        raise WrongLogin("the account is deleted")
    await tx.run(
        _INSERT,
        user_id=user_id,
        session_hash=digest(token),
        now=now,
        expires_at=now + LIFETIME,
        means=means,
        browser=browser,
    )


async def person_of(store: Store, token: str, now: int) -> Account | None:
    """Return the person a token stands for, or None when it is unknown, ended or expired."""
    if len(token) != LENGTH:
        return None
    memory = memory_of(store)
    session_hash = digest(token)
    session = memory.sessions.get(session_hash)
    if session is None:
        mark = memory.sessions.mark()
        found = await session_of(store, token, now)
        if found is None:
            return None
        session = (found.user_id, found.expires_at, found.seen_at)
        memory.sessions.keep(session_hash, session, mark)
    user_id, expires_at, seen_at = session
    if expires_at <= now:
        return None
    if now - seen_at >= SEEN_EVERY:
        await _seen(store, user_id, session_hash, expires_at, now)
    return memory.accounts.get(user_id) or await accounts.by_id(store, user_id)


async def session_of(store: Store, token: str, now: int) -> Session | None:
    """Return a token's session as the store has it now, or None when it is unknown, ended or expired."""
    user_id = owner_of(token)
    if user_id is None:
        return None
    row = await store.read(lambda tx: tx.one(_SELECT, user_id=user_id, session_hash=digest(token)))
    session = None if row is None else Session(*row)
    return session if session is not None and session.expires_at > now else None


async def is_open_in(tx: Tx, user_id: int, session_hash: bytes) -> bool:
    """Say, in a transaction, whether a session was not ended; it ends with the account at the latest."""
    return await tx.one(_SELECT, user_id=user_id, session_hash=session_hash) is not None


async def sign_out(store: Store, token: str) -> None:
    """End a session; ending one that does not exist is fine."""
    user_id, session_hash = owner_of(token), digest(token)
    if user_id is None:
        return
    try:
        await store.write(lambda tx: tx.run(_DELETE, user_id=user_id, session_hash=session_hash))
    finally:
        memory_of(store).sessions.forget(session_hash)


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the sessions that are over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))


async def _password_hash(store: Store, user_id: int) -> str:
    row = await store.read(lambda tx: tx.one(_ACCOUNT, user_id=user_id))
    return str(row[0]) if row else passwords.NOBODYS


async def _seen(store: Store, user_id: int, session_hash: bytes, expires_at: int, now: int) -> None:
    """Write down that a session is in use; that this fails is no reason to refuse what it is used for."""
    kept = memory_of(store).sessions
    if kept.get(session_hash) is not None:
        # At once, so that of many requests one writes.
        kept.keep(session_hash, (user_id, expires_at, now), kept.mark())
    try:
        await store.write(lambda tx: tx.run(_SEEN, user_id=user_id, session_hash=session_hash, now=now))
    except StoreError as error:
        logger.warning("when a session was used could not be written down: %s", error)
