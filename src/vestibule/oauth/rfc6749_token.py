"""The token endpoint (RFC 6749 sections 4.1.3, 5 and 6). Touches `authorization_code`.

Every token is bound to the key of its request's proof (RFC 9449 section 5). A code is good once, for a
minute; used again, it takes along what was issued for it (RFC 6749 section 4.1.2).
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.connections import tokens
from vestibule.connections.listing import Connection
from vestibule.oauth import rfc7636
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.living import living
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.oauth.rfc6749_parameters import need
from vestibule.store import Store, Tx

CODE_MICROSECONDS = 60_000_000
GRANT_TYPES = ("authorization_code", "refresh_token")

ADD = """
    insert into authorization_code
        (code_hash, user_id, connection_id, partner_id, redirect_uri, challenge, jkt, uses, expires_at)
    values (:code_hash, :user_id, :connection_id, :partner_id, :redirect_uri, :challenge, :jkt, 0,
        :expires_at)
"""
USE = """
    update authorization_code set uses = uses + 1 where code_hash = :code_hash
    returning user_id, connection_id, partner_id, redirect_uri, challenge, jkt, uses, expires_at
"""
USES = "select uses from authorization_code where code_hash = :code_hash"
RECOVER_OVER = """
    delete from authorization_code where code_hash in
    (select code_hash from authorization_code where expires_at < :now
    order by expires_at, code_hash limit 500)
"""
UNKNOWN = "code: unknown, used or expired"
UNKNOWN_REFRESH = "refresh_token: unknown, revoked or expired"


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens and the connection they name.

    Attributes:
        refresh_token: None where the one there is goes on (it is not rotated).
    """

    access_token: str
    refresh_token: str | None
    connection: Connection


async def issue_code(store: Store, asked: AuthorizationRequest, connection: Connection, now: int) -> str:
    """Make a code for what came of a request."""
    code = secrets.token_urlsafe(32)
    await store.write(
        lambda tx: tx.run(
            ADD,
            code_hash=_hash(code),
            user_id=connection.user_id,
            connection_id=connection.connection_id,
            partner_id=connection.partner_id,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            jkt=asked.jkt,
            expires_at=now + CODE_MICROSECONDS,
        )
    )
    return code


async def exchange(store: Store, client_id: str, parameters: Mapping[str, str], jkt: str, now: int) -> Issued:
    """Answer a token request.

    Args:
        store: where codes and tokens are.
        client_id: who was authenticated.
        parameters: of the request.
        jkt: the key of its DPoP proof.
        now: microseconds since 1970.

    Raises:
        OAuthError: with the code that RFC 6749 section 5.2 has for it. A code that was tried is gone.
    """
    if "authorization_details" in parameters:
        raise OAuthError(
            "invalid_request", "authorization_details: expected none; all that is granted is meant"
        )
    grant_type = need(parameters, "grant_type")
    if grant_type == "authorization_code":
        return await _by_code(store, client_id, parameters, jkt, now)
    if grant_type == "refresh_token":
        return await _by_refresh_token(store, client_id, parameters, jkt, now)
    raise OAuthError("unsupported_grant_type", f"grant_type: expected one of {' '.join(GRANT_TYPES)}")


async def _by_code(store: Store, client_id: str, parameters: Mapping[str, str], jkt: str, now: int) -> Issued:
    code_hash = _hash(need(parameters, "code"))
    row = await store.write(lambda tx: tx.one(USE, code_hash=code_hash))
    if row is None:
        # Perhaps used before, and forgotten since; its tokens know it longer.
        await tokens.revoke_issued_for(store, code_hash)
        raise OAuthError("invalid_grant", UNKNOWN)
    user_id, connection_id, owner, redirect_uri, challenge, bound_to, uses, expires_at = row
    if uses > 1:
        await tokens.revoke_issued_for(store, code_hash)
    if uses > 1 or owner != client_id or now >= expires_at:
        raise OAuthError("invalid_grant", UNKNOWN)
    if parameters.get("redirect_uri") != redirect_uri:
        raise OAuthError("invalid_grant", "redirect_uri: expected the one of the authorization request")
    rfc7636.check(parameters.get("code_verifier", ""), challenge)
    if bound_to not in (None, jkt):
        raise OAuthError("invalid_dpop_proof", "expected a proof by the key that the code is bound to")
    connection = await living(store, user_id, connection_id, now)
    issued = Issued(
        await tokens.issue(store, connection, jkt=jkt, code_hash=code_hash, now=now),
        await tokens.issue_refresh(store, connection, jkt=jkt, code_hash=code_hash, now=now),
        connection,
    )
    if await store.read(lambda tx: _uses(tx, code_hash)) > 1:
        # Somebody used the code again meanwhile, and may have come too early to take these along.
        await tokens.revoke_issued_for(store, code_hash)
        raise OAuthError("invalid_grant", UNKNOWN)
    return issued


async def _by_refresh_token(
    store: Store, client_id: str, parameters: Mapping[str, str], jkt: str, now: int
) -> Issued:
    found = await tokens.find_refresh(store, need(parameters, "refresh_token"))
    if found is None or found.partner_id != client_id or now >= found.expires_at:
        raise OAuthError("invalid_grant", UNKNOWN_REFRESH)
    if found.jkt != jkt:
        raise OAuthError("invalid_grant", "expected a proof by the key that the refresh token is bound to")
    connection = await living(store, found.user_id, found.connection_id, now)
    token = await tokens.issue(store, connection, jkt=jkt, code_hash=found.code_hash, now=now)
    if await tokens.find_refresh(store, parameters["refresh_token"]) is None:
        # It was revoked meanwhile, perhaps too early to take this one along.
        await tokens.revoke_issued_for(store, found.code_hash)
        raise OAuthError("invalid_grant", UNKNOWN_REFRESH)
    return Issued(token, None, connection)


async def _uses(tx: Tx, code_hash: bytes) -> int:
    row = await tx.one(USES, code_hash=code_hash)
    return 0 if row is None else int(row[0])


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the codes that are over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
