"""A whole platform in one process: real store, real log, the real application, a clock that only we move.

Requests go through the application as a server would hand them over; nothing is replaced but the disk of the
log's files, and that only where a test lets it fail.
"""

import asyncio
import base64
import hashlib
import itertools
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from nacl.signing import SigningKey

from tests.gate import a_client
from tests.gate.a_client import OAuthClient
from vestibule.gate.decide import DEAD
from vestibule.ledger import leaf as leaves
from vestibule.ledger import request as signing
from vestibule.ledger.event import Event
from vestibule.ledger.opening import Private
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.sdk.signing import sign_card
from vestibule.sharing import card as cards
from vestibule.store import Store
from vestibule.store.ids import decode, encode
from vestibule.tlog.proof import TlogProof
from vestibule.web.app import build
from vestibule.web.partner_errors import MISSING
from vestibule.web.platform import Platform
from vestibule.web.settings import Settings

ORIGIN = a_client.ORIGIN
LOG_ORIGIN = "platform.test/log"
READ = "messages.read"
SECOND = 1_000_000
DAY = 86_400 * SECOND
TODAY = 20_780
HOME, SEED = a_client.HOME, a_client.SEED
VERIFIER, challenge = a_client.VERIFIER, a_client.challenge
AGREEMENT = hashlib.sha256(b"agreement").hexdigest()
FORM = a_client.FORM
PURPOSE = "To make a playlist of the songs you mention."
PASSWORD = "correct horse battery"
SECRET = "the song nobody may hear"

OPENINGS = """
    select opening.idx, opening.subject, opening.lane, opening.private, entry.leaf
    from opening join entry on entry.log_id = opening.log_id and entry.idx = opening.idx
    where opening.log_id = :log_id and opening.idx >= :first order by opening.idx
"""


@dataclass(frozen=True)
class Written:
    """An event of the log with what only the platform knows of it."""

    index: int
    subject: bytes
    lane: str
    private: Private
    leaf: Event

    @property
    def said(self) -> tuple[str, int]:
        return self.leaf.kind, self.leaf.n


class BrittleDisk:
    """The log's files on a disk that can be made to fail, or to wait while something else happens."""

    def __init__(self, folder: Any) -> None:
        self._folder = folder
        self.fails = False
        self.meanwhile: Callable[[], None] | None = None

    def put(self, path: str, data: bytes) -> None:
        self._check()
        self._folder.put(path, data)

    def replace(self, path: str, data: bytes) -> None:
        self._check()
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        self._folder.replace(path, data)

    def get(self, path: str) -> bytes | None:
        data: bytes | None = self._folder.get(path)
        return data

    def _check(self) -> None:
        if self.fails:
            raise OSError(28, "no space left on device")


@dataclass
class Person:
    """Somebody with a browser of her own."""

    account: Account
    client: httpx2.AsyncClient


@dataclass(frozen=True)
class Connected:
    """What a partner has after the consent page."""

    token: str
    refs: tuple[str, ...]
    person: str
    refresh: str = ""


