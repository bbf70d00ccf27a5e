"""Authorization requests (RFC 6749 section 4.1.1) with PKCE, S256 only (RFC 7636)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from vestibule.connections.grants import Scope
from vestibule.oauth.errors import BadClient, OAuthError
from vestibule.partners import register
from vestibule.partners.register import Partner
from vestibule.store import Store

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_STATE = 500


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a partner asks a person for.

    Attributes:
        state: the partner's own value, given back to it.
        challenge: RFC 7636 code_challenge, method S256.
    """

    partner: Partner
    redirect_uri: str
    scopes: tuple[Scope, ...]
    state: str
    challenge: str

    def answer(self, issuer: str, **fields: str) -> str:
        """Return the redirect URI with an answer, state and `iss` (RFC 9207)."""
        query = urlencode({**fields, "state": self.state, "iss": issuer})
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{query}"


async def parse(store: Store, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Read an authorization request.

    Raises:
        BadClient: before client and redirect URI are known good; never to be redirected.
        OAuthError: afterwards.
    """
    partner = await register.partner(store, parameters.get("client_id", ""))
    if partner is None:
        raise BadClient("invalid_request", "client_id: expected the id of a partner on the register")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in partner.redirect_uris:
        raise BadClient("invalid_request", "redirect_uri: expected one that is registered, exactly")
    if parameters.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type: expected code")
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise OAuthError(
            "invalid_request", "code_challenge: expected 43 characters and code_challenge_method S256"
        )
    state = parameters.get("state", "")
    if len(state) > LONGEST_STATE:
        raise OAuthError("invalid_request", f"state: expected at most {LONGEST_STATE} characters")
    return AuthorizationRequest(partner, redirect_uri, _scopes(parameters.get("scope", "")), state, challenge)


def _scopes(text: str) -> tuple[Scope, ...]:
    known = {scope.value for scope in Scope}
    asked = text.split()
    unknown = [scope for scope in asked if scope not in known]
    if unknown or not asked:
        raise OAuthError(
            "invalid_scope", f"scope: expected some of {' '.join(sorted(known))}, got {text[:100]!r}"
        )
    return tuple(Scope(scope) for scope in dict.fromkeys(asked))
