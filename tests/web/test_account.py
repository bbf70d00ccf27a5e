"""The account's pages, without script: what opens an account, where it is open, and who may change that."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.web.conftest import PASSWORD, App, House, NewPerson, Person, let_in_and_read, serving, text_of
from vestibule.people import throttle
from vestibule.web.platform import system_clock

FIVE_MINUTES = 5 * 60 * 1_000_000
NEW_PASSWORD = "another long password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Clock:
    """The time of day, and what a test sets it ahead by."""

    ahead = 0

    def __call__(self) -> int:
        return system_clock() + self.ahead


@pytest.fixture(scope="module")
def platforms_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(platforms_clock: Clock) -> Iterator[Clock]:
    """Set the platform's clock ahead for one test; partners keep the time of day."""
    yield platforms_clock
    platforms_clock.ahead = 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, platforms_clock: Clock) -> Iterator[House]:
    with serving(tmp_path_factory.mktemp("house"), "127.0.0.1", platforms_clock) as running:
        yield running


@contextmanager
def signed_in(house: House, person: Person, password: str = PASSWORD) -> Iterator[httpx2.Client]:
    """Sign somebody in from another browser."""
    with house.browser() as browser:
        login = {"handle": person.handle, "password": password}
        answer = browser.post("/signin", data=login, headers={"user-agent": FIREFOX})
        assert answer.status_code == 303, text_of(answer.text)
        yield browser


def is_in(browser: httpx2.Client) -> bool:
    return browser.get("/inbox").status_code == 200


def test_sessions_are_listed_with_their_browsers_and_ended_one_by_one(
    house: House, new_person: NewPerson
) -> None:
    ann = new_person("Ann")
    with signed_in(house, ann) as other, signed_in(house, ann) as third:
        page = ann.sees("/account")
        assert text_of(page).count("Firefox on Linux") >= 2
        assert text_of(page).count("This one") == 1
        session = re.findall(r'name="session" value="([0-9a-f]{64})"', page)[0]
        new_person("Bob").does("/account/sessions/end", session=session)
        assert is_in(other)
        assert is_in(third)
        ann.does("/account/sessions/end", session=session)
        assert sorted([is_in(other), is_in(third)]) == [False, True]
        ann.does("/account/sessions/end-others")
        assert not is_in(other)
        assert not is_in(third)
        assert is_in(ann.browser)
        assert ann.browser.post("/account/sessions/end", data={"session": "x"}).status_code == 404


SENSITIVE = ("/account/password", "/account/codes", "/account/file")


def test_after_five_minutes_a_session_has_to_be_proved_again(
    house: House, new_person: NewPerson, clock: Clock
) -> None:
    ann = new_person("Ann")
    assert ann.browser.get("/apps/person-file").status_code == 200
    clock.ahead += FIVE_MINUTES
    for path in SENSITIVE:
        for answer in (ann.browser.get(path), ann.browser.post(path, data={"password": NEW_PASSWORD})):
            if answer.status_code == 405:
                continue
            assert answer.headers["location"] == f"/account/prove?next={path.replace('/', '%2F')}", path
    assert ann.browser.get("/apps/person-file").headers["location"] == "/account/file"
    stolen = ann.browser.cookies["session"]
    wrong = ann.browser.post("/account/prove", data={"password": "wrong", "next": "/account/file"})
    assert wrong.status_code == 422
    assert "not your password" in text_of(wrong.text)
    assert ann.does("/account/prove", password=PASSWORD, next="/account/file") == "/account/file"
    assert "Download" in text_of(ann.sees("/account/file"))
    assert ann.browser.get("/apps/person-file").status_code == 200
    with house.browser() as thief:
        assert thief.get("/inbox", headers={"cookie": f"session={stolen}"}).status_code == 303


def test_a_proof_leads_to_our_own_pages_only(new_person: NewPerson, clock: Clock) -> None:
    ann = new_person("Ann")
    assert ann.browser.get("/account/prove?next=//evil.example").headers["location"] == "/account"
    clock.ahead += FIVE_MINUTES
    assert ann.does("/account/prove", password=PASSWORD, next="https://evil.example") == "/account"


