"""The partner's client: signs what goes out, and hands on nothing that comes in without a valid receipt."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx2

from vestibule.ledger import request as signing
from vestibule.sdk import answers
from vestibule.sdk.connect import authorize_url
from vestibule.sdk.counters import Counters
from vestibule.sdk.errors import BadAnswer, PlatformError, Refused, Unreachable
from vestibule.sdk.proofs import client_assertion, dpop_proof
from vestibule.sdk.signing import sign_counts
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.log_view import read_log
from vestibule.verdict.receipt import Release, check_release, open_receipt
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vestibule.ledger.request import SignedRequest

TIMEOUT = 30.0
"""Seconds; an answer waits for the log, and for its witnesses."""
NONCE_BYTES = 18
OK = 200
BAD_REQUEST = 400
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Client:
    """One partner at one platform. Not to be shared between threads."""

    def __init__(
        self,
        base_url: str,
        partner: str,
        key_id: str,
        seed: bytes,
        policy_text: bytes,
        *,
        counters: Counters | None = None,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            base_url: the platform's origin, such as `https://example.com`.
            partner: this partner's id on the register.
            key_id: the registered key's id.
            seed: its 32 secret bytes.
            policy_text: whom this partner trusts about the log (C2SP tlog-policy).
            counters: what was counted before, if anything was.
            http: another HTTP client than a plain one.
            clock: seconds since 1970.

        Raises:
            BadPolicy: if the policy is malformed.
        """
        self.base_url = base_url.rstrip("/")
        self.partner = partner
        self.counters = counters or Counters()
        self._key_id = key_id
        self._seed = seed
        self._trust = trust(policy_text, partner)
        self._http = http or httpx2.Client(timeout=TIMEOUT)
        self._clock = clock
        self._nonce: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def push(
        self, *, redirect_uri: str, state: str, challenge: str, details: Sequence[Mapping[str, Any]]
    ) -> str:
        """Push an authorization request (RFC 9126) and return the address to send the person to.

        Args:
            redirect_uri: registered exactly like this.
            state: comes back unchanged; compare it.
            challenge: of `Pkce.new()`.
            details: what is asked for, such as `{"type": "messages", "actions": ["read"]}`.
        """
        form = {
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "authorization_details": json.dumps(list(details)),
        }
        pushed = self._authorized("/oauth/par", form)
        return authorize_url(self.base_url, partner=self.partner, request_uri=str(pushed["request_uri"]))

    def exchange(self, *, code: str, redirect_uri: str, verifier: str) -> answers.Token:
        """Trade the code of a consent for a token."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return answers.token(self._authorized("/oauth/token", form | {"code_verifier": verifier}))

    def refresh(self, token: answers.Token) -> answers.Token:
        """Get a new access token for a connection that goes on; the refresh token stays the same."""
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
        answer = self._authorized("/oauth/token", form)
        return answers.token({"refresh_token": token.refresh_token, **answer})

    def connection(self, token: answers.Token) -> Mapping[str, Any]:
        """Ask what the person agreed to."""
        return self._call("GET", "/v1/connection", token=token)[0]

    def messages(
        self, token: answers.Token, conversation: str, *, after: str | None = None, limit: int = 50
    ) -> answers.Page:
        """Read a page of messages.

        Raises:
            Refused: the platform refused, and recorded it.
            BadReceipt: something in the answer is not recorded as it must be; nothing is handed on.
            PlatformError, BadAnswer, Unreachable: there is no answer.
        """
        query = {"limit": str(limit)} | ({} if after is None else {"after": after})
        path = f"/v1/conversations/{quote(conversation, safe='')}/messages?{urlencode(query)}"
        value, request = self._call("GET", path, token=token)
        releases = self._checked(value, request)
        page = answers.page(value, releases, token.person)
        self.counters.add(releases)
        return page

    def reconcile(self) -> int:
        """Put this partner's own counts into the log, and return the leaf's index.

        The whole log is read first: no counter below those seen may be missing in it, because a person
        finds her events by counting up.

        Raises:
            BadLog: if the log does not hold, or hides an event behind a skipped counter.
        """
        view = read_log(self.fetch, self._trust)
        self.counters.check_gaps(view.history.tags)
        size = view.size
        counts = dict(self.counters.counts)
        signature = sign_counts(
            partner=self.partner, size=size, counts=counts, key_id=self._key_id, seed=self._seed
        )
        body = {"size": size, "counts": counts, "key_id": self._key_id, "signature": signature}
        value, _ = self._call("POST", "/v1/reconciliations", body=_json(body), content_type=JSON)
        return open_receipt(_receipts(value)[0], self._trust).index

    def fetch(self, path: str) -> bytes:
        """Fetch a file of the published log; raises OSError if it is not there."""
        response = self._send(self._http.build_request("GET", f"{self.base_url}/log/{path}"))
        if response.status_code != OK:
            raise FileNotFoundError(f"{response.url}: {response.status_code}")
        return response.content

    def _call(
        self,
        method: str,
        path: str,
        *,
        token: answers.Token | None = None,
        body: bytes = b"",
        content_type: str = "",
    ) -> tuple[Mapping[str, Any], SignedRequest]:
        headers = {"content-type": content_type} if content_type else {}
        if token is not None:
            headers["authorization"] = f"DPoP {token.access_token}"
        outgoing = self._http.build_request(method, self.base_url + path, content=body, headers=headers)
        target = str(outgoing.url)
        outgoing.headers.update(self._signature(method, target, body, headers.get("authorization")))
        signed = signing.parse(
            method=method, target_uri=target, headers=_covered(outgoing.headers), body=body
        )
        if token is not None:
            outgoing.headers["dpop"] = self._proof(method, target, token.access_token)
        response = self._send(outgoing)
        value = _object(response)
        if self._wants_nonce(response):
            return self._call(method, path, token=token, body=body, content_type=content_type)
        if not response.is_success:
            raise self._failure(response.status_code, value, signed)
        return value, signed

    def _authorized(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Ask the authorization server; once more where it wants its nonce in the proof."""
        url, now = self.base_url + path, int(self._clock())
        assertion = client_assertion(
            partner=self.partner, issuer=self.base_url, key_id=self._key_id, seed=self._seed, now=now
        )
        body = urlencode({**form, **assertion}).encode()
        headers = {"content-type": FORM, "dpop": self._proof("POST", url, None)}
        response = self._send(self._http.build_request("POST", url, content=body, headers=headers))
        value = _object(response)
        if self._wants_nonce(response):
            return self._authorized(path, form)
        if not response.is_success:
            raise PlatformError(
                response.status_code,
                {"title": value.get("error", ""), "detail": value.get("error_description", "")},
            )
        return value

    def _proof(self, method: str, url: str, token: str | None) -> str:
        now = int(self._clock())
        return dpop_proof(method=method, uri=url, seed=self._seed, now=now, nonce=self._nonce, token=token)

    def _wants_nonce(self, response: httpx2.Response) -> bool:
        """Keep the nonce of an answer; True if it is new and the request failed for want of it."""
        nonce, held = response.headers.get("dpop-nonce"), self._nonce
        self._nonce = nonce or held
        return bool(nonce) and nonce != held and "use_dpop_nonce" in _told(response)

    def _signature(self, method: str, target: str, body: bytes, authorization: str | None) -> dict[str, str]:
        return signing.sign(
            method=method,
            target_uri=target,
            body=body,
            authorization=authorization,
            key_id=self._key_id,
            seed=self._seed,
            created=int(self._clock()),
            nonce=secrets.token_urlsafe(NONCE_BYTES),
        )

    def _send(self, outgoing: httpx2.Request) -> httpx2.Response:
        try:
            return self._http.send(outgoing)
        except httpx2.TransportError as error:
            raise Unreachable(f"{outgoing.url}: {error}") from error

    def _failure(self, status: int, problem: dict[str, Any], request: SignedRequest) -> PlatformError:
        if not problem.get("receipts"):
            return PlatformError(status, problem)
        releases = self._checked(problem, request)
        self.counters.add(releases)
        return Refused(status, problem, releases)

    def _checked(self, value: Mapping[str, Any], request: SignedRequest) -> tuple[Release, ...]:
        releases = tuple(
            check_release(text, self._trust, partner=self.partner, request=request)
            for text in _receipts(value)
        )
        self.counters.check_new(releases)
        return releases


def _covered(headers: httpx2.Headers) -> dict[str, str]:
    names = ("content-digest", "signature-input", "signature", "authorization")
    return {name: headers[name] for name in names if name in headers}


def _told(response: httpx2.Response) -> str:
    """Return where an error code may stand: in the challenge, or at the authorization server in the body."""
    return (
        response.text if response.status_code == BAD_REQUEST else response.headers.get("www-authenticate", "")
    )


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _object(response: httpx2.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    if response.is_success:
        raise BadAnswer(f"{response.url}: expected a JSON object, got {response.content[:80]!r}")
    return {}


def _receipts(value: Mapping[str, Any]) -> tuple[str, ...]:
    receipts = value.get("receipts")
    if not isinstance(receipts, list) or not receipts or not all(isinstance(text, str) for text in receipts):
        raise BadReceipt("expected receipts in the answer, got none")
    return tuple(receipts)
