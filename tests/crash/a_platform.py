"""People and partners of a platform under test, made over HTTP."""

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from nacl.signing import SigningKey

from vestibule.ledger import leaf
from vestibule.ledger import request as signing
from vestibule.ledger.request import SignedRequest
from vestibule.sdk import tokens
from vestibule.sdk.client_assertion import client_assertion
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.keys import Keys
from vestibule.sdk.signing import sign_card
from vestibule.sdk.tokens import Token

HOME = "http://127.0.0.1:1"
BACK = HOME + "/back"
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in."""

    handle: str
    cookie: str
    base: str

    def post(self, path: str, **fields: str) -> httpx2.Response:
        return httpx2.post(self.base + path, data=fields, headers={"cookie": self.cookie}, timeout=30)

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(self.base + path, headers={"cookie": self.cookie}, timeout=30)


def sign_up(base: str, handle: str) -> Person:
    fields = {"handle": handle, "name": handle.title(), "password": PASSWORD}
    answer = httpx2.post(base + "/signup", data=fields, timeout=30)
    assert answer.status_code == 303, answer.text
    return Person(handle, f"session={answer.cookies['session']}", base)


def pair(first: Person, second: Person) -> str:
    """Befriend two people and open their conversation."""
    assert first.post("/friends/ask", handle=second.handle).status_code == 303
    assert second.post("/friends/accept", handle=first.handle).status_code == 303
    answer = first.post("/new", to=second.handle, body="hello", key=secrets.token_hex(8))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).split("/")[-1].split("#")[0]


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner with one key."""

    partner_id: str
    base: str
    seed: bytes
    nonces: dict[str, str | None] = field(default_factory=dict)
    dpop: DpopKey = field(default_factory=DpopKey.new)

    @property
    def key_id(self) -> str:
        return f"{self.partner_id}:1"

    def signed(
        self, method: str, path: str, body: bytes = b"", bearer: str | None = None, ahead: int = 0
    ) -> tuple[dict[str, str], SignedRequest]:
        """Sign a request with a fresh nonce, dated some seconds ahead; its headers, and what is in them."""
        held = {} if bearer is None else {"authorization": f"DPoP {bearer}"}
        target = self.base + path
        headers = signing.sign(
            method=method,
            target_uri=target,
            body=body,
            authorization=held.get("authorization"),
            key_id=self.key_id,
            seed=self.seed,
            created=int(time.time()) + ahead,
            nonce=secrets.token_hex(16),
        )
        headers |= held
        if bearer is not None:
            headers["dpop"] = self.proof(method, path, bearer)
        return headers, signing.parse(method=method, target_uri=target, headers=headers, body=body)

    def proof(self, method: str, path: str, token: str | None = None) -> str:
        """Prove a request, with the nonce of the platform's last answer."""
        now, uri = int(time.time()), self.base + path
        nonce = self.nonces.get("last")
        return self.dpop.proof(method=method, uri=uri, now=now, nonce=nonce, token=token)

    def heard(self, answer: httpx2.Response) -> bool:
        """Keep an answer's nonce; True if the request has to be made again with it."""
        new = answer.headers.get("dpop-nonce")
        self.nonces["last"] = new or self.nonces.get("last")
        told = answer.text + answer.headers.get("www-authenticate", "")
        return answer.status_code in (400, 401) and "use_dpop_nonce" in told

    def card(self, title: str) -> dict[str, str]:
        """Hand over a signed card, as the query of the dialog's address."""
        card = sign_card(
            self.base,
            partner=self.partner_id,
            card={
                "kind": "film",
                "title": title,
                "link": HOME + "/films/7",
                "exp": int(time.time()) + 600,
            },
            key_id=self.key_id,
            seed=self.seed,
        )
        return {"card": card, "return_uri": BACK, "state": title}

    def form(self, **fields: str) -> dict[str, str]:
        """Fill in a request to the authorization server."""
        keys = Keys(self.partner_id, self.key_id, self.seed, self.dpop)
        return fields | client_assertion(keys, self.base, int(time.time()))

    def asks(self, verifier: str) -> dict[str, str]:
        """Ask for a connection, as a form for `/oauth/par`."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        return self.form(
            response_type="code",
            redirect_uri=BACK,
            state="s",
            authorization_details='[{"type":"messages","actions":["read"]}]',
            code_challenge=challenge,
            code_challenge_method="S256",
        )

    def carried(self, pushed: httpx2.Response) -> dict[str, str]:
        """Return what the consent page's address carries."""
        return {"client_id": self.partner_id, "request_uri": pushed.json()["request_uri"]}

    def trades(self, location: str, verifier: str) -> tuple[dict[str, str], dict[str, str]]:
        """Trade the code of an answered consent for a token: headers and form."""
        code = parse_qs(urlsplit(location).query)["code"][0]
        form = self.form(
            grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=BACK
        )
        return {"dpop": self.proof("POST", "/oauth/token")}, form

    def refreshes(self, token: Token) -> tuple[dict[str, str], dict[str, str]]:
        """Ask for the next token: headers and form."""
        form = self.form(grant_type="refresh_token", refresh_token=token.refresh_token)
        return {"dpop": self.proof("POST", "/oauth/token")}, form

    def token(self, answer: httpx2.Response, refresh_token: str | None = None) -> Token:
        """Read a token answer; the refresh token is the one there is, where one was used."""
        now = int(time.time())
        return tokens.issued(answer.json(), jkt=self.dpop.jkt, now=now, refresh_token=refresh_token)

    def connect(self, person: Person, conversation: str) -> Token:
        """Have a person connect and trade the code for a token."""
        verifier = secrets.token_urlsafe(32)
        pushed = httpx2.post(self.base + "/oauth/par", data=self.asks(verifier), timeout=30)
        assert pushed.status_code == 201, pushed.text
        self.heard(pushed)
        asked = self.carried(pushed)
        page = person.get("/oauth/authorize?" + urlencode(asked)).text
        page = person.post("/oauth/authorize", **asked, **consent(page, conversation)).text
        answer = person.post("/oauth/authorize", **asked, **agreement(page))
        assert answer.status_code == 303, answer.text
        headers, form = self.trades(answer.headers["location"], verifier)
        answer = httpx2.post(self.base + "/oauth/token", data=form, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return self.token(answer)


def consent(page: str, conversation: str) -> dict[str, str]:
    """Fill in the consent page: this conversation, from long ago, for as long as offered."""
    until = re.findall(r'name="until"[^>]*value="([^"]+)"', page)[0]
    chosen = {"scope_granted": "messages.read", "conversation": conversation, "since": "2020-01-01"}
    return {**chosen, "until": until, "decision": "continue"}


def agreement(page: str) -> dict[str, str]:
    """Agree to what the second page of consent shows."""
    [shown] = set(re.findall(r'name="shown" value="([0-9a-f]+)"', page))
    return {"shown": shown, "password": PASSWORD, "decision": "agree"}


def register(base: str, data: Path, partner_id: str) -> Partner:
    """Put a partner on the register."""
    partner = Partner(partner_id, base, secrets.token_bytes(32))
    public = base64.b64encode(bytes(SigningKey(partner.seed).verify_key)).decode()
    named = {"partner": partner_id, "legal_entity": partner_id.title(), "name": partner_id.title()}
    key = {"key_id": partner.key_id, "public": public}
    _operator(base, data, "partners", {**named, "home_origin": HOME, "redirect_uris": [BACK], "key": key})
    return partner


def entitle(partner: Partner, data: Path) -> None:
    """Give a partner the privilege to ask for messages."""
    asked = {"partner": partner.partner_id, "scope": "messages.read", "purpose": "To make a playlist."}
    until = int(time.time()) // 86_400 + 30
    text = leaf.privilege_text(**asked, agreement="0" * 64, until_day=until, key_id=partner.key_id)
    signature = base64.b64encode(SigningKey(partner.seed).sign(text).signature).decode()
    held = {"agreement": "0" * 64, "until_day": until, "key_id": partner.key_id, "signature": signature}
    _operator(partner.base, data, "privileges", {**asked, **held})


def appoint(base: str, data: Path, handle: str) -> None:
    """Let somebody act for both partners in the console, and work for the operator."""
    for partner in ("marquee", "jukebox"):
        _operator(base, data, "members", {"partner": partner, "handle": handle, "member": True}, 200)
    _operator(base, data, "staff", {"handle": handle, "staff": True}, 200)


def _operator(base: str, data: Path, what: str, body: dict[str, object], status: int = 201) -> None:
    headers = {"authorization": f"Bearer {(data / 'operator.token').read_text()}"}
    answer = httpx2.post(f"{base}/operator/{what}", json=body, headers=headers, timeout=30)
    assert answer.status_code == status, answer.text


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, and where.

    Attributes:
        people: ana, bob, cleo and dan; ana is a friend of bob and cleo, cleo of dan.
        talks: conversations by the handles of their two members.
        marquee: may open dialogs and nothing else.
        jukebox: may read ana's and bob's conversation.
        token: ana's connection with jukebox.
    """

    people: dict[str, Person]
    talks: dict[tuple[str, str], str]
    marquee: Partner
    jukebox: Partner
    token: Token


def settle(base: str, data: Path) -> Cast:
    """Sign everybody up, make friends, register the partners and connect one."""
    people = {handle: sign_up(base, handle) for handle in ("ana", "bob", "cleo", "dan")}
    pairs = (("ana", "bob"), ("ana", "cleo"), ("cleo", "dan"))
    talks = {(one, other): pair(people[one], people[other]) for one, other in pairs}
    marquee, jukebox = (register(base, data, partner_id) for partner_id in ("marquee", "jukebox"))
    entitle(jukebox, data)
    assert people["bob"].post("/apps/jukebox/words", agreed="1").status_code == 303
    token = jukebox.connect(people["ana"], talks["ana", "bob"])
    return Cast(people, talks, marquee, jukebox, token)
