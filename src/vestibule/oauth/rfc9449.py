"""Demonstrating Proof of Possession (RFC 9449): which key a request was made with.

Every proof carries a nonce of ours (sections 8 and 9). Nonces are an HMAC over the time under a key of this
process alone, so that a proof from before its start is answered `use_dpop_nonce`: the client tries again.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from vestibule.oauth.errors import OAuthError
from vestibule.oauth.rfc7519 import ALGORITHMS, ED25519, Jwt
from vestibule.partners.once import Once

ERROR: Final = "invalid_dpop_proof"
TYPE: Final = "dpop+jwt"
WINDOW_SECONDS: Final = 60
"""How far `iat` may lie from our clock, either way."""
NONCE_SECONDS: Final = 150
"""A nonce is given out for so long, and accepted for as long again."""
JKT = re.compile(r"[A-Za-z0-9_-]{43}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Nonces:
    """What every proof has to carry; stateless, and void when the process ends."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def current(self, now: int) -> str:
        """Return the nonce to hand out, at `now` seconds since 1970."""
        return self._of(now // NONCE_SECONDS)

    def accepts(self, nonce: str, now: int) -> bool:
        """Say whether a nonce was handed out lately."""
        window = now // NONCE_SECONDS
        return any(hmac.compare_digest(nonce.encode(), self._of(at).encode()) for at in (window, window - 1))

    def _of(self, window: int) -> str:
        digest = hmac.digest(self.key, window.to_bytes(8, "big"), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a proof has to be about.

    Attributes:
        method: of the request.
        uri: of the request, made from the configured origin.
        token: the access token in the request, None at the endpoints of the authorization server.
    """

    method: str
    uri: str
    token: str | None = None


def thumbprint(proof: str, asked: Asked, nonces: Nonces, once: Once, now: int) -> str:
    """Check a proof (section 4.3) and return the JWK thumbprint of its key, `jkt` (RFC 7638).

    Args:
        proof: the DPoP field; sent twice, it comes joined and is no JWT.
        asked: the request it came with.
        nonces: ours.
        once: the proofs that were used.
        now: seconds since 1970.

    Raises:
        OAuthError: `invalid_dpop_proof`, or `use_dpop_nonce` if it is only the nonce that is missing or old.
    """
    jwt = Jwt.parse(proof, ERROR)
    if jwt.header.get("typ") != TYPE:
        raise OAuthError(ERROR, f"typ: expected {TYPE}")
    key = _key(jwt.header)
    jwt.verify(key, ERROR)
    _check_request(jwt, asked)
    iat = jwt.seconds("iat", ERROR)
    if abs(now - iat) > WINDOW_SECONDS:
        raise OAuthError(ERROR, f"iat: expected within {WINDOW_SECONDS} s of {now}, got {iat}")
    _check_bounds(jwt, now)
    jti = jwt.text("jti", ERROR)
    if "nonce" not in jwt.claims or not nonces.accepts(jwt.text("nonce", ERROR), now):
        raise OAuthError("use_dpop_nonce", "nonce: expected the one in the DPoP-Nonce field of this answer")
    jkt = key.thumbprint()
    if not once.use("proof", jkt, jti, until=iat + WINDOW_SECONDS, now=now):
        raise OAuthError(ERROR, "jti: used before; every request needs a new proof")
    return jkt


def _key(header: Mapping[str, Any]) -> ECKey | OKPKey:
    """Import the header's public key, if it fits the algorithm and no private part came with it."""
    alg, jwk = header.get("alg"), header.get("jwk")
    if alg not in ALGORITHMS:
        raise OAuthError(ERROR, f"alg: expected one of {' '.join(ALGORITHMS)}, got {alg!r:.40}")
    kty, crv = ("OKP", "Ed25519") if alg in ED25519 else ("EC", "P-256")
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != (kty, crv):
        raise OAuthError(ERROR, f"jwk: expected a public key on {crv} for {alg}")
    if "d" in jwk:
        raise OAuthError(ERROR, "jwk: expected a public key, got a private one; it is known now, replace it")
    # The rest of what may stand in a JWK (use, key_ops, alg) is the client's own business.
    public: dict[str, str | list[str]] = {
        name: str(jwk.get(name)) for name in ("kty", "crv", "x", "y") if name in jwk
    }
    try:
        return OKPKey.import_key(public) if kty == "OKP" else ECKey.import_key(public)
    except (JoseError, ValueError, TypeError) as error:
        raise OAuthError(ERROR, f"jwk: expected a public key on {crv}: {error}") from error


def _check_request(jwt: Jwt, asked: Asked) -> None:
    if jwt.text("htm", ERROR) != asked.method:
        raise OAuthError(ERROR, f"htm: expected {asked.method}")
    if normalized(jwt.text("htu", ERROR)) != normalized(asked.uri):
        raise OAuthError(ERROR, f"htu: expected {normalized(asked.uri)}")
    if asked.token is not None:
        digest = hashlib.sha256(asked.token.encode("ascii", "replace")).digest()
        if jwt.text("ath", ERROR) != base64.urlsafe_b64encode(digest).decode().rstrip("="):
            raise OAuthError(ERROR, "ath: expected the hash of the access token in this request")


def _check_bounds(jwt: Jwt, now: int) -> None:
    """Hold `exp` and `nbf` against the clock where a proof has them; RFC 9449 asks for neither."""
    if "exp" in jwt.claims and jwt.seconds("exp", ERROR) <= now:
        raise OAuthError(ERROR, f"exp: expected a time that is not over, {now}")
    if "nbf" in jwt.claims and jwt.seconds("nbf", ERROR) > now + WINDOW_SECONDS:
        raise OAuthError(ERROR, f"nbf: expected a time that has come, {now}")


def normalized(uri: str) -> str:
    """Write an http URI without query and fragment, normalized as RFC 3986 sections 6.2.2 and 6.2.3 say."""
    try:
        parts = urlsplit(uri)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise OAuthError(ERROR, "htu: expected an absolute http URI") from error
    usual = port is None or port == _PORTS.get(parts.scheme)
    place = f"[{host}]" if ":" in host else host
    path = _ESCAPE.sub(_unescaped, parts.path or "/")
    return f"{parts.scheme}://{place}{'' if usual else f':{port}'}{path}"


def _unescaped(found: re.Match[str]) -> str:
    """Write an escaped unreserved character plainly, any other escape in upper case."""
    character = chr(int(found[0][1:], 16))
    plain = character.isascii() and (character.isalnum() or character in "-._~")
    return character if plain else found[0].upper()
