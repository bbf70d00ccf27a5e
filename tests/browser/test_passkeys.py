"""Passkeys in a real browser with a virtual authenticator (Chrome DevTools Protocol, domain WebAuthn).

VESTIBULE_SCREENSHOTS=folder makes pictures of the pages.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Request, Route, expect

from tests.browser.conftest import NewPage
from tests.web.conftest import PASSWORD, House, serving
from vestibule.web.platform import system_clock

COUNTER = itertools.count()
FIVE_MINUTES = 5 * 60 * 1_000_000


class Clock:
    """The time of day, and what a test sets it ahead by."""

    ahead = 0

    def __call__(self) -> int:
        return system_clock() + self.ahead


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[House]:
    """Serve a platform as localhost: browsers have no passkeys for an IP address."""
    with serving(tmp_path_factory.mktemp("house"), "localhost", clock) as running:
        yield running


@dataclass
class Visitor:
    """Somebody at a browser with an authenticator of her own."""

    page: Page
    origin: str
    cdp: CDPSession
    authenticator: str
    handle: str = field(default_factory=lambda: f"visitor_{next(COUNTER)}")

    def goes(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def signs_up(self) -> None:
        self.goes("/signup")
        self.page.get_by_label("Your name").fill("Vera")
        self.page.get_by_label("Handle").fill(self.handle)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.presses("Create account")
        self.page.wait_for_url("**/inbox")

    def adds_a_passkey(self) -> None:
        self.goes("/account/passkeys/new")
        self.page.get_by_label("What you call it").fill("Phone")
        self.presses("Make the passkey")
        self.page.wait_for_url("**/account?said=passkey-added")

    def signs_out(self) -> None:
        self.presses("Sign out Vera")
        self.page.wait_for_url("**/signin?said=signed-out")

    def credentials(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(found["credentials"])

    def use_instead(self, credential: dict[str, Any]) -> None:
        """Put another state of a credential, or somebody else's, into the authenticator."""
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator})
        self.cdp.send(
            "WebAuthn.addCredential", {"authenticatorId": self.authenticator, "credential": credential}
        )


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", full_page=True)


def visitor(new_page: NewPage, house: House, **options: Any) -> Visitor:
    page = new_page(**options)
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return Visitor(page, house.origin, cdp, made["authenticatorId"])


@pytest.fixture
def vera(new_page: NewPage, house: House) -> Visitor:
    """Somebody who is signed up and has a passkey."""
    vera = visitor(new_page, house)
    vera.signs_up()
    vera.adds_a_passkey()
    return vera


def test_a_passkey_is_added_and_signs_in_without_a_handle(vera: Visitor) -> None:
    expect(vera.page.get_by_text("The passkey is added")).to_be_visible()
    expect(vera.page.get_by_text("Phone", exact=True).first).to_be_visible()
    shoot(vera.page, "account")
    vera.signs_out()
    shoot(vera.page, "signin")
    vera.presses("Sign in with a passkey")
    vera.page.wait_for_url("**/inbox")
    vera.goes("/account")
    expect(vera.page.get_by_text("by passkey")).to_be_visible()
    expect(vera.page.get_by_text("This one", exact=True)).to_be_visible()


def test_one_authenticator_keeps_one_passkey_of_a_person(vera: Visitor) -> None:
    vera.goes("/account/passkeys/new")
    vera.presses("Make the passkey")
    expect(vera.page.get_by_text("has a passkey of yours already")).to_be_visible()


def test_a_person_proves_herself_by_her_passkey(vera: Visitor, clock: Clock) -> None:
    clock.ahead += FIVE_MINUTES
    vera.goes("/account/password")
    expect(vera.page.get_by_role("heading", name="Is it you?")).to_be_visible()
    shoot(vera.page, "prove")
    vera.presses("Use your passkey")
    expect(vera.page.get_by_role("heading", name="Change the password")).to_be_visible()


def refused(page: Page, complaints: list[str]) -> None:
    """Make sure that the page says so; the browser's console tells of the answer's status as well."""
    expect(page.get_by_role("alert").filter(has_text="That passkey")).to_be_visible()
    assert [complaint for complaint in complaints if "422" not in complaint] == []
    complaints.clear()


