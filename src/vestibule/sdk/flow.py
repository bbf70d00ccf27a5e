"""The login: from a partner's wish to a person's connection, and how its token stays fresh.

FAPI 2.0 Security Profile: a pushed request (RFC 9126) with PKCE (RFC 7636) and `authorization_details`
(RFC 9396), an answer with `iss` (RFC 9207), tokens bound to a key (RFC 9449), the partner known by a signed
assertion (RFC 7523).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from vestibule.sdk import details, metadata, tokens
from vestibule.sdk.callback import Pending, code_of
from vestibule.sdk.client_assertion import client_assertion
from vestibule.sdk.errors import ConnectionOver, LoginRefused, PlatformError
from vestibule.sdk.pkce import Pkce
from vestibule.sdk.wire import json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx2

    from vestibule.sdk.details import Ask
    from vestibule.sdk.exchange import Exchange
    from vestibule.sdk.keys import Keys
    from vestibule.sdk.metadata import Server
    from vestibule.sdk.tokens import Token
    from vestibule.sdk.wire import Wire

STATE_BYTES = 18
EARLY_SECONDS = 60
"""How long before its end a token is refreshed: longer than an answer may take."""


class Flow:
    """What one partner and one platform's authorization server say to each other."""

    def __init__(self, issuer: str, keys: Keys, *, wire: Wire, clock: Callable[[], float]) -> None:
        self.issuer = issuer
        self._keys = keys
        self._wire = wire
        self._clock = clock
        self._server: Server | None = None

    def discover(self, url: str) -> Exchange[None]:
        """Find the server of an API by the 401 that it answers to a stranger (RFC 9728 section 5).

        Args:
            url: any address of the API, such as `https://example.com/v1/connection`.

        Raises:
            BadAnswer: if the answer leads to no authorization server.
        """
        answer = yield from self._wire.send(self._wire.build("GET", url))
        challenge = answer.headers.get("www-authenticate", "")
        self._server = yield from metadata.of_challenge(self._fetch, url, challenge)
        self.issuer = self._server.issuer

    def server(self) -> Exchange[Server]:
        """Return the platform's endpoints, fetched the first time and checked to be this issuer's."""
        if self._server is None:
            self._server = yield from metadata.of_issuer(self._fetch, self.issuer)
        return self._server

    def begin(self, asks: Sequence[Ask], redirect_uri: str) -> Exchange[Pending]:
        """Push a request, and return where to send the person; it waits for her some minutes.

        Args:
            asks: what for; `details.messages("read")`, for example.
            redirect_uri: where she comes back, registered exactly like this.

        Raises:
            LoginRefused: if the platform does not take the request; it says why.
        """
        server, pkce, state = (yield from self.server()), Pkce.new(), secrets.token_urlsafe(STATE_BYTES)
        form = {
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
            "authorization_details": details.to_json(asks),
            "dpop_jkt": self._keys.dpop.jkt,
        }
        answer = yield from self._post(server.pushed_authorization_request_endpoint, form)
        query = urlencode({"client_id": self._keys.partner, "request_uri": answer.get("request_uri", "")})
        url = f"{server.authorization_endpoint}?{query}"
        return Pending(url, server.issuer, redirect_uri, state, pkce.verifier)

    def finish(self, pending: Pending, callback: str) -> Exchange[Token]:
        """Trade the code a person came back with for her token.

        Args:
            pending: her login, as `begin` returned it.
            callback: the address she came back to, query included.

        Raises:
            BadCallback: if it is not the answer to this login.
            Denied: if she said no.
            LoginRefused: if the platform does not take the code.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code_of(pending, callback),
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.verifier,
        }
        now = int(self._clock())
        return tokens.issued((yield from self._token(form)), jkt=self._keys.dpop.jkt, now=now)

    def fresh(self, token: Token) -> Exchange[Token]:
        """Return a token that lasts for the next minute: this one, or the next; keep what is returned."""
        if self._clock() < token.expires_at - EARLY_SECONDS:
            return token
        return (yield from self.refresh(token))

    def refresh(self, token: Token) -> Exchange[Token]:
        """Get the next access token. What is granted may have changed with it.

        Raises:
            BadKey: if the token is bound to another key than ours; nothing was sent.
            ConnectionOver: if there is nothing to refresh any more; only the person can change that.
        """
        jkt, now = self._keys.dpop.jkt, int(self._clock())
        token.check_key(jkt)
        try:
            form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
            answer = yield from self._token(form)
        except LoginRefused as refused:
            if refused.error != "invalid_grant":
                raise
            raise ConnectionOver(refused.error, refused.description) from refused
        return tokens.issued(answer, jkt=jkt, now=now, refresh_token=token.refresh_token)

    def revoke(self, token: Token) -> Exchange[None]:
        """End a token and everything issued with it (RFC 7009). The connection itself is the person's."""
        server = yield from self.server()
        yield from self._post(server.revocation_endpoint, {"token": token.refresh_token})

    def introspect(self, token: Token) -> Exchange[Mapping[str, Any]]:
        """Ask what an access token is worth now (RFC 7662): `active`, and what is granted."""
        server = yield from self.server()
        return (yield from self._post(server.introspection_endpoint, {"token": token.access_token}))

    def _token(self, form: Mapping[str, str]) -> Exchange[Mapping[str, Any]]:
        server, dpop = (yield from self.server()), self._keys.dpop
        url = server.token_endpoint

        def proven(nonce: str | None) -> httpx2.Request:
            proof = dpop.proof(method="POST", uri=url, now=int(self._clock()), nonce=nonce)
            return self._form(server, url, form, {"dpop": proof})

        return _accepted((yield from self._wire.prove(proven)))

    def _post(self, url: str, form: Mapping[str, str]) -> Exchange[Mapping[str, Any]]:
        server = yield from self.server()
        return _accepted((yield from self._wire.send(self._form(server, url, form))))

    def _form(
        self, server: Server, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx2.Request:
        """Write a request; every one says anew who sends it."""
        who = client_assertion(self._keys, server.issuer, int(self._clock()))
        return self._wire.build("POST", url, data={**form, **who}, headers=headers)

    def _fetch(self, url: str) -> Exchange[dict[str, Any]]:
        response = yield from self._wire.send(self._wire.build("GET", url))
        value = json_object(response)
        if not response.is_success:
            raise PlatformError(response.status_code, {"title": "no metadata", "detail": url, **value})
        return value


def _accepted(response: httpx2.Response) -> dict[str, Any]:
    """Return an endpoint's answer; raises LoginRefused where it says no."""
    if response.is_success and not response.content:
        return {}
    value = json_object(response)
    if response.is_success:
        return value
    if "error" not in value:
        raise PlatformError(response.status_code, value)
    raise LoginRefused(str(value["error"]), str(value.get("error_description", "")))
