"""One partner's requests to the API, signed and proven; nothing comes in without receipts that hold."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from vestibule.ledger import ed25519
from vestibule.ledger import request as signing
from vestibule.ledger.leaf import Event
from vestibule.sdk import answers, unchanged
from vestibule.sdk.answers import Tagged
from vestibule.sdk.checking import Asked, checked, own, receipts
from vestibule.sdk.errors import BadAnswer, PlatformError, Refused, TokenDead
from vestibule.sdk.evidence import Evidence
from vestibule.sdk.wire import json_object
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from vestibule.ledger.request import SignedRequest
    from vestibule.sdk.checking import Operation
    from vestibule.sdk.exchange import Exchange
    from vestibule.sdk.keys import Keys
    from vestibule.sdk.receipts import Receipts
    from vestibule.sdk.tokens import Token
    from vestibule.sdk.wire import Wire
    from vestibule.verdict.trust import Trust

T = TypeVar("T")
Seen = TypeVar("Seen", bound=Tagged)

NONCE_BYTES = 18
UNAUTHORIZED = 401
COVERED = ("content-digest", "signature-input", "signature", "authorization")
"""Fields that a signature covers or is."""


class Caller:
    """Sends requests as one partner. Keeps and counts nothing that it has not checked."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        *,
        trust: Trust,
        kept: Receipts,
        wire: Wire,
        clock: Callable[[], float],
    ) -> None:
        self.trust = trust
        self.kept = kept
        self.wire = wire
        self._base_url = base_url
        self._keys = keys
        self._public = ed25519.public_of(keys.seed)
        self._clock = clock

    def ask(
        self,
        operation: Operation[T],
        method: str,
        path: str,
        *,
        token: Token,
        value: Mapping[str, Any] | None = None,
        key: str = "",
    ) -> Exchange[T]:
        """Send a request about a person, and return what its answer says once its receipts are kept.

        Args:
            operation: what is asked for.
            method: in upper case.
            path: under the platform's origin, with its query.
            token: hers.
            value: the body, None for none.
            key: the Idempotency-Key, "" for none. The signature does not cover it; the receipt names it.

        Raises:
            BadKey: the token is bound to another key than ours; nothing was sent.
            PlatformError, Refused, TokenDead: the platform said no; receipts of that are checked and kept.
            BadReceipt, BadAnswer: the answer does not hold; it is kept as evidence, and not handed on.
        """
        response, asked = yield from self._sent(method, path, token=token, value=value, key=key)
        return self._checked(operation, asked, self._said(response, asked))

    def look(
        self, operation: Operation[Seen], path: str, *, token: Token, known: Seen | None
    ) -> Exchange[Seen]:
        """Ask for what may be as it was; see `ask`.

        Args:
            operation: what is asked for.
            path: under the platform's origin, with its query.
            token: hers.
            known: the answer to the same request before, None for none.

        Returns:
            what is so now: `known` itself, but for its receipts, if the platform says that it still is.
        """
        response, asked = yield from self._sent(
            "GET", path, token=token, tag="" if known is None else known.tag
        )
        if known is not None and response.status_code == unchanged.STATUS:
            answer, _ = yield from self.call("GET", unchanged.receipts_at(response, self._base_url))
            releases = self._checked(unchanged.NOTHING_NEW[operation.name], asked, answer)
            return replace(known, releases=releases, unchanged=True)
        value = self._checked(operation, asked, self._said(response, asked))
        return replace(value, tag=response.headers.get("etag", ""))

    def call(
        self, method: str, path: str, *, token: Token | None = None, value: Mapping[str, Any] | None = None
    ) -> Exchange[tuple[Mapping[str, Any], Asked]]:
        """Send a request whose answer carries no receipts about a person; see `ask`.

        `token` is None where the request is about nobody, or about somebody by her id.
        """
        response, asked = yield from self._sent(method, path, token=token, value=value)
        return self._said(response, asked), asked

    def put(self, path: str, data: bytes, fields: Mapping[str, str]) -> Exchange[Mapping[str, Any]]:
        """Send a file with fields of its own, about nobody, and return what the answer says; see `ask`."""
        response, asked = yield from self._sent("PUT", path, file=(data, fields))
        return self._said(response, asked)

    def tell(self, method: str, path: str) -> Exchange[None]:
        """Send a request about nobody whose answer says nothing but that it is done; see `ask`."""
        response, asked = yield from self._sent(method, path)
        if not response.is_success:
            raise self._failure(response.status_code, json_object(response), asked)

    def _sent(
        self,
        method: str,
        path: str,
        *,
        token: Token | None = None,
        value: Mapping[str, Any] | None = None,
        key: str = "",
        tag: str = "",
        file: tuple[bytes, Mapping[str, str]] | None = None,
    ) -> Exchange[tuple[httpx2.Response, Asked]]:
        if token is not None:
            token.check_key(self._keys.dpop.jkt)
        body = b"" if value is None else json.dumps(value).encode()
        headers = {} if value is None else {"content-type": "application/json"}
        if file is not None:
            body, headers = file[0], dict(file[1])
        headers |= {"idempotency-key": f'"{key}"'} if key else {}
        headers |= {"if-none-match": tag} if tag else {}

        def signed(nonce: str | None) -> httpx2.Request:
            outgoing = self.wire.build(method, self._base_url + path, content=body, headers=headers)
            if token is not None:
                outgoing.headers.update(self._proof(method, str(outgoing.url), token, nonce))
            outgoing.headers.update(self._signature(outgoing, body))
            return outgoing

        response = yield from self.wire.prove(signed)
        asked = Asked(
            partner=self._keys.partner,
            public=self._public,
            person="" if token is None else token.person,
            request=_signed(response.request, body),
            body=value or {},
            key=key,
        )
        return response, asked

    def _said(self, response: httpx2.Response, asked: Asked) -> Mapping[str, Any]:
        answer = json_object(response)
        if not response.is_success:
            raise self._failure(response.status_code, answer, asked)
        return answer

    def recover(self, texts: tuple[str, ...]) -> tuple[int, list[int]]:
        """Keep those of one's receipts that are lacking; returns how many, and which leaves open nothing.

        Raises:
            BadReceipt: one does not hold, or is of a request that our key did not sign.
        """
        found = [
            (text, own(text, self.trust, partner=self._keys.partner, public=self._public)) for text in texts
        ]
        ours = tuple(one for _, one in found if one is not None)
        lacking = {one.index for one in self.kept.counters.unseen(ours)}
        self.kept.keep(
            [text for text, one in found if one is not None and one.index in lacking],
            tuple(one for one in ours if one.index in lacking),
        )
        others = (open_receipt(text, self.trust) for text, one in found if one is None)
        return len(lacking), [
            one.index for one in others if isinstance(one.leaf, Event) and one.private is None
        ]

    def _checked(self, operation: Operation[T], asked: Asked, answer: Mapping[str, Any]) -> T:
        try:
            value, releases = checked(operation, asked, answer, self.trust)
            self.kept.keep(receipts(answer), releases, repeatable=operation.repeatable)
        except (BadReceipt, BadAnswer) as error:
            evidence = Evidence(operation.name, asked, answer, str(error))
            raise type(error)(f"{error} (kept in {self.kept.keep_evidence(evidence)})") from error
        return value

    def _failure(self, status: int, problem: Mapping[str, Any], asked: Asked) -> PlatformError:
        if not problem.get("receipts"):
            return PlatformError(status, dict(problem))
        releases = self._checked(answers.REFUSED, asked, problem)
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


def _signed(request: httpx2.Request, body: bytes) -> SignedRequest:
    """Read back what was signed, to hold receipts against it."""
    headers = {name: request.headers[name] for name in COVERED if name in request.headers}
    return signing.parse(method=request.method, target_uri=str(request.url), headers=headers, body=body)
