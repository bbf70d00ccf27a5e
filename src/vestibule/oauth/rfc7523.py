"""Client authentication by a signed assertion, `private_key_jwt` (RFC 7523 sections 2.2 and 3), nothing else.

The key is one on the register, named by the header's `kid` and in force today.
"""

from collections.abc import Mapping

from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.rfc7519 import ED25519, Jwt
from vestibule.partners import ahead, register
from vestibule.partners.once import Once
from vestibule.partners.register import Partner
from vestibule.store import Store

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ERROR = "invalid_client"
LONGEST_SECONDS = 300
SKEW_SECONDS = 60
"""How far ahead of ours a client's clock may be (FAPI 2.0 Security Profile section 5.3.2.1: 10 to 60)."""


async def authenticate(
    store: Store, once: Once, parameters: Mapping[str, str], issuer: str, now: int
) -> Partner:
    """Find out which client asks.

    Args:
        store: where the register is.
        once: the assertions that were used.
        parameters: of the request.
        issuer: our issuer identifier, the one `aud` there is.
        now: seconds since 1970.

    Raises:
        OAuthError: `invalid_client`, if it is none of the register's by a valid and unused assertion.
    """
    if parameters.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in parameters:
        raise OAuthError(ERROR, "expected private_key_jwt: client_assertion_type and client_assertion")
    assertion = Jwt.parse(parameters["client_assertion"], ERROR)
    client_id = assertion.text("sub", ERROR)
    assertion.verify(await _key_of(store, client_id, assertion, now), ERROR)
    _check(assertion, client_id, issuer, since=once.since(client_id), now=now)
    until = assertion.seconds("exp", ERROR)
    if not once.use("assertion", client_id, assertion.text("jti", ERROR), until=until, now=now):
        raise OAuthError(ERROR, "jti: used before; every request needs a new assertion")
    await ahead.note(store, once, client_id, assertion.seconds("iat", ERROR), now)
    partner = await register.partner(store, client_id)
    if partner is None or parameters.get("client_id", client_id) != client_id:
        raise OAuthError(ERROR, "client_id: expected the sub of the assertion")
    return partner


async def _key_of(store: Store, client_id: str, assertion: Jwt, now: int) -> OKPKey:
    kid = assertion.header.get("kid")
    for key in await register.keys_of(store, client_id):
        if key.key_id == kid and key.in_force(now // SECONDS_A_DAY):
            return OKPKey.import_key(
                {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(key.public).decode()}
            )
    raise OAuthError(ERROR, f"kid: expected the id of a registered key in force, got {kid!r:.60}")


def _check(assertion: Jwt, client_id: str, issuer: str, *, since: int, now: int) -> None:
    """Hold the claims against RFC 7523 section 3, as FAPI 2.0 narrows it."""
    if assertion.header.get("alg") not in ED25519:
        raise OAuthError(ERROR, f"alg: expected one of {' '.join(ED25519)}")
    if assertion.claims.get("iss") != client_id:
        raise OAuthError(ERROR, "iss: expected the client_id, as sub")
    if assertion.claims.get("aud") != issuer:
        raise OAuthError(ERROR, f"aud: expected {issuer} as one string")
    exp, iat = assertion.seconds("exp", ERROR), assertion.seconds("iat", ERROR)
    if not now < exp <= now + LONGEST_SECONDS + SKEW_SECONDS:
        raise OAuthError(ERROR, f"exp: expected within {LONGEST_SECONDS} s after {now}, got {exp}")
    if iat > now + SKEW_SECONDS:
        raise OAuthError(ERROR, f"iat: expected a time that has come, {now}, got {iat}")
    if iat < since:
        raise OAuthError(ERROR, f"iat: expected at or after this server's start at {since}; sign again")
    if "nbf" in assertion.claims and assertion.seconds("nbf", ERROR) > now + SKEW_SECONDS:
        raise OAuthError(ERROR, f"nbf: expected a time that has come, {now}")