@dataclass
class World(OAuthClient):
    """The platform, its people and its partners."""

    runner: asyncio.Runner
    data: Path
    app: Any
    now: int = TODAY * DAY
    people: dict[str, Person] = field(default_factory=dict)
    disk: Any = None
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    platform: Platform = field(init=False)
    nobody: httpx2.AsyncClient = field(init=False)

    def clock(self) -> int:
        self.now += 1000
        return self.now

    @property
    def store(self) -> Store:
        return self.platform.store

    @property
    def seconds(self) -> int:
        return self.now // SECOND

    def run(self, work: Any) -> Any:
        return self.runner.run(_of(work))

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    # People

    def sign_up(self, handle: str) -> Person:
        client = self.browser()
        form = {"handle": handle, "name": handle.title(), "password": PASSWORD}
        assert self.run(client.post("/signup", data=form)).status_code == 303
        account = self.run(accounts.by_handle(self.store, handle))
        self.people[handle] = Person(account, client)
        return self.people[handle]

    def befriend(self, a: str, b: str) -> None:
        assert self.post(a, "/friends/ask", handle=b).status_code == 303
        assert self.post(b, "/friends/accept", handle=a).status_code == 303

    def get(self, who: str | None, path: str, **more: Any) -> httpx2.Response:
        answer: httpx2.Response = self.run(self._client(who).get(path, **more))
        return answer

    def post(self, who: str | None, path: str, **form: Any) -> httpx2.Response:
        answer: httpx2.Response = self.run(self._client(who).post(path, data=form))
        return answer

    def _client(self, who: str | None) -> httpx2.AsyncClient:
        return self.nobody if who is None else self.people[who].client

    def conversation(self, *members: str) -> int:
        """Begin a conversation of the first with the others, a new one if there are several."""
        first, *others = members
        key = f"new-{next(self.numbers)}"
        answer = self.post(first, "/new", to=others, title=key, body=f"hello from {first}", key=key)
        assert answer.status_code == 303, answer.text
        return decode(urlsplit(answer.headers["location"]).path.rpartition("/")[2])

    def says(self, who: str, conversation: int, body: str) -> None:
        path = f"/api/conversations/{encode(conversation)}/messages"
        json = {"body": body, "key": f"key-{next(self.numbers)}"}
        assert self.run(self._client(who).post(path, json=json)).status_code == 201

    def subject(self, who: str) -> bytes:
        return self.people[who].account.subject

    # Partners

    def operate(self, path: str, body: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.platform.operator_token}"}
        answer: httpx2.Response = self.run(self.nobody.post(f"/operator/{path}", json=body, headers=headers))
        return answer

    def register(self, partner: str, /, **changed: Any) -> httpx2.Response:
        body = {
            "partner": partner,
            "legal_entity": f"{partner.title()} Inc",
            "name": partner.title(),
            "home_origin": HOME.get(partner, "https://home.test"),
            "redirect_uris": [f"{HOME.get(partner, 'https://home.test')}/back"],
            "key": {"key_id": f"{partner}:1", "public": public(partner)},
        }
        return self.operate("partners", {**body, **changed})

    def allow(self, partner: str, /, seed: bytes | None = None, **changed: Any) -> httpx2.Response:
        fields = {
            "partner": partner,
            "scope": READ,
            "purpose": PURPOSE,
            "agreement": AGREEMENT,
            "until_day": TODAY + 1000,
            "key_id": f"{partner}:1",
            **changed,
        }
        text = leaves.privilege_text(**fields)
        signature = base64.b64encode(SigningKey(seed or SEED[partner]).sign(text).signature).decode()
        return self.operate("privileges", {**fields, "signature": signature})

    def headers(
        self,
        partner: str,
        method: str,
        path: str,
        body: bytes = b"",
        token: str | None = None,
        **changed: Any,
    ) -> dict[str, str]:
        """Sign a request as a partner does."""
        authorization = None if token is None else f"DPoP {token}"
        given: dict[str, Any] = {
            "method": method,
            "target_uri": ORIGIN + path,
            "body": body,
            "authorization": authorization,
            "key_id": f"{partner}:1",
            "seed": SEED[partner],
            "created": self.seconds,
            "nonce": f"nonce-{next(self.numbers):020}",
        }
        headers: dict[str, str] = signing.sign(**{**given, **changed})
        if authorization is None or token is None:
            return headers
        proof = self.proof(partner, method, path, token)
        return {**headers, "authorization": authorization, "dpop": proof}

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b"", kind: str = FORM
    ) -> httpx2.Response:
        fields = {**headers, "content-type": kind} if body else headers
        answer: httpx2.Response = self.run(self.nobody.request(method, path, content=body, headers=fields))
        return answer

    def signed(
        self, partner: str, method: str, path: str, body: bytes = b"", token: str | None = None
    ) -> httpx2.Response:
        return self.send(method, path, self.headers(partner, method, path, body, token), body)

    def read(self, connected: Connected, query: str = "", partner: str = "jukebox") -> httpx2.Response:
        path = f"/v1/conversations/{connected.refs[0]}/messages{query}"
        return self.signed(partner, "GET", path, token=connected.token)

    def consent(
        self, who: str, *conversations: int, partner: str = "jukebox", **changed: Any
    ) -> httpx2.Response:
        carried = changed.pop("carried", None) or self.pushed(partner)
        self.opens(who, carried)
        form = {
            **carried,
            "scope_granted": READ,
            "conversation": [encode(conversation) for conversation in conversations],
            "since": "2020-01-01",
            "until": "2027-01-01",
            "decision": "continue",
        }
        answer = self.post(who, "/oauth/authorize", **{**form, **changed})
        return self.agrees(who, carried, answer) if 'name="shown"' in answer.text else answer

    def agrees(
        self, who: str, carried: dict[str, str], page: httpx2.Response, **changed: str
    ) -> httpx2.Response:
        """Agree to what the second page of consent shows."""
        [shown] = set(re.findall(r'name="shown" value="([0-9a-f]+)"', page.text))
        form = {**carried, "shown": shown, "password": PASSWORD, "decision": "agree"}
        return self.post(who, "/oauth/authorize", **{**form, **changed})

    def code(self, who: str, *conversations: int, partner: str = "jukebox", **changed: Any) -> str:
        answer = self.consent(who, *conversations, partner=partner, **changed)
        assert answer.status_code == 303, answer.text
        return queried(answer)["code"]

    def connect(self, who: str, *conversations: int, partner: str = "jukebox") -> Connected:
        code = self.code(who, *conversations, partner=partner)
        return connected(self.exchange(code, partner, redirect_uri=f"{HOME[partner]}/back").json())

    def dialog(self, who: str | None, **changed: Any) -> httpx2.Response:
        """Open the dialog over a card; `card` and every parameter can be changed."""
        partner = "marquee"
        card = changed.pop("card", None) or self.card()
        how = {
            "seed": changed.pop("seed", SEED[partner]),
            "partner": changed.pop("partner", partner),
            "key_id": changed.pop("key_id", f"{partner}:1"),
            "platform": changed.pop("platform", ORIGIN),
        }
        parameters = {
            "card": card if isinstance(card, str) else sign_card(card=card.claims(), **how),
            "return_uri": f"{HOME[partner]}/back",
            "state": "state of the partner",
        }
        return self.get(who, f"/dialog?{urlencode({**parameters, **changed})}")

    def card(self, partner: str = "marquee", **changed: Any) -> cards.Card:
        fields: dict[str, Any] = {
            "kind": "film",
            "title": "Stalker",
            "picture": "",
            "link": f"{HOME[partner]}/films/7",
            "expires": self.seconds + 600,
        }
        return cards.Card(**{**fields, **changed})

    # The log

    def size(self) -> int:
        size: int = self.run(self.platform.recorder.checkpoint()).size
        return size

    def committed(self) -> int:
        """Count the leaves in the store, published or not."""
        [row] = self.run(self.store.read(lambda tx: tx.all("select size from log_state")))
        return int(row[0])

    def written(self, first: int) -> list[Written]:
        """Read the events from an index on, with their openings."""
        work: Any = lambda tx: tx.all(OPENINGS, log_id=LOG_ORIGIN, first=first)  # noqa: E731  (passed on)
        found = []
        for index, subject, lane, private, leaf in self.run(self.store.read(work)):
            event = leaves.parse(leaf)
            assert isinstance(event, Event)
            found.append(Written(index, subject, lane, Private.parse(private.encode()), event))
        return found

    @contextmanager
    def recording(self) -> Iterator[list[Written]]:
        """Collect the events that are written while the block runs, published or not."""
        first = self.committed()
        collected: list[Written] = []
        yield collected
        collected += self.written(first)

    @contextmanager
    def broken_log(self) -> Iterator[None]:
        """Let the log's files be unwritable for a while."""
        self.disk.fails = True
        try:
            yield
        finally:
            self.disk.fails = False

    def meanwhile(self, work: Callable[[], Any], done: Callable[[], Any]) -> None:
        """Let something happen while the next checkpoint is being written, and the writing wait for it."""
        loop = self.runner.get_loop()
        left: list[Any] = []

        async def happen() -> None:
            left.append(asyncio.ensure_future(_of(work())))
            while not await _of(done()):  # noqa: ASYNC110  (the store tells nobody)
                await asyncio.sleep(0)

        self.disk.meanwhile = lambda: asyncio.run_coroutine_threadsafe(happen(), loop).result(timeout=60)


