"""Who asks, at the login endpoints: `private_key_jwt` (RFC 7523 sections 2.2 and 3) by the registered key."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from joserfc import jwt
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey

from vestibule.sdk import base64url

if TYPE_CHECKING:
    from vestibule.sdk.keys import Keys

ALGORITHM: Final = "Ed25519"
"""As RFC 9864 names it; `EdDSA` (RFC 8037) is the older name of the same signature."""
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS: Final = 60
JTI_BYTES = 18


def client_assertion(keys: Keys, issuer: str, now: int) -> dict[str, str]:
    """Write the form fields that say which partner sends a form; good for one request.

    Args:
        keys: the partner's.
        issuer: the platform's issuer identifier, the assertion's one audience.
        now: seconds since 1970.
    """
    claims = {
        "iss": keys.partner,
        "sub": keys.partner,
        "aud": issuer,
        "jti": secrets.token_urlsafe(JTI_BYTES),
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
    }
    header = {"alg": ALGORITHM, "kid": keys.key_id}
    return {
        "client_id": keys.partner,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(header, claims, _key(keys.seed), algorithms=[ALGORITHM]),
    }


def _key(seed: bytes) -> OKPKey:
    public = bytes(SigningKey(seed).verify_key)
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(public), "d": base64url.encode(seed)}
    )