def test_an_answer_that_was_sent_before_is_refused(vera: Visitor) -> None:
    vera.signs_out()
    sent: list[Request] = []
    vera.page.on("request", lambda one: sent.append(one) if one.url.endswith("/signin/passkey") else None)
    vera.presses("Sign in with a passkey")
    vera.page.wait_for_url("**/inbox")
    vera.signs_out()
    [request] = sent
    kind = {"content-type": "application/x-www-form-urlencoded"}
    again = vera.page.request.post(request.url, data=request.post_data, headers=kind)
    assert again.status == 422
    vera.goes("/account")
    assert "/signin" in vera.page.url


def test_a_cloned_authenticator_is_refused_by_its_counter(vera: Visitor, complaints: list[str]) -> None:
    [copied] = vera.credentials()
    for _ in range(2):
        vera.signs_out()
        vera.presses("Sign in with a passkey")
        vera.page.wait_for_url("**/inbox")
    assert vera.credentials()[0]["signCount"] > copied["signCount"]
    vera.signs_out()
    vera.use_instead(copied)
    vera.presses("Sign in with a passkey")
    refused(vera.page, complaints)


def test_another_persons_passkey_is_refused_as_a_proof(
    vera: Visitor, new_page: NewPage, house: House, clock: Clock, complaints: list[str]
) -> None:
    other = visitor(new_page, house)
    other.signs_up()
    other.adds_a_passkey()
    clock.ahead += FIVE_MINUTES
    other.goes("/account/password")
    [hers] = vera.credentials()
    other.use_instead(hers)
    other.page.eval_on_selector(
        "form[data-passkey-options]",
        "form => form.dataset.passkeyOptions = JSON.stringify("
        "{...JSON.parse(form.dataset.passkeyOptions), allowCredentials: []})",
    )
    other.presses("Use your passkey")
    refused(other.page, complaints)


@contextmanager
def shown_at(page: Page, elsewhere: str, house: House) -> Iterator[None]:
    """Let a page at another address be ours, as whoever puts himself in between would, who lies about it.

    A page that is left asks for things to the last; closing the browser meanwhile would fail the next test.
    """

    def fetched(route: Route) -> None:
        path = route.request.url.removeprefix(elsewhere)
        headers = {**route.request.headers, "origin": house.origin}
        route.fulfill(response=route.fetch(url=house.origin + path, headers=headers, max_redirects=0))

    page.route(f"{elsewhere}/**", fetched)
    yield
    page.unroute_all(behavior="wait")


def test_an_answer_from_another_port_is_refused_by_the_platform(
    vera: Visitor, house: House, complaints: list[str]
) -> None:
    vera.signs_out()
    elsewhere = "http://localhost:1234"
    with shown_at(vera.page, elsewhere, house):
        vera.page.goto(elsewhere + "/signin")
        vera.presses("Sign in with a passkey")
        refused(vera.page, complaints)
        assert vera.page.url.startswith(elsewhere)


def test_another_site_gets_no_answer_from_the_browser(vera: Visitor, house: House) -> None:
    vera.signs_out()
    elsewhere = "https://chat.example"
    with shown_at(vera.page, elsewhere, house):
        vera.page.goto(elsewhere + "/signin")
        vera.presses("Sign in with a passkey")
        expect(vera.page.get_by_text("could not be used here")).to_be_visible()


def test_a_person_without_script_is_offered_her_password_alone(
    new_page: NewPage, house: House, vera: Visitor, clock: Clock
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(house.origin + "/signin?next=/account/codes")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    page.get_by_label("Handle").fill(vera.handle)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    clock.ahead += FIVE_MINUTES
    page.get_by_role("button", name="Show ten new codes").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Show ten new codes").click()
    codes = page.get_by_role("listitem").all_inner_texts()
    assert len(codes) == 10

    locked_out = new_page(java_script_enabled=False)
    locked_out.goto(house.origin + "/recover")
    locked_out.get_by_label("Handle").fill(vera.handle)
    locked_out.get_by_label("Recovery code").fill(codes[3])
    locked_out.get_by_role("button", name="Sign in").click()
    expect(locked_out.get_by_text("that code is used up")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1100])
def test_the_account_pages_fit_the_screen(new_page: NewPage, house: House, width: int) -> None:
    somebody = visitor(new_page, house, viewport={"width": width, "height": 700})
    somebody.signs_up()
    somebody.adds_a_passkey()
    paths = (
        "account",
        "account/password",
        "account/codes",
        "account/file",
        "account/passkeys/new",
        "recover",
    )
    for path in paths:
        somebody.goes(f"/{path}")
        shoot(somebody.page, f"{path.replace('/', '-')}-{width}")
        assert somebody.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
