"""People for a bench: accounts, pair conversations and a connected partner, made over HTTP."""

import base64
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
from nacl.signing import SigningKey

from vestibule.ledger import leaf
from vestibule.ledger import request as signing
from vestibule.sdk import details
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import Login

HOME = "http://127.0.0.1:1"
PASSWORD = "a long password"  # noqa: S105  (of people who do not exist)
KEY_ID = "bench:1"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in."""

    handle: str
    cookie: str
    client: httpx2.Client


def sign_up(base: str, handle: str) -> Person:
    client = httpx2.Client(base_url=base, timeout=60)
    answer = client.post("/signup", data={"handle": handle, "name": handle, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return Person(handle, client.cookies["session"], client)


def pair(first: Person, second: Person) -> str:
    """Befriend two people and open their conversation."""
    first.client.post("/friends/ask", data={"handle": second.handle})
    second.client.post("/friends/accept", data={"handle": first.handle})
    answer = first.client.post(
        "/new", data={"to": second.handle, "body": "hello", "key": secrets.token_hex(8)}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/")[-1].split("#")[0]


def sending(person: Person, conversation: str, bodies: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Give the bytes of a person's sends; `bodies` are JSON strings."""
    head = (
        f"POST /api/conversations/{conversation}/messages HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        f"content-type: application/json\r\ncookie: session={person.cookie}\r\ncontent-length: "
    ).encode()
    salt = secrets.token_hex(4)
    for number in range(count):
        body = b'{"body":%b,"key":"%b-%d"}' % (next(bodies), salt.encode(), number)
        yield b"%b%d\r\n\r\n%b" % (head, len(body), body)


def listening(person: Person) -> bytes:
    return f"GET /api/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: session={person.cookie}\r\n\r\n".encode()


class Partner:
    """A partner that may read one conversation."""

    def __init__(self, base: str, data: Path) -> None:
        self.base = base
        self.seed = secrets.token_bytes(32)
        self.dpop = DpopKey.new()
        operator = httpx2.Client(
            base_url=base, headers={"authorization": f"Bearer {(data / 'operator.token').read_text()}"}
        )
        public = base64.b64encode(bytes(SigningKey(self.seed).verify_key)).decode()
        partner = {"partner": "bench", "legal_entity": "Bench", "name": "Bench", "home_origin": HOME}
        key = {"key_id": KEY_ID, "public": public}
        answer = operator.post(
            "/operator/partners", json={**partner, "redirect_uris": [HOME + "/back"], "key": key}
        )
        assert answer.status_code == 201, answer.text
        self._operator = operator
        self.hold()

    def hold(self) -> None:
        """Be given the privilege to ask for reading."""
        fields = {"partner": "bench", "scope": "messages.read", "purpose": "To measure."}
        until = int(time.time()) // 86_400 + 30
        text = leaf.privilege_text(**fields, agreement="0" * 64, until_day=until, key_id=KEY_ID)
        signature = base64.b64encode(SigningKey(self.seed).sign(text).signature).decode()
        held = {**fields, "agreement": "0" * 64, "until_day": until, "key_id": KEY_ID, "signature": signature}
        answer = self._operator.post("/operator/privileges", json=held)
        assert answer.status_code == 201, answer.text

    def withdraw(self) -> None:
        """Have the privilege taken away."""
        answer = self._operator.post(
            "/operator/withdrawals", json={"partner": "bench", "scope": "messages.read"}
        )
        assert answer.status_code == 201, answer.text

    def connect(self, person: Person, conversation: str) -> tuple[str, str]:
        """Have a person connect; returns token and the conversation's id for this partner."""
        login = Login(self.base, Keys("bench", KEY_ID, self.seed, self.dpop))
        pending = login.begin([details.messages("read")], HOME + "/back")
        asked = dict(parse_qsl(urlsplit(pending.url).query))
        page = person.client.get("/oauth/authorize", params=asked).text
        until = re.findall(r'name="until"[^>]*value="([^"]+)"', page)[0]
        chosen = {"scope_granted": "messages.read", "conversation": conversation, "since": "2020-01-01"}
        chosen |= {"until": until, "decision": "continue"}
        page = person.client.post("/oauth/authorize", data={**asked, **chosen}).text
        [shown] = set(re.findall(r'name="shown" value="([0-9a-f]+)"', page))
        agreed = {"shown": shown, "password": PASSWORD, "decision": "agree"}
        answer = person.client.post("/oauth/authorize", data={**asked, **agreed})
        assert answer.status_code == 303, answer.text
        token = login.finish(pending, answer.headers["location"])
        login.close()
        return token.access_token, token.conversations[0]

    def signed(self, method: str, path: str, body: bytes, authorization: str | None) -> dict[str, str]:
        return signing.sign(
            method=method,
            target_uri=self.base + path,
            body=body,
            authorization=authorization,
            key_id=KEY_ID,
            seed=self.seed,
            created=int(time.time()),
            nonce=secrets.token_hex(16),
        )

    def nonce(self) -> str:
        """Ask for what proofs have to carry now."""
        nonce: str = httpx2.get(f"{self.base}/v1/connection").headers["dpop-nonce"]
        return nonce

    def proven(self, path: str, token: str, nonce: str) -> dict[str, str]:
        """Give the fields of a signed and proven read."""
        authorization = f"DPoP {token}"
        now, uri = int(time.time()), self.base + path
        proof = self.dpop.proof(method="GET", uri=uri, now=now, nonce=nonce, token=token)
        return {
            "authorization": authorization,
            **self.signed("GET", path, b"", authorization),
            "dpop": proof,
        }

    def reads(self, path: str, token: str, count: int) -> list[bytes]:
        """Give the bytes of signed and proven reads, each with a nonce of its own."""
        requests = []
        nonce = self.nonce()
        for _ in range(count):
            fields = {"host": "127.0.0.1", **self.proven(path, token, nonce)}
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            requests.append(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        return requests
