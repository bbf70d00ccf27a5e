"""Consent in a real browser: with a passkey, with a password, without script, on a dark phone, in German.

VESTIBULE_SCREENSHOTS=folder makes pictures of the pages.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser import a_partners_site
from tests.browser.conftest import NewPage
from tests.browser.test_passkeys import Visitor, visitor
from tests.web.conftest import PASSWORD, App, House, allow, allow_reading, register_app, serving
from vestibule.sdk import details
from vestibule.sdk.callback import Pending
from vestibule.sdk.client import Client
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import Login
from vestibule.sdk.receipts import Receipts


@dataclass(frozen=True)
class Program:
    """A partner's program, with a request that waits for a person."""

    login: Login
    client: Client
    pending: Pending


PHONE = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark", "locale": "de-DE"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Serve a platform as localhost: browsers have no passkeys for an IP address."""
    with serving(tmp_path_factory.mktemp("house"), "localhost") as running:
        yield running


@pytest.fixture(scope="module")
def jukebox(house: House) -> Iterator[App]:
    with a_partners_site.serving() as home:
        made = register_app(house, "jukebox", "Jukebox", home)
        allow_reading(house, made)
        allow(house, made, "messages.send", "To answer with a song when you ask it to.")
        yield made


@pytest.fixture
def program(house: House, jukebox: App, tmp_path: Path) -> Iterator[Program]:
    """Jukebox's program, which knows an address of the API and nothing else of the platform."""
    keys = Keys(jukebox.partner, jukebox.key_id, jukebox.seed, DpopKey.new())
    login = Login(issuer_of(f"{house.origin}/v1/connection"), keys)
    policy = house.policy()
    with Receipts(tmp_path / "receipts") as kept, Client(house.origin, keys, policy, kept) as client:
        yield Program(login, client, login.begin([details.messages("read", "send")], jukebox.back))
    login.close()


@pytest.fixture
def address(program: Program) -> str:
    """A request of jukebox, as the address it sends people to."""
    return program.pending.url


def issuer_of(api: str) -> str:
    """Find the authorization server from a 401 of the API (RFC 9728 section 5)."""
    refused = httpx2.get(api)
    assert refused.status_code == 401
    named = re.search('resource_metadata="([^"]+)"', refused.headers["www-authenticate"])
    assert named is not None
    (issuer,) = httpx2.get(named[1]).json()["authorization_servers"]
    return str(issuer)


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", full_page=True)


def with_a_conversation(new_page: NewPage, house: House, **options: Any) -> Visitor:
    """Somebody signed up who has a conversation with a friend."""
    vera = visitor(new_page, house, **options)
    vera.signs_up()
    with house.browser() as friend:
        handle = f"friend_of_{vera.handle}"
        friend.post("/signup", data={"handle": handle, "name": "Finn", "password": PASSWORD})
        friend.post("/friends/ask", data={"handle": vera.handle})
        vera.page.request.post(f"{house.origin}/friends/accept", form={"handle": handle})
        said = {"to": vera.handle, "body": "The song of the day", "key": "first"}
        assert friend.post("/new", data=said).status_code == 303
    return vera


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_from_a_401_to_her_passkey_under_the_very_grant_and_to_her_messages(
    new_page: NewPage, house: House, program: Program
) -> None:
    vera = with_a_conversation(new_page, house)
    vera.adds_a_passkey()
    vera.signs_out()
    page = vera.page
    page.goto(program.pending.url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    vera.presses("Sign in with a passkey")
    expect(page.get_by_role("heading", name="Jukebox asks to come in")).to_be_visible()
    shoot(page, "consent-asking")
    page.locator("input[name=conversation]").check()
    vera.presses("Continue")
    expect(page.get_by_role("heading", name="What you agree to")).to_be_visible()
    shoot(page, "consent-agreeing")
    before = len(vera.credentials())

    vera.presses("Agree with a passkey")

    page.wait_for_url("**/back?*code=*")
    assert before == 1
    token = program.login.finish(program.pending, page.url)
    read = program.client.messages(token, token.conversations[0])
    assert len(read.messages) == 0  # Finn wrote the only one, and has not agreed
    assert read.withheld
    page.goto(house.origin + "/apps")
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(page.get_by_text("signed by your passkey")).to_be_visible()
    shoot(page, "apps-connected")
    vera.presses("Change what it can do (Jukebox)")
    expect(page.get_by_role("heading", name="Change what Jukebox can do")).to_be_visible()
    page.get_by_label("Ends by itself").fill(page.get_by_label("Ends by itself").get_attribute("max") or "")
    vera.presses("Continue")
    expect(page.get_by_text("What this changes")).to_be_visible()
    shoot(page, "consent-difference")
    vera.presses("Agree with a passkey")
    page.wait_for_url("**/apps?said=changed*")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_with_a_password_on_a_phone_in_the_dark_in_german(
    new_page: NewPage, house: House, address: str, complaints: list[str], *, script: bool
) -> None:
    vera = with_a_conversation(new_page, house, **PHONE, java_script_enabled=script)
    page = vera.page
    page.goto(address)
    expect(page.get_by_role("heading", name="Jukebox bittet um Einlass")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    page.locator("input[name=conversation]").check()
    page.locator("input[value=picked]").check()
    shoot(page, f"consent-asking-de-{script}")
    vera.presses("Weiter")
    expect(page.get_by_role("heading", name="Suchen Sie die Nachrichten aus")).to_be_visible()
    page.get_by_label("The song of the day").check()
    shoot(page, f"consent-picking-de-{script}")
    vera.presses("Weiter")
    expect(page.get_by_text("Jukebox kann nur die eine Nachricht lesen")).to_be_visible()
    shoot(page, f"consent-agreeing-de-{script}")
    if script:
        assert fits(page)
    page.get_by_label("Ihr Passwort").fill("falsch")
    vera.presses("Zustimmen")
    expect(page.get_by_text("Das ist nicht Ihr Passwort")).to_be_visible()
    complaints.clear()  # the browser complains of the 422
    page.get_by_label("Ihr Passwort").fill(PASSWORD)
    vera.presses("Zustimmen")
    page.wait_for_url("**/back?*code=*")
