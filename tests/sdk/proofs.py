"""DPoP proofs and client assertions read by PyJWT, as a server that is not ours would."""

import base64
import hashlib
from typing import Any

import httpx2
import jwt

from tests.sdk.partner import keys


def claims_of(request: httpx2.Request) -> dict[str, Any]:
    """Check the proof of a request (RFC 9449 section 4.3) and return its claims."""
    proof = request.headers["dpop"]
    header = jwt.get_unverified_header(proof)
    assert header["typ"] == "dpop+jwt"
    claims: dict[str, Any] = jwt.decode(
        proof, jwt.PyJWK(header["jwk"]).key, algorithms=["ES256"], options={"verify_iat": False}
    )
    assert claims["htm"] == request.method
    assert claims["htu"] == str(request.url.copy_with(query=None))
    if "authorization" in request.headers:
        token = request.headers["authorization"].removeprefix("DPoP ")
        digest = hashlib.sha256(token.encode()).digest()
        assert claims["ath"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return claims


def jti_of(form: dict[str, str], issuer: str) -> str:
    """Check the claims of a form's client assertion (RFC 7523 section 3) and return its `jti`."""
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    partner = keys().partner
    assert (claims["iss"], claims["sub"], claims["aud"]) == (partner, partner, issuer)
    assert form["client_id"] == partner
    jti: str = claims["jti"]
    return jti
