"""What a partner signs as JWT: who it is (RFC 7523), and which key a request is made with (RFC 9449)."""

from __future__ import annotations

import base64
import secrets
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey

ALGORITHM = "Ed25519"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60


def client_assertion(*, partner: str, issuer: str, key_id: str, seed: bytes, now: int) -> dict[str, str]:
    """Make the parameters by which a request to the authorization server is authenticated.

    Args:
        partner: the caller's own id.
        issuer: the platform's origin.
        key_id: the registered key's id.
        seed: its 32 secret bytes.
        now: seconds since 1970.
    """
    claims = {
        "iss": partner,
        "sub": partner,
        "aud": issuer,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    assertion = jwt.encode({"alg": ALGORITHM, "kid": key_id}, claims, _key(seed), algorithms=[ALGORITHM])
    return {"client_id": partner, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def dpop_proof(
    *, method: str, uri: str, seed: bytes, now: int, nonce: str | None, token: str | None = None
) -> str:
    """Make the DPoP field of a request.

    Args:
        method: in upper case.
        uri: absolute; query and fragment are left out.
        seed: the 32 secret bytes of the key that tokens are bound to.
        now: seconds since 1970.
        nonce: from the DPoP-Nonce field of the platform's last answer, None without one.
        token: the access token in the request, None at the authorization server.
    """
    claims: dict[str, Any] = {
        "htm": method,
        "htu": uri.partition("#")[0].partition("?")[0],
        "iat": now,
        "jti": secrets.token_urlsafe(16),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if token is not None:
        claims["ath"] = _b64url(sha256(token.encode()).digest())
    header = {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": _public(seed)}
    return jwt.encode(header, claims, _key(seed), algorithms=[ALGORITHM])


def _key(seed: bytes) -> OKPKey:
    return OKPKey.import_key({**_public(seed), "d": _b64url(seed)})


def _public(seed: bytes) -> dict[str, str | list[str]]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _b64url(bytes(SigningKey(seed).verify_key))}


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
