"""The login: from a partner's wish to a person's connection, and how its token stays fresh.

FAPI 2.0 Security Profile: a pushed request (RFC 9126) with PKCE (RFC 7636) and `authorization_details`
(RFC 9396), an answer with `iss` (RFC 9207), tokens bound to a key (RFC 9449), the partner known by a signed
assertion (RFC 7523).
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from vestibule.sdk import details, metadata, tokens
from vestibule.sdk.callback import Pending, code_of
from vestibule.sdk.client_assertion import client_assertion
from vestibule.sdk.errors import ConnectionOver, LoginRefused, PlatformError
from vestibule.sdk.pkce import Pkce
from vestibule.sdk.wire import Wire, json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx2

    from vestibule.sdk.details import Ask
    from vestibule.sdk.keys import Keys
    from vestibule.sdk.metadata import Server
    from vestibule.sdk.tokens import Token

STATE_BYTES = 18
EARLY_SECONDS = 60
"""How long before its end a token is refreshed: longer than an answer may take."""


class Login:
    """One partner's login at one platform. Not to be shared between threads."""

    def __init__(
        self,
        issuer: str,
        keys: Keys,
        *,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a login; nothing is sent yet.

        Args:
            issuer: the platform's issuer identifier, its origin.
            keys: this partner's.
            http: another HTTP client than a plain one.
            clock: seconds since 1970.
        """
        self.issuer = issuer
        self._keys = keys
        self._wire = Wire(http)
        self._clock = clock
        self._server: Server | None = None

    @classmethod
    def discovered(
        cls,
        url: str,
        keys: Keys,
        *,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Login:
        """Find the login of an API by the 401 that it answers to a stranger (RFC 9728 section 5).

        Args:
            url: any address of the API, such as `https://example.com/v1/connection`.
            keys: this partner's.
            http: another HTTP client than a plain one.
            clock: seconds since 1970.

        Raises:
            BadAnswer: if the answer leads to no authorization server.
        """
        login = cls("", keys, http=http, clock=clock)
        answer = login._wire.send(login._wire.http.build_request("GET", url))
        challenge = answer.headers.get("www-authenticate", "")
        login._server = metadata.of_challenge(login._fetch, url, challenge)
        login.issuer = login._server.issuer
        return login

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()

    @property
    def server(self) -> Server:
        """The platform's endpoints, fetched the first time and checked to be this issuer's."""
        if self._server is None:
            self._server = metadata.of_issuer(self._fetch, self.issuer)
        return self._server

    def begin(self, asks: Sequence[Ask], redirect_uri: str) -> Pending:
        """Push a request, and return where to send the person; it waits for her some minutes.

        Args:
            asks: what for; `details.messages("read")`, for example.
            redirect_uri: where she comes back, registered exactly like this.

        Raises:
            LoginRefused: if the platform does not take the request; it says why.
        """
        server, pkce, state = self.server, Pkce.new(), secrets.token_urlsafe(STATE_BYTES)
        form = {
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
            "authorization_details": details.to_json(asks),
            "dpop_jkt": self._keys.dpop.jkt,
        }
        answer = self._post(server.pushed_authorization_request_endpoint, form)
        query = urlencode({"client_id": self._keys.partner, "request_uri": answer.get("request_uri", "")})
        url = f"{server.authorization_endpoint}?{query}"
        return Pending(url, server.issuer, redirect_uri, state, pkce.verifier)

    def finish(self, pending: Pending, callback: str) -> Token:
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
        return tokens.issued(self._token(form), jkt=self._keys.dpop.jkt, now=now)

    def fresh(self, token: Token) -> Token:
        """Return a token that lasts for the next minute: this one, or the next; keep what is returned."""
        return token if self._clock() < token.expires_at - EARLY_SECONDS else self.refresh(token)

    def refresh(self, token: Token) -> Token:
        """Get the next access token. What is granted may have changed with it.

        Raises:
            BadKey: if the token is bound to another key than ours; nothing was sent.
            ConnectionOver: if there is nothing to refresh any more; only the person can change that.
        """
        jkt, now = self._keys.dpop.jkt, int(self._clock())
        token.check_key(jkt)
        try:
            answer = self._token({"grant_type": "refresh_token", "refresh_token": token.refresh_token})
        except LoginRefused as refused:
            if refused.error != "invalid_grant":
                raise
            raise ConnectionOver(refused.error, refused.description) from refused
        return tokens.issued(answer, jkt=jkt, now=now, refresh_token=token.refresh_token)

    def revoke(self, token: Token) -> None:
        """End a token and everything issued with it (RFC 7009). The connection itself is the person's."""
        self._post(self.server.revocation_endpoint, {"token": token.refresh_token})

    def introspect(self, token: Token) -> Mapping[str, Any]:
        """Ask what an access token is worth now (RFC 7662): `active`, and what is granted."""
        return self._post(self.server.introspection_endpoint, {"token": token.access_token})

    def _token(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        url, dpop = self.server.token_endpoint, self._keys.dpop

        def proven(nonce: str | None) -> httpx2.Request:
            now = int(self._clock())
            return self._form(url, form, {"dpop": dpop.proof(method="POST", uri=url, now=now, nonce=nonce)})

        return _accepted(self._wire.prove(proven))

    def _post(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        return _accepted(self._wire.send(self._form(url, form)))

    def _form(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx2.Request:
        """Write a request; every one says anew who sends it."""
        who = client_assertion(self._keys, self.server.issuer, int(self._clock()))
        return self._wire.http.build_request("POST", url, data={**form, **who}, headers=headers)

    def _fetch(self, url: str) -> dict[str, Any]:
        response = self._wire.send(self._wire.http.build_request("GET", url))
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
