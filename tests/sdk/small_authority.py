"""An authorization server in a few lines: answers as the platform does, and can be made to misbehave."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from tests.sdk import proofs
from vestibule.oauth import rfc8414, rfc9728

ISSUER = "https://vestibule.example"
GRANTED = {
    "type": "messages",
    "actions": ["read"],
    "purposes": {"read": "To make a playlist."},
    "reach": "conversations",
    "conversations": ["abc"],
    "since": 0,
    "until_day": 20_900,
}


@dataclass
class SmallAuthority:
    """One request at a time; every proof needs its nonce, every assertion its own `jti`."""

    metadata: dict[str, Any] = field(default_factory=lambda: rfc8414.metadata(ISSUER))
    nonce: str = "n1"
    takes_nonces: bool = True
    refuses: dict[str, dict[str, str]] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    forms: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def client(self) -> httpx2.Client:
        return httpx2.Client(transport=httpx2.MockTransport(self.answer))

    def form(self, path: str) -> dict[str, str]:
        """Return the last form that came to an address."""
        return next(form for to, form in reversed(self.forms) if to == path)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/.well-known/oauth-authorization-server":
            return httpx2.Response(200, json=self.metadata)
        if path == "/.well-known/oauth-protected-resource/v1":
            return httpx2.Response(200, json=rfc9728.metadata(ISSUER))
        if path.startswith("/v1/"):
            return httpx2.Response(401, headers={"www-authenticate": rfc9728.challenge(ISSUER)})
        return self._posted(request, path)

    def _posted(self, request: httpx2.Request, path: str) -> httpx2.Response:
        form = dict(parse_qsl(request.content.decode()))
        jti = proofs.jti_of(form, ISSUER)
        assert jti not in self.seen
        self.seen.add(jti)
        self.forms.append((path, form))
        if path == "/oauth/token" and not self._is_proven(request):
            error = {"error": "use_dpop_nonce"}
            return httpx2.Response(400, json=error, headers={"dpop-nonce": self.nonce})
        if path in self.refuses:
            return httpx2.Response(400, json=self.refuses[path])
        answers = {
            "/oauth/par": lambda: httpx2.Response(201, json={"request_uri": "urn:x:y", "expires_in": 90}),
            "/oauth/token": lambda: httpx2.Response(200, json=self._token(form)),
            "/oauth/revoke": lambda: httpx2.Response(200),
            "/oauth/introspect": lambda: httpx2.Response(200, json={"active": False}),
        }
        return answers[path]()

    def _is_proven(self, request: httpx2.Request) -> bool:
        return proofs.claims_of(request).get("nonce") == self.nonce and self.takes_nonces

    def _token(self, form: dict[str, str]) -> dict[str, Any]:
        answer = {
            "access_token": f"vst_{len(self.forms)}",
            "token_type": "DPoP",
            "expires_in": 600,
            "person": "p",
            "authorization_details": [GRANTED],
        }
        if form["grant_type"] == "authorization_code":
            answer["refresh_token"] = "vsr_1"
            self._check_pkce(form["code_verifier"])
        return answer | self.changed

    def _check_pkce(self, verifier: str) -> None:
        pushed = self.form("/oauth/par")
        digest = hashlib.sha256(verifier.encode()).digest()
        assert pushed["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert pushed["code_challenge_method"] == "S256"
        assert json.loads(pushed["authorization_details"])