def connected(answer: dict[str, Any]) -> Connected:
    """Read a token answer."""
    [details] = answer["authorization_details"]
    refs = tuple(details.get("conversations", ()))
    return Connected(answer["access_token"], refs, answer["person"], answer.get("refresh_token", ""))


def public(partner: str) -> str:
    seed = SEED.get(partner, hashlib.sha256(partner.encode()).digest())
    return base64.b64encode(bytes(SigningKey(seed).verify_key)).decode()


def queried(answer: httpx2.Response) -> dict[str, str]:
    """Read the query of the address a redirect leads to."""
    query = urlsplit(answer.headers["location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def hidden(page: str, name: str) -> str:
    """Read a hidden field of a form."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]


def receipts_of(answer: httpx2.Response) -> list[TlogProof]:
    return [TlogProof.parse(text) for text in answer.json()["receipts"]]


async def _of(work: Any) -> Any:
    return await work


async def _lifespan(app: Any, started: asyncio.Event, stop: asyncio.Event) -> None:
    messages = iter(("lifespan.startup", "lifespan.shutdown"))

    async def receive() -> dict[str, Any]:
        kind = next(messages)
        if kind == "lifespan.shutdown":
            await stop.wait()
        return {"type": kind}

    async def send(message: dict[str, Any]) -> None:
        assert not message["type"].endswith("failed"), message
        started.set()

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


def _platform_of(app: Any) -> Platform:
    """Find the platform that the application opened."""
    while not hasattr(app, "_platform_of"):
        app = app._app
    platform: Platform = app._platform_of()
    return platform


@contextmanager
def opened(data: Path, **settings: Any) -> Iterator[World]:
    """Open a platform with Ana, Bob and Cleo (Ana is the others' friend), Jukebox, Marquee and Echo.

    Jukebox and Echo may ask people to let them read; Marquee may not.
    """
    with asyncio.Runner() as runner, warnings.catch_warnings():
        # The framework's notice of its next major version, about handlers' parameters.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        world = World(runner, data, None)
        generous = {"partner_rate": 1e6, "partner_burst": 1_000_000, "dialogs_an_hour": 1_000_000}
        world.app = build(Settings(data, ORIGIN, LOG_ORIGIN, **{**generous, **settings}), world.clock)
        started, stop = asyncio.Event(), asyncio.Event()
        life = runner.get_loop().create_task(_lifespan(world.app, started, stop))
        runner.run(started.wait())
        world.platform = _platform_of(world.app)
        world.disk = BrittleDisk(world.platform.log_blobs)
        recorder: Any = world.platform.recorder
        recorder._blobs = recorder._sequencer._blobs = world.disk
        world.nobody = world.browser()
        _populate(world)
        yield world
        for client in (world.nobody, *(person.client for person in world.people.values())):
            runner.run(client.aclose())
        stop.set()
        runner.run(_of(life))


def _populate(world: World) -> None:
    for handle in ("ana", "bob", "cleo"):
        world.sign_up(handle)
    world.befriend("ana", "bob")
    world.befriend("ana", "cleo")
    for partner in ("jukebox", "marquee", "echo"):
        assert world.register(partner).status_code == 201
    for partner in ("jukebox", "echo"):
        assert world.allow(partner).status_code == 201


def refused(answer: Any, code: str) -> None:
    """Check that an answer is a recorded refusal, and carries nobody's data."""
    status = 401 if code in DEAD else 403
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert len(receipts_of(answer)) == 1
    told = {name: value for name, value in answer.json().items() if name != "receipts"}
    named = {"missing", "scope", "where"} if code in MISSING else set()
    assert set(told) == {"type", "title", "status", "detail", "code", *named}
    assert not any(name in str(told).lower() for name in ("ana", "bob", "cleo", SECRET))
    assert SECRET.encode() not in (receipts_of(answer)[0].extra or b"")
