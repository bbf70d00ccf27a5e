"""What a partner's program does as a client of the authorization server, and can get wrong on purpose."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx2
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode
from nacl.signing import SigningKey

ORIGIN = "http://platform.test"
HOME = {name: f"https://{name}.test" for name in ("jukebox", "marquee", "echo")}
SEED = {name: hashlib.sha256(name.encode()).digest() for name in HOME}
FORM = "application/x-www-form-urlencoded"
READING = [{"type": "messages", "actions": ["read"]}]
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0"


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def key_of(seed: bytes) -> OKPKey:
    """Return a partner's key as JWK."""
    public_key = bytes(SigningKey(seed).verify_key)
    parts = {"x": urlsafe_b64encode(public_key).decode(), "d": urlsafe_b64encode(seed).decode()}
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", **parts})


def encoded(header: dict[str, Any], claims: dict[str, Any], key: OKPKey | ECKey) -> str:
    """Sign a JWT; what is None in header or claims is left out."""
    kept = {name: value for name, value in header.items() if value is not None}
    said = {name: value for name, value in claims.items() if value is not None}
    alg = "ES256" if isinstance(key, ECKey) else "Ed25519"
    algorithm = JWSRegistry.algorithms[alg]
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in (kept, said))
    return f"{signed.decode()}.{urlsafe_b64encode(algorithm.sign(signed, key)).decode()}"


class Site(Protocol):
    """What the client needs of the platform under test."""

    numbers: Iterator[int]
    platform: Any

    @property
    def seconds(self) -> int: ...

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b"", kind: str = FORM
    ) -> httpx2.Response: ...

    def get(self, who: str | None, path: str, **more: Any) -> httpx2.Response: ...


class OAuthClient(Site):
    """The client's requests: to the authorization server, and the proofs of all others."""

    @property
    def dpop_nonce(self) -> str:
        """What proofs have to carry now."""
        nonce: str = self.platform.dpop_nonces.current(self.seconds)
        return nonce

    def proof(
        self,
        partner: str,
        method: str,
        path: str,
        token: str | None = None,
        *,
        key: OKPKey | ECKey | None = None,
        header: dict[str, Any] | None = None,
        **changed: Any,
    ) -> str:
        """Prove a request with a partner's key, or another; a claim or header changed to None is left out."""
        key = key or key_of(SEED[partner])
        claims = {
            "htm": method,
            "htu": ORIGIN + path.partition("?")[0],
            "iat": self.seconds,
            "jti": f"jti-{next(self.numbers)}",
            "nonce": self.dpop_nonce,
            **({} if token is None else {"ath": challenge(token)}),
            **changed,
        }
        alg = "ES256" if isinstance(key, ECKey) else "Ed25519"
        fields = {"typ": "dpop+jwt", "alg": alg, "jwk": key.as_dict(private=False), **(header or {})}
        return encoded(fields, claims, key)

    def assertion(self, partner: str, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """Say who asks, by the partner's registered key."""
        key = key_of(changed.pop("seed", SEED[partner]))
        claims = {
            "iss": partner,
            "sub": partner,
            "aud": ORIGIN,
            "iat": self.seconds,
            "exp": self.seconds + 60,
            "jti": f"jti-{next(self.numbers)}",
            **changed,
        }
        return encoded({"alg": "Ed25519", "kid": f"{partner}:1", **(header or {})}, claims, key)

    def oauth(
        self,
        partner: str,
        path: str,
        form: dict[str, Any],
        *,
        proof: str | None = "",
        assertion: str = "",
        **headers: str,
    ) -> httpx2.Response:
        """Ask the authorization server, authenticated and proven; a proof of None is left out."""
        fields = {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(partner),
            **form,
        }
        if proof is not None:
            headers["dpop"] = proof or self.proof(partner, "POST", path)
        return self.send("POST", path, headers, urlencode(fields, doseq=True).encode())

    def asked(self, partner: str = "jukebox", **changed: Any) -> dict[str, Any]:
        """Return an authorization request's parameters."""
        return {
            "response_type": "code",
            "client_id": partner,
            "redirect_uri": f"{HOME[partner]}/back",
            "authorization_details": json.dumps(READING),
            "state": "state of the partner",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
            **changed,
        }

    def push(self, partner: str = "jukebox", /, **changed: Any) -> httpx2.Response:
        """Push an authorization request; a parameter that is changed to None is left out."""
        asked = {name: value for name, value in self.asked(partner, **changed).items() if value is not None}
        return self.oauth(partner, "/oauth/par", asked, proof=None)

    def pushed(self, partner: str = "jukebox", /, **changed: Any) -> dict[str, str]:
        """Push an authorization request; returns what the consent page's address carries."""
        answer = self.push(partner, **changed)
        assert answer.status_code == 201, answer.text
        return {"client_id": partner, "request_uri": answer.json()["request_uri"]}

    def opens(self, who: str | None, carried: dict[str, str]) -> httpx2.Response:
        """Open the consent page."""
        return self.get(who, f"/oauth/authorize?{urlencode(carried)}")

    def exchange(self, code: str, partner: str = "jukebox", **changed: Any) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{HOME['jukebox']}/back",
            "code_verifier": VERIFIER,
            **{name: value for name, value in changed.items() if name != "proof"},
        }
        return self.oauth(partner, "/oauth/token", form, proof=changed.get("proof", ""))

    def refresh(self, token: str, partner: str = "jukebox", **changed: Any) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.oauth(partner, "/oauth/token", form, **changed)
