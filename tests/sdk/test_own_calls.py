"""What a partner does about itself: keys, addresses, cards, webhooks and a halt, on a running platform."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from nacl.signing import SigningKey

from tests.browser import a_partners_site
from tests.sdk.both import KINDS, Waited
from tests.web.conftest import (
    COUNTER,
    PASSWORD,
    PURPOSE,
    TODAY,
    App,
    House,
    NewPerson,
    allow,
    befriend,
    new_person,
    register_app,
    serving,
)
from tests.web.deciding import decide
from vestibule.sdk import details
from vestibule.sdk.client import AsyncClient, Client
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.errors import PlatformError
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import Login
from vestibule.sdk.own import Deliveries
from vestibule.sdk.receipts import Receipts

__all__ = ["new_person"]

FILM = '<meta property="og:title" content="Stalker"><meta property="og:type" content="video.movie">'
TOPICS = ("connection.changed", "message.created")
PATIENCE = 60


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A platform in its sandbox."""
    with serving(tmp_path_factory.mktemp("house"), "127.0.0.1", sandbox=True) as running:
        yield running


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    with a_partners_site.serving({"/films/7": FILM}) as origin:
        yield origin


@pytest.fixture
def app(house: House, home: str) -> App:
    return register_app(house, f"app{next(COUNTER)}", "App", home)


@contextmanager
def speaking(kind: str, house: House, keys: Keys, folder: Path) -> Iterator[Any]:
    policy = house.policy()
    with Receipts(folder) as kept:
        if kind == "waiting":
            with Client(house.origin, keys, policy, kept) as waiting:
                yield waiting
        else:
            with Waited(AsyncClient(house.origin, keys, policy, kept)) as awaited:
                yield awaited


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def client(kind: str, house: House, app: App, tmp_path: Path) -> Iterator[Any]:
    keys = Keys(app.partner, app.key_id, app.seed, DpopKey.new())
    with speaking(kind, house, keys, tmp_path / "receipts") as opened:
        yield opened


def test_a_key_is_added_beside_the_first_which_it_then_ends(
    client: Any, kind: str, house: House, app: App, tmp_path: Path
) -> None:
    new = SigningKey.generate()
    name, public = f"{app.partner}:2", bytes(new.verify_key)
    with pytest.raises(PlatformError, match="expected another key that goes on"):
        client.end_key(app.key_id, TODAY - 1)
    index = client.add_key(name, public)
    assert client.add_key(name, public) == index
    with pytest.raises(PlatformError, match="expected a name that was not used before"):
        client.add_key(name, bytes(SigningKey.generate().verify_key))
    keys = Keys(app.partner, name, bytes(new), DpopKey.new())
    with speaking(kind, house, keys, tmp_path / "by the new one") as second:
        assert second.end_key(app.key_id, TODAY - 1) > index
        with pytest.raises(PlatformError, match="401"):
            client.webhook_endpoint()
        assert second.webhook_endpoint() is None


def test_redirect_uris_are_replaced_by_those_below_its_home(client: Any, app: App) -> None:
    there = f"{app.home}/there"
    assert client.set_redirect_uris([app.back, there]) == (app.back, there)
    with pytest.raises(PlatformError, match="400"):
        client.set_redirect_uris(["https://elsewhere.example/back"])
    assert client.set_redirect_uris([]) == ()


def test_it_suspends_itself_as_a_whole_and_undoes_that(client: Any, house: House, app: App) -> None:
    standing = f"{house.origin}/register/{app.partner}"
    client.suspend_all()
    # It counts at once; its line in the log, which the register shows, follows.
    wait(lambda: httpx2.get(standing).text, lambda page: "suspended" in page)
    client.suspend_all()
    client.resume_all()
    assert client.webhook_endpoint() is None


def test_a_card_is_registered_from_its_own_page(client: Any, app: App) -> None:
    before = time.time()
    card = client.register_card(f"{app.home}/films/7", campaign="spring")
    assert (card.kind, card.title, card.picture, card.campaign) == ("film", "Stalker", "", "spring")
    assert before // 86_400 + 400 <= card.exp // 86_400 <= time.time() // 86_400 + 400
    assert client.register_card(f"{app.home}/films/7", campaign="spring").id == card.id
    with pytest.raises(PlatformError, match="page: expected"):
        client.register_card("https://elsewhere.example/films/7")


def test_an_endpoint_is_set_looked_at_and_removed(client: Any, app: App) -> None:
    assert client.webhook_endpoint() is None
    made = client.set_webhook_endpoint(f"{app.home}/hook", TOPICS)
    assert (made.url, made.topics, made.disabled, made.failures) == (f"{app.home}/hook", TOPICS, "", 0)
    assert client.webhook_endpoint() == made
    assert client.webhook_keys() == made.keys
    assert client.webhook_deliveries() == Deliveries((), None)
    with pytest.raises(PlatformError, match="404"):
        client.replay_webhook("msg_0saek7855qnfq")
    with pytest.raises(PlatformError, match="400"):
        client.set_webhook_endpoint("http://10.0.0.1/hook", TOPICS)
    client.remove_webhook_endpoint()
    assert client.webhook_endpoint() is None


def test_what_was_sent_is_in_the_delivery_log_and_sent_once_more(
    client: Any, house: House, app: App, new_person: NewPerson
) -> None:
    allow(house, app, "messages.read", PURPOSE)
    before, person = time.time(), connected(house, app, new_person)
    client.set_webhook_endpoint(f"{app.home}/hook", TOPICS)
    client.suspend(person)
    client.resume(person)
    newest, first = wait(client.webhook_deliveries, lambda page: sent(page) == [1, 1]).deliveries
    assert (newest.topic, newest.state, newest.tries[0].status) == ("connection.changed", "accepted", 204)
    told = json.loads(newest.body)["data"]
    assert (told["person"], told["change"]) == (person, "resumed")
    assert before <= newest.tries[0].at / 1_000_000 <= time.time()
    page = client.webhook_deliveries(limit=1)
    assert page == Deliveries((newest,), newest.id)
    assert client.webhook_deliveries(before=page.next, limit=1) == Deliveries((first,), None)
    client.replay_webhook(newest.id)
    wait(client.webhook_deliveries, lambda page: sent(page) == [2, 1])


def sent(page: Deliveries) -> list[int]:
    return [len(one.tries) for one in page.deliveries if one.state == "accepted"]


def connected(house: House, app: App, new_person: NewPerson) -> str:
    """Connect somebody with the app; returns its id of her."""
    ana, bob = new_person("Ana"), new_person("Bob")
    befriend(ana, bob)
    talk, asks = ana.writes_to(bob, body="do you know this?"), [details.messages("read")]
    with Login(house.origin, Keys(app.partner, app.key_id, app.seed, DpopKey.new())) as login:
        pending = login.begin(asks, app.back)
        back = decide(ana.browser, pending.url, "connect", conversation=talk, password=PASSWORD)
        return login.finish(pending, back).person


def wait(ask: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    """Ask until it is so; every question is a request, so that the platform's tasks go on meanwhile."""
    end = time.monotonic() + PATIENCE
    while not done(found := ask()):
        assert time.monotonic() < end, f"it has not come to be: {found}"
    return found
