"""A whole platform on a loopback port, people with browsers of their own, and two partners.

One platform serves a module: its tests use people of their own.
"""

import base64
import hashlib
import itertools
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from nacl.signing import SigningKey

from tests.web.deciding import decide
from vestibule import listening
from vestibule.sdk import details
from vestibule.sdk.client import Client
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import Login
from vestibule.sdk.receipts import Receipts
from vestibule.sdk.signing import dialog_url, sign_card, sign_privilege
from vestibule.web import app
from vestibule.web.platform import system_clock
from vestibule.web.settings import Settings

PASSWORD = "a door with a fanlight"
PURPOSE = "To suggest songs that fit what you talk about."
TODAY = int(time.time()) // 86_400
COUNTER = itertools.count()


@dataclass(frozen=True)
class House:
    """A running platform."""

    origin: str
    data: Path

    def browser(self) -> httpx2.Client:
        """A client with cookies of its own, that does not follow redirects."""
        return httpx2.Client(base_url=self.origin, timeout=60)

    def policy(self) -> bytes:
        """The log's policy, as it is published."""
        with self.browser() as client:
            return client.get("/log/policy").content

    def operator(self, path: str, body: object) -> httpx2.Response:
        token = (self.data / "operator.token").read_text().strip()
        headers = {"authorization": f"Bearer {token}"}
        with self.browser() as client:
            return client.post(path, json=body, headers=headers)


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    handle: str
    name: str
    browser: httpx2.Client

    def sees(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def does(self, path: str, **fields: str | list[str]) -> str:
        """Post a form that is carried out; returns where it leads."""
        answer = self.browser.post(path, data=fields)
        assert answer.status_code == 303, f"{path}: {answer.status_code} {text_of(answer.text)[-500:]}"
        return answer.headers["location"]

    def writes_to(self, *others: "Person", body: str, title: str = "") -> str:
        """Begin a conversation; returns its address."""
        to = [other.handle for other in others]
        return self.does("/new", to=to, title=title, body=body, key=f"k{next(COUNTER)}").partition("#")[0]

    def says(self, conversation: str, body: str) -> None:
        self.does(conversation, body=body, key=f"k{next(COUNTER)}")


@dataclass(frozen=True)
class App:
    """A partner with its key."""

    partner: str
    seed: bytes
    home: str

    @property
    def key_id(self) -> str:
        return f"{self.partner}:k1"

    @property
    def back(self) -> str:
        return f"{self.home}/back"


NewPerson = Callable[[str], Person]


def text_of(page: str) -> str:
    """What a page says, without markup and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Serve a new platform."""
    with serving(tmp_path_factory.mktemp("house"), "127.0.0.1") as running:
        yield running


@contextmanager
def serving(
    data: Path, host: str, clock: Callable[[], int] = system_clock, *, sandbox: bool = False
) -> Iterator[House]:
    """Serve a new platform under an origin with this host; requests wait until it is up."""
    listener = listening.bind("127.0.0.1", 0)
    origin = f"http://{host}:{listener.getsockname()[1]}"
    with warnings.catch_warnings():
        # What Litestar 3 will want said differently; not every handler does yet.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        application = app.build(Settings(data, origin, "house.example/log", sandbox=sandbox), clock)
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    house = House(origin, data)
    with house.browser() as client:
        client.get("/")
    yield house
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def new_person(house: House) -> Iterator[NewPerson]:
    """Sign people up, each with a handle nobody has had."""
    browsers = []

    def sign_up(name: str) -> Person:
        handle = f"{re.sub('[^a-z]', '', name.lower())}_{next(COUNTER)}"
        browser = house.browser()
        browsers.append(browser)
        person = Person(handle, name, browser)
        person.does("/signup", handle=handle, name=name, password=PASSWORD)
        return person

    yield sign_up
    for browser in browsers:
        browser.close()


def befriend(a: Person, b: Person) -> None:
    a.does("/friends/ask", handle=b.handle)
    b.does("/friends/accept", handle=a.handle)


def register_app(house: House, partner: str, name: str, home: str = "http://127.0.0.1:1") -> App:
    key = SigningKey.generate()
    made = App(partner, bytes(key), home)
    answer = house.operator(
        "/operator/partners",
        {
            "partner": partner,
            "legal_entity": f"{name} Ltd",
            "name": name,
            "home_origin": made.home,
            "redirect_uris": [made.back],
            "key": {"key_id": made.key_id, "public": base64.b64encode(bytes(key.verify_key)).decode()},
        },
    )
    assert answer.status_code == 201, answer.text
    return made


def allow_reading(house: House, app: App) -> None:
    allow(house, app, "messages.read", PURPOSE)


def allow(house: House, app: App, scope: str, purpose: str) -> None:
    """Put a privilege of an app on the register."""
    privilege: dict[str, Any] = {
        "partner": app.partner,
        "scope": scope,
        "purpose": purpose,
        "agreement": hashlib.sha256(b"agreement").hexdigest(),
        "until_day": TODAY + 300,
        "key_id": app.key_id,
    }
    signature = sign_privilege(**privilege, seed=app.seed)
    answer = house.operator("/operator/privileges", privilege | {"signature": signature})
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def jukebox(house: House) -> App:
    """A partner that may ask people to let it read."""
    made = register_app(house, "jukebox", "Jukebox")
    allow_reading(house, made)
    return made


@pytest.fixture(scope="module")
def marquee(house: House) -> App:
    """A partner without any privilege."""
    return register_app(house, "marquee", "Marquee")


def let_in_and_read(house: House, app: App, person: Person, conversation: str) -> None:
    """Let an app into a conversation through the consent page, and let it read there once."""
    keys = Keys(app.partner, app.key_id, app.seed, DpopKey.new())
    login = Login(house.origin, keys)
    pending = login.begin([details.messages("read")], app.back)
    back = decide(person.browser, pending.url, "connect", conversation=conversation, password=PASSWORD)
    token = login.finish(pending, back)
    policy = house.policy()
    folder = house.data.with_name(f"{house.data.name}-receipts-{app.partner}")
    with Receipts(folder) as kept, Client(house.origin, keys, policy, kept) as client:
        client.messages(token, token.conversations[0])
    login.close()


def recommend(house: House, app: App, person: Person, *, to: Person, note: str) -> None:
    """Send a card through the dialog."""
    card = sign_card(
        house.origin,
        partner=app.partner,
        card={
            "kind": "film",
            "title": "The <Conversation>",
            "picture": "https://pictures.example/1.jpg",
            "link": f"{app.home}/film/1",
            "exp": int(time.time()) + 3600,
        },
        key_id=app.key_id,
        seed=app.seed,
    )
    address = dialog_url(house.origin, card=card, return_uri=app.back, state="s")
    page = person.sees(address.removeprefix(house.origin))
    carried = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', page)
    }
    person.does("/dialog", **carried, to=[to.handle], note=note, decision="send")
