"""Tokens: opaque, hashed at rest, bound to a key, each naming one connection.

They say nothing themselves: the gate reads the connection behind them from the store, so that ending the
connection kills them at once (ADR 0014). They work only in requests signed by their partner and proven with
their key (RFC 9449). Touches the tables `token` and `refresh_token`.
"""

import hashlib
import secrets
from dataclasses import dataclass

from vestibule.connections.grants import LONGEST_DAYS
from vestibule.connections.listing import Connection
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.store import Store, Tx

LIFETIME_MICROSECONDS = 600_000_000
"""Of an access token."""
REFRESH_MICROSECONDS = LONGEST_DAYS * MICROSECONDS_A_DAY
"""Of a refresh token, at the longest: it ends with its connection."""
REMEMBERED_MICROSECONDS = 7 * MICROSECONDS_A_DAY
"""How long an expired access token is known: what was recorded under it may have to wait for the log."""
PREFIX = "vst_"
REFRESH_PREFIX = "vsr_"

_FIELDS = "token_hash, user_id, connection_id, partner_id, jkt, code_hash, issued_at, expires_at"
_VALUES = ":token_hash, :user_id, :connection_id, :partner_id, :jkt, :code_hash, :issued_at, :expires_at"
_FOUND = "user_id, connection_id, partner_id, jkt, code_hash, issued_at, expires_at"
ISSUE = f"insert into token ({_FIELDS}) values ({_VALUES})"
ISSUE_REFRESH = f"insert into refresh_token ({_FIELDS}) values ({_VALUES})"
FIND = f"select {_FOUND} from token where token_hash = :token_hash"
FIND_REFRESH = f"select {_FOUND} from refresh_token where token_hash = :token_hash"
REVOKE = "delete from token where token_hash = :token_hash"
ADMIN_REVOKE_ISSUED = "delete from token where code_hash = :code_hash"
ADMIN_REVOKE_REFRESH = "delete from refresh_token where code_hash = :code_hash"
RECOVER_OVER = """
    delete from token where token_hash in
    (select token_hash from token where expires_at < :now order by expires_at, token_hash limit 500)
"""
RECOVER_REFRESH_OVER = """
    delete from refresh_token where token_hash in
    (select token_hash from refresh_token where expires_at < :now order by expires_at, token_hash limit 500)
"""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token names.

    Attributes:
        jkt: RFC 7638 thumbprint of the key it works with.
        code_hash: the code it goes back to.
        issued_at: microseconds since 1970, as `expires_at`.
    """

    user_id: int
    connection_id: int
    partner_id: str
    jkt: str
    code_hash: bytes
    issued_at: int
    expires_at: int


def hash_token(token: str) -> bytes:
    """Return what is stored instead of the token."""
    return hashlib.sha256(token.encode()).digest()


async def issue(store: Store, connection: Connection, *, jkt: str, code_hash: bytes, now: int) -> str:
    """Make an access token for a connection."""
    found = _of(connection, jkt, code_hash, now, LIFETIME_MICROSECONDS)
    return await _keep(store, ISSUE, PREFIX, found)


async def issue_refresh(store: Store, connection: Connection, *, jkt: str, code_hash: bytes, now: int) -> str:
    """Make a refresh token for a connection."""
    found = _of(connection, jkt, code_hash, now, REFRESH_MICROSECONDS)
    return await _keep(store, ISSUE_REFRESH, REFRESH_PREFIX, found)


async def find(store: Store, token: str) -> Token | None:
    """Find what an access token names as the store has it now, also when it has expired."""
    return await find_hashed(store, hash_token(token))


async def find_hashed(store: Store, token_hash: bytes) -> Token | None:
    """Find what the access token with this hash names, as `find`."""
    return await _find(store, FIND, token_hash)


async def find_refresh(store: Store, token: str) -> Token | None:
    """Find what a refresh token names as the store has it now, also when it has expired."""
    return await _find(store, FIND_REFRESH, hash_token(token))


async def revoke(store: Store, token: str) -> None:
    """End one access token."""
    await store.write(lambda tx: tx.run(REVOKE, token_hash=hash_token(token)))


async def revoke_issued_for(store: Store, code_hash: bytes) -> None:
    """End every token that goes back to a code."""

    async def work(tx: Tx) -> None:
        await tx.run(ADMIN_REVOKE_REFRESH, code_hash=code_hash)
        await tx.run(ADMIN_REVOKE_ISSUED, code_hash=code_hash)

    await store.write(work)


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the tokens that are over; returns how many, 0 when none is left."""
    access = await store.write(lambda tx: tx.run(RECOVER_OVER, now=now - REMEMBERED_MICROSECONDS))
    return access + await store.write(lambda tx: tx.run(RECOVER_REFRESH_OVER, now=now))


def _of(connection: Connection, jkt: str, code_hash: bytes, now: int, lifetime: int) -> Token:
    names = (connection.user_id, connection.connection_id, connection.partner_id)
    return Token(*names, jkt, code_hash, now, now + lifetime)


async def _keep(store: Store, statement: str, prefix: str, names: Token) -> str:
    token = prefix + secrets.token_urlsafe(32)
    await store.write(
        lambda tx: tx.run(
            statement,
            token_hash=hash_token(token),
            user_id=names.user_id,
            connection_id=names.connection_id,
            partner_id=names.partner_id,
            jkt=names.jkt,
            code_hash=names.code_hash,
            issued_at=names.issued_at,
            expires_at=names.expires_at,
        )
    )
    return token


async def _find(store: Store, statement: str, token_hash: bytes) -> Token | None:
    row = await store.read(lambda tx: tx.one(statement, token_hash=token_hash))
    return None if row is None else Token(*row)
