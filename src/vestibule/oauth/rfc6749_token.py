"""Authorization codes and the token endpoint (RFC 6749 4.1.2 to 4.1.4). Touches `authorization_code`."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.connections import listing, tokens
from vestibule.connections.listing import Connection
from vestibule.oauth.errors import OAuthError
from vestibule.store import Store, Tx

CODE_MICROSECONDS = 60_000_000

ADD = """
    insert into authorization_code
        (code_hash, user_id, connection_id, partner_id, redirect_uri, challenge, expires_at)
    values (:code_hash, :user_id, :connection_id, :partner_id, :redirect_uri, :challenge, :expires_at)
"""
TAKE = """
    delete from authorization_code where code_hash = :code_hash
    returning user_id, connection_id, partner_id, redirect_uri, challenge, expires_at
"""
RECOVER_OVER = """
    delete from authorization_code where code_hash in
    (select code_hash from authorization_code where expires_at < :now
    order by expires_at, code_hash limit 500)
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and the connection it names; `expires_in` in seconds."""

    access_token: str
    expires_in: int
    connection: Connection


async def issue_code(
    store: Store, connection: Connection, *, redirect_uri: str, challenge: str, now: int
) -> str:
    """Make a code for a connection, good once, for a minute."""
    code = secrets.token_urlsafe(32)
    await store.write(
        lambda tx: tx.run(
            ADD,
            code_hash=_hash(code),
            user_id=connection.user_id,
            connection_id=connection.connection_id,
            partner_id=connection.partner_id,
            redirect_uri=redirect_uri,
            challenge=challenge,
            expires_at=now + CODE_MICROSECONDS,
        )
    )
    return code


async def exchange(store: Store, partner_id: str, form: Mapping[str, str], now: int) -> Issued:
    """Exchange a code for a token; the client is authenticated by its request's signature.

    Raises:
        OAuthError: with the code that RFC 6749 section 5.2 has for it. A code that was tried is gone.
    """
    if form.get("grant_type") != "authorization_code":
        raise OAuthError("unsupported_grant_type", "grant_type: expected authorization_code")
    code = form.get("code", "")
    row = await store.write(lambda tx: _take(tx, _hash(code)))
    if row is None:
        raise OAuthError("invalid_grant", "code: unknown, used or expired")
    user_id, connection_id, owner, redirect_uri, challenge, expires_at = row
    if owner != partner_id or now >= expires_at:
        raise OAuthError("invalid_grant", "code: unknown, used or expired")
    if form.get("redirect_uri") != redirect_uri:
        raise OAuthError("invalid_grant", "redirect_uri: expected the one of the authorization request")
    if not hmac.compare_digest(_challenge_of(form.get("code_verifier", "")), challenge):
        raise OAuthError("invalid_grant", "code_verifier: does not fit the code_challenge")
    connection = await listing.connection(store, user_id, connection_id)
    if connection is None or connection.state != "active":
        raise OAuthError("invalid_grant", "the person has ended this connection")
    token = await tokens.issue(store, connection, now)
    return Issued(token, tokens.LIFETIME_MICROSECONDS // 1_000_000, connection)


async def _take(tx: Tx, code_hash: bytes) -> tuple[int, int, str, str, str, int] | None:
    row = await tx.one(TAKE, code_hash=code_hash)
    return None if row is None else (row[0], row[1], row[2], row[3], row[4], row[5])


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _challenge_of(verifier: str) -> str:
    """Compute S256 of RFC 7636 section 4.2."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the codes that are over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
