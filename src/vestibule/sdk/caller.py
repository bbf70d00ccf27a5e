"""One partner's requests to the API, signed and proven, and the receipts that every answer has to show."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from vestibule.ledger import ed25519
from vestibule.ledger import request as signing
from vestibule.ledger.errors import RequestError
from vestibule.sdk.errors import PlatformError, Refused, TokenDead
from vestibule.sdk.wire import json_object
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import check_release, open_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from vestibule.ledger.request import SignedRequest
    from vestibule.sdk.counters import Counters
    from vestibule.sdk.keys import Keys
    from vestibule.sdk.tokens import Token
    from vestibule.sdk.wire import Wire
    from vestibule.verdict.receipt import Release
    from vestibule.verdict.trust import Trust

NONCE_BYTES = 18
UNAUTHORIZED = 401
COVERED = ("content-digest", "signature-input", "signature", "authorization")
"""Fields that a signature covers or is."""


class Caller:
    """Sends requests as one partner. Counts nothing that it has not checked."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        *,
        trust: Trust,
        counters: Counters,
        wire: Wire,
        clock: Callable[[], float],
    ) -> None:
        self.wire = wire
        self.trust = trust
        self.counters = counters
        self._base_url = base_url
        self._keys = keys
        self._clock = clock

    def call(
        self,
        method: str,
        path: str,
        *,
        token: Token | None = None,
        value: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Mapping[str, Any], SignedRequest]:
        """Send a request, and return the answer with what was signed.

        Args:
            method: in upper case.
            path: under the platform's origin, with its query.
            token: the person's, None where the request is about nobody.
            value: the body, None for none.
            headers: more fields; the signature does not cover them.

        Raises:
            BadKey: the token is bound to another key than ours; nothing was sent.
            PlatformError, Refused, TokenDead: the platform said no; receipts of that are checked and counted.
            BadReceipt: the answer is a refusal whose receipts do not hold.
        """
        if token is not None:
            token.check_key(self._keys.dpop.jkt)
        body = b"" if value is None else json.dumps(value).encode()
        fields = {**(headers or {}), **({} if value is None else {"content-type": "application/json"})}

        def signed(nonce: str | None) -> httpx2.Request:
            url = self._base_url + path
            outgoing = self.wire.http.build_request(method, url, content=body, headers=fields)
            if token is not None:
                outgoing.headers.update(self._proof(method, str(outgoing.url), token, nonce))
            outgoing.headers.update(self._signature(outgoing, body))
            return outgoing

        response = self.wire.prove(signed)
        answer, request = json_object(response), _signed(response.request, body)
        if not response.is_success:
            raise self._failure(response.status_code, answer, request)
        return answer, request

    def releases(self, answer: Mapping[str, Any], request: SignedRequest) -> tuple[Release, ...]:
        """Check the receipts of an answer: about this very request, and no counter twice.

        Raises:
            BadReceipt: naming leaf and difference.
        """
        found = tuple(self._release(text, request) for text in receipts(answer))
        self.counters.check_new(found)
        return found

    def repeatable(self, answer: Mapping[str, Any], request: SignedRequest) -> tuple[Release, ...]:
        """Check the receipts of a request that may have been sent before, and be answered by the same leaf.

        Raises:
            BadReceipt: naming leaf and difference.
        """
        found = tuple(self._release(text, self._as_first_sent(text, request)) for text in receipts(answer))
        self.counters.check_new(self.counters.unseen(found))
        return found

    def _release(self, text: str, request: SignedRequest) -> Release:
        return check_release(text, self.trust, partner=self._keys.partner, request=request)

    def _as_first_sent(self, text: str, request: SignedRequest) -> SignedRequest:
        """Return the request in a receipt if it asked for the same and our key signed it, else this one."""
        private = open_receipt(text, self.trust).private
        first = None if private is None else private.request
        if first is None or _asked(first) != _asked(request):
            return request
        try:
            signing.verify(first, ed25519.public_of(self._keys.seed))
        except RequestError:
            return request
        return first

    def _failure(self, status: int, problem: Mapping[str, Any], request: SignedRequest) -> PlatformError:
        if not problem.get("receipts"):
            return PlatformError(status, dict(problem))
        releases = self.releases(problem, request)
        self.counters.add(releases)
        return (TokenDead if status == UNAUTHORIZED else Refused)(status, dict(problem), releases)

    def _proof(self, method: str, url: str, token: Token, nonce: str | None) -> dict[str, str]:
        now = int(self._clock())
        proof = self._keys.dpop.proof(method=method, uri=url, now=now, nonce=nonce, token=token.access_token)
        return {"authorization": f"DPoP {token.access_token}", "dpop": proof}

    def _signature(self, outgoing: httpx2.Request, body: bytes) -> dict[str, str]:
        return signing.sign(
            method=outgoing.method,
            target_uri=str(outgoing.url),
            body=body,
            authorization=outgoing.headers.get("authorization"),
            key_id=self._keys.key_id,
            seed=self._keys.seed,
            created=int(self._clock()),
            nonce=secrets.token_urlsafe(NONCE_BYTES),
        )


def receipts(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the receipts of an answer; raises BadReceipt if there are none."""
    found = answer.get("receipts")
    if not isinstance(found, list) or not found or not all(isinstance(text, str) for text in found):
        raise BadReceipt("expected receipts in the answer, got none")
    return tuple(found)


def _signed(request: httpx2.Request, body: bytes) -> SignedRequest:
    """Read back what was signed, to hold receipts against it."""
    headers = {name: request.headers[name] for name in COVERED if name in request.headers}
    return signing.parse(method=request.method, target_uri=str(request.url), headers=headers, body=body)


def _asked(request: SignedRequest) -> tuple[str, ...]:
    """Return what a request asks for, whichever token and nonce it carries: method, target and body."""
    return tuple(request.base.split("\n")[:3])
