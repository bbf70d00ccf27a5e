"""Tokens: opaque, hashed at rest, each naming one connection. Touches the table `token`.

They say nothing themselves: the gate reads the connection behind them from the store, so that ending the
connection kills them at once. They work only in requests signed by their partner.
"""

import hashlib
import secrets
from dataclasses import dataclass

from vestibule.connections.listing import Connection
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.store import Store

LIFETIME_MICROSECONDS = 3_600_000_000
REMEMBERED_MICROSECONDS = 7 * MICROSECONDS_A_DAY
"""How long an expired token is known: a request that still carries it is refused in its person's lane."""
PREFIX = "vst_"

ISSUE = """
    insert into token (token_hash, user_id, connection_id, partner_id, expires_at)
    values (:token_hash, :user_id, :connection_id, :partner_id, :expires_at)
"""
FIND = """
    select user_id, connection_id, partner_id, expires_at from token where token_hash = :token_hash
"""
RECOVER_OVER = """
    delete from token where token_hash in
    (select token_hash from token where expires_at < :now order by expires_at, token_hash limit 500)
"""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token names; `expires_at` in microseconds since 1970."""

    user_id: int
    connection_id: int
    partner_id: str
    expires_at: int


def hash_token(token: str) -> bytes:
    """Return what is stored instead of the token."""
    return hashlib.sha256(token.encode()).digest()


async def issue(store: Store, connection: Connection, now: int) -> str:
    """Make a token for a connection, good for an hour."""
    token = PREFIX + secrets.token_urlsafe(32)
    await store.write(
        lambda tx: tx.run(
            ISSUE,
            token_hash=hash_token(token),
            user_id=connection.user_id,
            connection_id=connection.connection_id,
            partner_id=connection.partner_id,
            expires_at=now + LIFETIME_MICROSECONDS,
        )
    )
    return token


async def find(store: Store, token: str) -> Token | None:
    """Find what a token names as the store has it now, also when it has expired."""
    return await find_hashed(store, hash_token(token))


async def find_hashed(store: Store, token_hash: bytes) -> Token | None:
    """Find what the token with this hash names, as `find`."""
    row = await store.read(lambda tx: tx.one(FIND, token_hash=token_hash))
    return None if row is None else Token(*row)


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the tokens that expired a week ago; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now - REMEMBERED_MICROSECONDS))