def test_a_new_password_can_end_everything_else(house: House, new_person: NewPerson, jukebox: App) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    ann.does("/friends/ask", handle=bob.handle)
    bob.does("/friends/accept", handle=ann.handle)
    conversation = ann.writes_to(bob, body="hello")
    let_in_and_read(house, jukebox, ann, conversation)
    assert "Connected" in text_of(ann.sees("/apps"))
    with signed_in(house, ann) as other:
        assert ann.browser.post("/account/password", data={"password": "short"}).status_code == 422
        ann.does("/account/password", password=NEW_PASSWORD)
        assert is_in(other)
        assert "Connected" in text_of(ann.sees("/apps"))
        ann.does("/account/password", password=NEW_PASSWORD, everything="1")
        assert not is_in(other)
    assert is_in(ann.browser)
    assert "Not connected" in text_of(ann.sees("/apps"))
    with house.browser() as browser:
        old = browser.post("/signin", data={"handle": ann.handle, "password": PASSWORD})
        assert old.status_code == 422
    with signed_in(house, ann, NEW_PASSWORD) as new:
        assert is_in(new)


def test_recovery_codes_are_shown_once_and_sign_in_without_a_password(
    house: House, new_person: NewPerson
) -> None:
    ann = new_person("Ann")
    shown = ann.browser.post("/account/codes")
    codes = re.findall(r"<code>([0-9a-z-]{23})</code>", shown.text)
    assert len(codes) == 10
    assert codes[0] not in ann.sees("/account/codes")
    with house.browser() as browser:
        wrong = [
            browser.post("/recover", data={"handle": handle, "code": "x"})
            for handle in (ann.handle, "nobody_at")
        ]
        assert [answer.status_code for answer in wrong] == [422, 422]
        said = [text_of(answer.text).replace(ann.handle, "") for answer in wrong]
        assert said[0] == said[1]
        answer = browser.post("/recover", data={"handle": ann.handle, "code": codes[0]})
        assert answer.headers["location"] == "/account/password?said=recovered"
        page = browser.get(answer.headers["location"])
        assert "Choose a new password" in text_of(page.text)
        assert browser.post("/account/password", data={"password": NEW_PASSWORD}).status_code == 303
    with signed_in(house, ann, NEW_PASSWORD) as new:
        assert is_in(new)
    assert "You have 9 left" in text_of(ann.sees("/account"))


def test_a_browser_that_signed_in_before_does_so_while_strangers_guess(
    house: House, new_person: NewPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = new_person("Ann")
    login = {"handle": ann.handle, "password": PASSWORD}
    device = ann.browser.cookies["device"]
    monkeypatch.setattr(throttle, "GLOBAL_LIMIT", 0)
    with house.browser() as stranger:
        assert stranger.post("/signin", data=login).status_code == 429
    ann.does("/signout")
    assert ann.browser.cookies["device"] == device
    ann.does("/signin", **login)
    assert is_in(ann.browser)


def test_the_cookies_are_for_this_host_alone(house: House) -> None:
    with house.browser() as browser:
        answer = browser.post("/signup", data={"handle": "cookies", "name": "C", "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["session", "device"]
    for cookie in cookies:
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert "domain" not in cookie.lower()


def test_where_browsers_have_no_passkeys_none_are_offered(new_person: NewPerson, house: House) -> None:
    ann = new_person("Ann")
    assert ann.browser.get("/account/passkeys/new").status_code == 404
    assert "cannot have passkeys" in text_of(ann.sees("/account"))
    with house.browser() as browser:
        assert "passkey" not in browser.get("/signin").text
        assert browser.post("/signin/passkey", data={"assertion": "{}"}).status_code == 422


def test_all_of_it_forbids_framing_inline_script_and_keeping(new_person: NewPerson, house: House) -> None:
    ann = new_person("Ann")
    for path in ("/account", *SENSITIVE, "/signin", "/recover"):
        answer = ann.browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "private, no-store"
    with house.browser() as browser:
        away = {"sec-fetch-site": "cross-site"}
        for path in ("/signin/passkey", "/recover", "/account/prove", "/account/password"):
            assert browser.post(path, data={}, headers=away).status_code == 403
