"""Pushed Authorization Requests (RFC 9126), the only ones there are. Touches `authorization_request`.

The client is authenticated and its redirect URI compared before anything is kept, so that a browser carries
nothing but a reference.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping

from vestibule.oauth import rfc7636, rfc9396, rfc9449
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.rfc6749_parameters import need
from vestibule.partners.register import Partner
from vestibule.store import Store

PREFIX = "urn:ietf:params:oauth:request_uri:"
EXPIRES_SECONDS = 300
"""How long a person has to open it, signing in included (FAPI 2.0 Security Profile: less than 600)."""
LONGEST_STATE = 500
_REFERENCE = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")

PUSH = """
    insert into authorization_request
        (request_hash, partner_id, redirect_uri, challenge, state, details, jkt, decided, expires_at)
    values (:request_hash, :partner_id, :redirect_uri, :challenge, :state, :details, :jkt, 0, :expires_at)
"""


async def push(
    store: Store, client: Partner, parameters: Mapping[str, str], jkt: str | None, now: int
) -> str:
    """Keep an authorization request and return its request_uri (section 2.2).

    Args:
        store: where it is kept.
        client: who was authenticated.
        parameters: what it asks for (section 2.1).
        jkt: the key it was proven with, None without a proof.
        now: microseconds since 1970.

    Raises:
        OAuthError: saying what is wrong with the request (section 2.3).
    """
    if client.suspended_by is not None:
        raise OAuthError(
            "unauthorized_client", f"{client.partner_id} is suspended as a whole by the {client.suspended_by}"
        )
    if "request_uri" in parameters:
        raise OAuthError("invalid_request", "request_uri: not expected in a pushed request")
    if "request" in parameters:
        raise OAuthError("request_not_supported", "request: expected plain parameters")
    if need(parameters, "redirect_uri") not in client.redirect_uris:
        raise OAuthError("invalid_request", "redirect_uri: expected one that is registered, exactly")
    if need(parameters, "response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type: expected code")
    if parameters.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "response_mode: expected query")
    if "scope" in parameters:
        raise OAuthError("invalid_scope", "scope: expected none; ask with authorization_details")
    state = parameters.get("state", "")
    if len(state) > LONGEST_STATE:
        raise OAuthError("invalid_request", f"state: expected at most {LONGEST_STATE} characters")
    request_uri = PREFIX + secrets.token_urlsafe(32)
    fields = {
        "request_hash": hash_of(request_uri),
        "partner_id": client.partner_id,
        "redirect_uri": parameters["redirect_uri"],
        "challenge": rfc7636.challenge_of(parameters),
        "state": state,
        "details": rfc9396.to_text(rfc9396.parse(need(parameters, "authorization_details"))),
        "jkt": _bound_to(parameters.get("dpop_jkt"), jkt),
        "expires_at": now + EXPIRES_SECONDS * 1_000_000,
    }
    await store.write(lambda tx: tx.run(PUSH, **fields))
    return request_uri


def hash_of(request_uri: str) -> bytes:
    """Return what is stored instead of a request_uri; of one that is none of ours, what is stored nowhere."""
    return hashlib.sha256(request_uri.encode()).digest() if _REFERENCE.fullmatch(request_uri) else b""


def _bound_to(dpop_jkt: str | None, jkt: str | None) -> str | None:
    """Return the key that the code will be bound to (RFC 9449 section 10.1)."""
    if dpop_jkt is not None and not rfc9449.JKT.fullmatch(dpop_jkt):
        raise OAuthError("invalid_request", "dpop_jkt: expected the base64url SHA-256 thumbprint of a JWK")
    if None not in (dpop_jkt, jkt) and dpop_jkt != jkt:
        raise OAuthError("invalid_dpop_proof", "dpop_jkt: expected the key of the DPoP proof")
    return dpop_jkt or jkt
