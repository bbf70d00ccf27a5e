"""The story's pages in a real browser. VESTIBULE_SCREENSHOTS=docs/screenshots makes the pictures there."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo import stage
from demo.acts import arrival, reading, recommending, writing
from demo.cast import Cast
from demo.people import PASSWORD
from demo.printing import Printer
from tests.browser.conftest import NewPage

DESKTOP = {"viewport": {"width": 1100, "height": 760}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True}
WITHOUT_SCRIPT = {"java_script_enabled": False}


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """Play the story over HTTP up to the point where there is something to see on every page."""
    printer = Printer()
    with stage.built(tmp_path_factory.mktemp("story"), 0, printer) as built:
        played = Cast(built, printer)
        played.assemble()
        arrival.register(played)
        arrival.sign_up(played)
        writing.between_two(played)
        writing.in_group(played)
        writing.bring_along(played)
        recommending.send(played)
        reading.connect(played)
        yield played
        for person in played.people.values():
            person.browser.close()


def shoot(page: Page, name: str, **options: Any) -> None:
    """Make a picture for the README, if it was asked for; options go to `Page.screenshot`."""
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", **options)


def sign_in(page: Page, cast: Cast, handle: str) -> None:
    page.goto(cast.stage.platform + "/signin")
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/inbox")


def no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_friend_follows_the_card_to_marquee(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**DESKTOP)
    sign_in(page, cast, "dan")
    page.get_by_role("link", name="Cleo").click()
    expect(page.get_by_text("via Marquee").first).to_be_visible()
    shoot(page, "card", full_page=True)
    page.get_by_role("link", name="Stalker").last.click()
    expect(page.get_by_text("a friend recommended this film")).to_be_visible()
    assert page.url.startswith(cast.stage.homes["marquee"])


def test_the_pages_of_a_connected_person(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**DESKTOP)
    sign_in(page, cast, "ana")
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    shoot(page, "inbox")
    page.get_by_role("link", name="Bob").click()
    expect(page.get_by_text("You let it read the conversation")).to_be_visible()
    shoot(page, "conversation", full_page=True)
    page.goto(cast.stage.platform + "/apps")
    expect(page.locator("#jukebox").get_by_text("4 messages")).to_be_visible()
    shoot(page, "apps")
    page.goto(cast.stage.platform + "/apps/jukebox")
    expect(page.get_by_text("Read 4 messages through your connection")).to_be_visible()


def recommend(dialog: Page) -> None:
    """Fill in the dialog and send."""
    expect(dialog.get_by_role("heading", name="Recommend to friends")).to_be_visible()
    dialog.get_by_role("checkbox", name="Ana ana").check()
    dialog.get_by_role("checkbox", name="Dan dan").check()
    dialog.get_by_label("A note to them").fill("You said you liked quiet films.")
    shoot(dialog, "dialog", full_page=True)
    dialog.get_by_role("button", name="Send").click()


def test_a_film_is_recommended_from_marquee(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**DESKTOP)
    sign_in(page, cast, "cleo")
    page.goto(f"{cast.stage.homes['marquee']}/films/7")
    shoot(page, "marquee")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Recommend").click()
    with popup.value.expect_event("close"):
        recommend(popup.value)
    expect(page.get_by_text("That is all we know")).to_be_visible()


def test_a_film_is_recommended_from_marquee_without_script(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**DESKTOP | WITHOUT_SCRIPT)
    sign_in(page, cast, "cleo")
    page.goto(f"{cast.stage.homes['marquee']}/films/7")
    page.get_by_role("link", name="Recommend").click()
    recommend(page)
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    expect(page.get_by_text("That is all we know")).to_be_visible()
    assert page.url.startswith(cast.stage.homes["marquee"])


@pytest.mark.parametrize("options", [DESKTOP, DESKTOP | WITHOUT_SCRIPT], ids=["script", "no script"])
def test_a_person_lets_jukebox_in_and_declines(
    new_page: NewPage, cast: Cast, options: dict[str, object]
) -> None:
    page = new_page(**options)
    sign_in(page, cast, "cleo")
    page.goto(cast.stage.homes["jukebox"])
    page.get_by_role("link", name="Connect with Vestibule").click()
    expect(page.get_by_role("heading", name="Jukebox asks to come in")).to_be_visible()
    page.get_by_role("checkbox", name="Ana").check()
    if options == DESKTOP:
        shoot(page, "consent", full_page=True)
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("heading", name="Not connected")).to_be_visible()


def test_the_apps_page_says_what_jukebox_saw_and_ends_it(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**DESKTOP)
    sign_in(page, cast, "eva")
    page.goto(cast.stage.homes["jukebox"])
    page.get_by_role("link", name="Connect with Vestibule").click()
    page.get_by_role("checkbox", name="Zoë Müller").check()
    page.get_by_label("Only those sent on or after this day").fill("2014-01-01")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What you agree to")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("heading", name="What we were given")).to_be_visible()
    page.goto(cast.stage.platform + "/apps")
    jukebox = page.locator("#jukebox")
    expect(jukebox.get_by_text("Connected", exact=True)).to_be_visible()
    jukebox.get_by_role("button", name="End the connection").click()
    expect(page.locator("#jukebox").get_by_text("Not connected")).to_be_visible()


def test_a_message_appears_with_the_other_person_without_reloading(new_page: NewPage, cast: Cast) -> None:
    ana, bob = new_page(**DESKTOP), new_page(**DESKTOP)
    for page, handle in ((ana, "ana"), (bob, "bob")):
        sign_in(page, cast, handle)
        page.goto(cast.stage.platform + cast.talk)
    ana.get_by_label("Your message").fill("Is this arriving by itself?")
    ana.get_by_role("button", name="Send").click()
    expect(bob.get_by_text("Is this arriving by itself?")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/register", "Register of partners"), ("/register/jukebox", "Jukebox"), ("/log", "log")],
)
def test_a_stranger_reads_the_public_pages(new_page: NewPage, cast: Cast, path: str, heading: str) -> None:
    page = new_page(**DESKTOP)
    page.goto(cast.stage.platform + path)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    shoot(page, path.strip("/").replace("/", "-"), full_page=True)


@pytest.mark.parametrize("options", [DESKTOP, DESKTOP | WITHOUT_SCRIPT], ids=["script", "no script"])
def test_a_stranger_asks_the_log_and_takes_the_proof_along(
    new_page: NewPage, cast: Cast, options: dict[str, object]
) -> None:
    page = new_page(**options)
    page.goto(cast.stage.platform + "/register/jukebox")
    page.get_by_role("link", name="Ask the log about Jukebox").click()
    page.get_by_role("radio", name="Was it served data?").check()
    page.get_by_role("button", name="Ask the log").click()
    expect(page.get_by_role("heading", name="Was Jukebox served private messages?")).to_be_visible()
    expect(page.get_by_text("recorded", exact=True).last).to_be_visible()
    if options == DESKTOP:
        shoot(page, "claims", full_page=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the proof").click()
    assert download.value.suggested_filename == "proof-was-served-jukebox.zip"


def test_a_chart_is_printed_dark_on_white_whatever_the_screen_was(new_page: NewPage, cast: Cast) -> None:
    page = new_page(color_scheme="dark")
    page.goto(cast.stage.platform + "/register/jukebox")
    colour = "node => getComputedStyle(node).%s"
    bar = page.locator(".charts .bar").first
    on_screen = bar.evaluate(colour % "fill")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("body").evaluate(colour % "backgroundColor") == "rgb(255, 255, 255)"
    assert bar.evaluate(colour % "fill") == "rgb(23, 89, 74)" != on_screen
    expect(page.get_by_role("img", name="Read through a connection")).to_be_visible()


def test_public_pages_fit_the_narrowest_phone(new_page: NewPage, cast: Cast) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    for path in ("/register/jukebox", "/claims?partner=jukebox&question=could", "/log"):
        page.goto(cast.stage.platform + path)
        no_sideways_scrolling(page)


@pytest.mark.usefixtures("curve")
def test_a_person_checks_the_log_in_her_browser(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**DESKTOP)
    sign_in(page, cast, "ana")
    page.goto(cast.stage.platform + "/apps")
    page.get_by_role("link", name="Get my file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it").click()
    page.goto(cast.stage.platform + "/log")
    page.get_by_role("link", name="check the log in your browser").click()
    page.get_by_label("Your person file").set_input_files(download.value.path())
    page.get_by_role("button", name="Check the log").click()
    expect(page.get_by_role("heading", name="Everything that was checked holds")).to_be_visible()
    expect(page.locator("#steps .state")).to_have_text(["Holds", "Holds", "Not checked", *["Holds"] * 5])
    expect(page.get_by_role("heading", name="between Jukebox and you")).to_contain_text("There is no other")
    page.mouse.move(0, 0)
    shoot(page, "verify", full_page=True)


def test_every_page_fits_a_phone(new_page: NewPage, cast: Cast) -> None:
    page = new_page(**PHONE)
    sign_in(page, cast, "ana")
    for path in (
        "/inbox",
        cast.talk,
        cast.group,
        "/friends",
        "/apps",
        "/new",
        "/import",
        "/register",
        "/log",
        "/verify",
    ):
        page.goto(cast.stage.platform + path)
        no_sideways_scrolling(page)
    page.goto(cast.stage.platform + cast.talk)
    shoot(page, "phone")
