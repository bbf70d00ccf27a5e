"""Three people in one conversation see who can read it, since when, and every change of that.

VESTIBULE_SCREENSHOTS=folder makes a picture of the banner.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.web.conftest import (
    PASSWORD,
    App,
    House,
    NewPerson,
    Person,
    allow_reading,
    befriend,
    let_in_and_read,
    register_app,
)


@pytest.fixture(scope="module")
def jukebox(house: House) -> App:
    made = register_app(house, "jukebox", "Jukebox")
    allow_reading(house, made)
    return made


@dataclass
class Member:
    """Somebody at a browser, who is in the conversation."""

    page: Page
    origin: str
    conversation: str

    def told(self) -> None:
        """See the line in the inbox that something has changed, and follow it."""
        self.page.goto(f"{self.origin}/inbox")
        expect(self.page.get_by_text("Jukebox")).to_be_visible()

    def banner(self) -> Locator:
        self.page.goto(self.origin + self.conversation)
        return self.page.locator(".readers")

    def presses(self, button: str) -> None:
        self.page.goto(f"{self.origin}/apps")
        self.page.get_by_role("button", name=f"{button} (Jukebox)", exact=True).click()


def at_a_browser(new_page: NewPage, house: House, person: Person, conversation: str) -> Member:
    page = new_page()
    page.context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value or "", "url": house.origin}
            for cookie in person.browser.cookies.jar
        ]
    )
    return Member(page, house.origin, conversation)


def test_three_people_see_every_change_of_who_can_read(
    new_page: NewPage, house: House, jukebox: App, new_person: NewPerson
) -> None:
    ann, bob, cleo = new_person("Ann"), new_person("Bob"), new_person("Cleo")
    befriend(ann, bob)
    befriend(ann, cleo)
    group = ann.writes_to(bob, cleo, title="Dinner", body="Saturday?")
    hers, his, third = (at_a_browser(new_page, house, who, group) for who in (ann, bob, cleo))
    for member in (hers, his, third):
        expect(member.banner()).to_contain_text("No app can read this conversation.")

    let_in_and_read(house, jukebox, ann, group)
    expect(hers.banner()).to_contain_text("You let it read the conversation, since")
    for member in (his, third):
        member.told()
        expect(member.banner()).to_contain_text("Since you last looked: Ann let Jukebox read here")
        expect(member.banner()).to_contain_text("Ann let it read the conversation, since")
        expect(member.banner()).not_to_contain_text("Since you last looked")

    hers.presses("Change what it can do")
    hers.page.get_by_label("Only messages that came through Jukebox").check()
    hers.page.get_by_role("button", name="Continue").click()
    hers.page.get_by_label("Your password").fill(PASSWORD)
    hers.page.get_by_role("button", name="Agree").click()
    expect(hers.page.get_by_text("What the app can do is changed, as you agreed.")).to_be_visible()
    for member in (his, third):
        member.told()
        banner = member.banner()
        expect(banner).to_contain_text("Ann changed what Jukebox can read here")
        expect(banner).to_contain_text("Ann let it read what came through it, and the replies, since")

    his.presses("Let it see my words")
    expect(his.banner()).to_contain_text("You let it see your words.")
    expect(third.banner()).to_contain_text("Your words are kept back from it.")
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    if folder:
        his.banner().screenshot(path=Path(folder) / "banner.png", animations="disabled")

    hers.presses("Suspend it")
    for member in (his, third):
        member.told()
        banner = member.banner()
        expect(banner).to_contain_text("Jukebox can no longer read here through Ann")
        expect(banner).to_contain_text("No app can read this conversation.")

    hers.presses("Resume it")
    for member in (his, third):
        member.told()
        expect(member.banner()).to_contain_text("Since you last looked: Ann let Jukebox read here")

    whole = {"partner": jukebox.partner, "suspended": True}
    assert house.operator("/operator/partner-suspensions", whole).status_code < 300
    for member in (hers, his, third):
        expect(member.banner()).to_contain_text("It is suspended as a whole, and can read nothing")
    assert house.operator("/operator/partner-suspensions", whole | {"suspended": False}).status_code < 300
    expect(his.banner()).not_to_contain_text("suspended")

    hers.presses("End the connection")
    for member in (his, third):
        member.told()
        banner = member.banner()
        expect(banner).to_contain_text("Jukebox can no longer read here through Ann")
        expect(banner).to_contain_text("No app can read this conversation.")
