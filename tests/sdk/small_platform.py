"""A platform in a few lines: one conversation, a log, and the receipts of `log_builder`."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx2
from nacl.signing import SigningKey, VerifyKey

from tests.sdk import proofs
from tests.sdk.partner import keys
from tests.verdict.log_builder import ALICE, BOB, NOW, READ, LogBuilder, seed
from tests.verdict.stories import told
from vestibule.ledger import request as signing
from vestibule.ledger.leaf import ReconcileLeaf, reconcile_text
from vestibule.ledger.request import SignedRequest
from vestibule.ledger.tags import SHARED, partner_person_id
from vestibule.sdk.answers import digest
from vestibule.sdk.details import Granted
from vestibule.sdk.tokens import Token

BASE = "https://vestibule.example"
ETAG = 'W/"tag"'
OPS = {"/v1/friends": "friends.list", "/v1/recommendations": "recommendations.receive"}
PUBLIC = bytes(SigningKey(seed("jukebox")).verify_key)


def token(platform: "SmallPlatform", who: bytes = ALICE) -> Token:
    """Return a token that is good for another ten minutes."""
    granted = Granted("messages", ("read",), {}, 30_000, "conversations", ("abc",))
    return Token("t", "r", NOW + 600, keys().dpop.jkt, person_id(platform.log, who), (granted,))


def person_id(log: LogBuilder, subject: bytes) -> str:
    return partner_person_id(log.lane("jukebox", SHARED, subject)[0])


@dataclass
class SmallPlatform:
    """Answers as the platform does; `tamper` changes a finished answer, `book` what the log gets."""

    log: LogBuilder = field(default_factory=told)
    tamper: Callable[[dict[str, Any]], object] = lambda answer: answer
    book: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    requests: list[SignedRequest] = field(default_factory=list)
    nonce: str = "n1"
    refused_with: int = 403
    written: dict[str, str] = field(default_factory=dict)
    nothing_new: bool = False
    link: str = f'<{BASE}/v1/receipts?after=6&limit=1>; rel="describedby"'

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path.startswith("/log/"):
            data = self.log.files().get(path.removeprefix("/log/"))
            return httpx2.Response(404) if data is None else httpx2.Response(200, content=data)
        self.requests.append(self._signed(request))
        if "authorization" in request.headers and proofs.claims_of(request).get("nonce") != self.nonce:
            challenge = {"www-authenticate": 'DPoP error="use_dpop_nonce"', "dpop-nonce": self.nonce}
            return httpx2.Response(401, json={"title": "Not proven"}, headers=challenge)
        answers = {
            "/v1/connection": self._connection,
            "/v1/conversations/abc/messages": self._write if request.method == "POST" else self._messages,
            "/v1/conversations/abc/messages/m1": self._delete,
            "/v1/friends": self._friends,
            "/v1/conversations": self._conversations,
            "/v1/recommendations": self._recommendations,
            "/v1/conversations/abc/attachments/f1": self._file,
            "/v1/receipts": self._receipts,
            "/v1/reconciliations": self._reconcile,
            "/v1/suspensions": self._suspend,
        }
        if self.nothing_new and "if-none-match" in request.headers:
            return self._unchanged(path)
        status, value = answers.get(path, self._refuse)(request)
        self.tamper(value)
        return httpx2.Response(status, json=value, headers={"etag": ETAG})

    def _unchanged(self, path: str) -> httpx2.Response:
        """Say that all is as it was, on record as a request that released nothing."""
        self._released((), n=0, op=OPS.get(path, READ))
        return httpx2.Response(304, headers={"link": self.link})

    def _signed(self, request: httpx2.Request) -> SignedRequest:
        signed = signing.parse(
            method=request.method,
            target_uri=str(request.url),
            headers={name: request.headers[name] for name in request.headers if name != "host"},
            body=request.content,
        )
        signing.verify(signed, PUBLIC)
        return signed

    def _connection(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        return 200, {"scopes": [READ], "authorization": request.headers["authorization"]}

    def _messages(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        messages = [
            {"id": f"m{at}", "from": person_id(self.log, who), "sent_at": at, "body": f"no. {at}"}
            for at, who in enumerate((ALICE, BOB, ALICE))
        ]
        shown = {ALICE: messages, BOB: messages[1:2]}
        for kind, who in (("access", ALICE), ("exposure", BOB)):
            fields: dict[str, Any] = {"n": len(shown[who]), "messages": tuple(map(digest, shown[who]))}
            fields |= {"request": self.requests[-1], **self.book.get(who, {})}
            self.log.event(kind, "jukebox", who, **fields)
        receipts = [self.log.release("jukebox", who) for who in (ALICE, BOB)]
        return 200, {"messages": messages, "withheld": True, "next": None, "receipts": receipts}

    def _write(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        new = json.loads(request.content)
        said = {name: new[name] for name in ("body", "reply_to") if name in new}
        key = request.headers["idempotency-key"].strip('"')
        if key not in self.written:
            extra = {"key": sha256(key.encode()).hexdigest()}
            fields: dict[str, Any] = {
                "n": 1,
                "messages": (digest(said),),
                "op": "messages.send",
                "extra": extra,
            }
            fields |= {"request": self.requests[-1], **self.book.get(ALICE, {})}
            self.log.event("send", "jukebox", ALICE, **fields)
            self.written[key] = self.log.release("jukebox", ALICE)
        message = {"id": "m1", "from": person_id(self.log, ALICE), "sent_at": 1, **said}
        return 201, {"message": message, "receipts": [self.written[key]]}

    def _delete(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        fields: dict[str, Any] = {
            "op": "messages.delete",
            "n": 1,
            "messages": (),
            "request": self.requests[-1],
        }
        for kind, who in (("delete", ALICE), ("exposure", BOB)):
            self.log.event(kind, "jukebox", who, **fields)
        return 200, {"receipts": [self.log.release("jukebox", who) for who in (ALICE, BOB)]}

    def _friends(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        fields: dict[str, Any] = {"op": "friends.list", "n": 1, "messages": (), "request": self.requests[-1]}
        for kind, who in (("access", ALICE), ("exposure", BOB)):
            self.log.event(kind, "jukebox", who, **fields)
        receipts = [self.log.release("jukebox", who) for who in (ALICE, BOB)]
        connected = [person_id(self.log, BOB)]
        return 200, {"connected": connected, "others": [], "next": None, "receipts": receipts}

    def _conversations(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        listed = [{"id": "abc", "newest": "m2", "withheld": False}]
        return 200, {"conversations": listed, "next": None, "receipts": [self._released((), n=0)]}

    def _recommendations(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        found = [{"id": "r1", "card": {"kind": "film", "title": "Stalker"}, "day": 20_780}]
        receipt = self._released(tuple(map(digest, found)), n=1, op="recommendations.receive")
        return 200, {"recommendations": found, "next": None, "receipts": [receipt]}

    def _file(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        shown = {"id": "f1", "type": "text/plain", "name": "song.txt", "size": 2}
        receipt = self._released((digest({**shown, "sha256": sha256(b"la").hexdigest()}),), n=1)
        return 200, {**shown, "data": base64.b64encode(b"la").decode(), "receipts": [receipt]}

    def _receipts(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        return 200, {"receipts": [self.log.release("jukebox", ALICE)], "next": None}

    def _released(self, messages: tuple[str, ...], **fields: Any) -> str:
        fields |= {"messages": messages, "request": self.requests[-1], **self.book.get(ALICE, {})}
        self.log.event("access", "jukebox", ALICE, **fields)
        return self.log.release("jukebox", ALICE)

    def _refuse(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        del request
        self.log.event("refusal", "jukebox", ALICE, request=self.requests[-1])
        problem = {"type": "about:blank", "title": "not selected", "detail": "the person has not chosen it"}
        return self.refused_with, problem | {"receipts": [self.log.release("jukebox", ALICE)]}

    def _suspend(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        asked = json.loads(request.content)
        state = "suspended" if asked["suspended"] else "active"
        return 200, {"person": asked["person"], "state": state, "suspended_by_you": asked["suspended"]}

    def _reconcile(self, request: httpx2.Request) -> tuple[int, dict[str, Any]]:
        value = json.loads(request.content)
        counts = {name: (events, items) for name, (events, items) in value["counts"].items()}
        signature = base64.b64decode(value["signature"])
        text = reconcile_text(partner="jukebox", size=value["size"], counts=counts, key_id=value["key_id"])
        VerifyKey(PUBLIC).verify(text, signature)
        index = self.log.add(
            ReconcileLeaf("jukebox", value["size"], counts, 20_780, value["key_id"], signature)
        )
        return 201, {"receipts": [self.log.receipt(index)]}
