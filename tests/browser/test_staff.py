"""Somebody of the staff opens a conversation in a real browser, without script, and a member reads why.

VESTIBULE_SCREENSHOTS=folder makes pictures of every page, wide and narrow, light and dark.
"""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.looks import carried_over, shoot
from tests.web.conftest import House, NewPerson, allow_reading, befriend, recommend, register_app

LOOKED_AT = ("", "/requests", "/partners", "/partners/jukebox", "/reported")
WHY = "Finn reported that he is being threatened in this conversation."


def test_every_page_of_the_staff_fits_the_screen(
    house: House, new_page: NewPage, new_person: NewPerson
) -> None:
    app = register_app(house, "jukebox", "Jukebox")
    allow_reading(house, app)
    olga, finn, vera = new_person("Olga"), new_person("Finn"), new_person("Vera")
    befriend(vera, finn)
    recommend(house, app, vera, to=finn, note="Listen!")
    house.operator("/operator/staff", {"handle": olga.handle, "staff": True})
    page = new_page(java_script_enabled=False)
    carried_over(page, olga)
    for path in LOOKED_AT:
        page.goto(f"{house.origin}/staff{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        shoot(page, f"staff-{path.strip('/').replace('/', '-') or 'overview'}")


def test_a_partner_of_a_company_with_two_ids_fits_the_screen(house: House, new_page: NewPage) -> None:
    for partner in ("radio", "radio-for-kids"):
        register_app(house, partner, "Radio")
    page = new_page(java_script_enabled=False)
    page.goto(f"{house.origin}/partners/radio")
    expect(page.get_by_text("A claim about the company covers all of them")).to_be_visible()
    shoot(page, "register-two-ids")


def test_the_staff_opens_a_conversation_and_a_member_reads_why(
    house: House, new_page: NewPage, new_person: NewPerson
) -> None:
    vera, finn, olga = new_person("Vera"), new_person("Finn"), new_person("Olga")
    befriend(vera, finn)
    talk = vera.writes_to(finn, body="I know where you live")
    house.operator("/operator/staff", {"handle": olga.handle, "staff": True})
    page = new_page(java_script_enabled=False)
    carried_over(page, olga)
    page.goto(f"{house.origin}/account")
    page.get_by_role("link", name="go to the staff").click()
    page.get_by_role("link", name="Open a conversation").click()
    page.get_by_label("Its address").fill(f"{house.origin}{talk}")
    page.get_by_label("Somebody reported abuse").check()
    page.get_by_label("Your reason").fill(WHY)
    shoot(page, "staff-form")
    page.get_by_role("button", name="Record the reason, and open it").click()
    expect(page.get_by_text("I know where you live")).to_be_visible()
    shoot(page, "staff-conversation")

    member = new_page(java_script_enabled=False)
    carried_over(member, finn)
    member.goto(f"{house.origin}/apps")
    shoot(member, "staff-apps")
    member.get_by_role("link", name="When, and why").click()
    expect(member.get_by_text(WHY)).to_be_visible()
    shoot(member, "staff-why")
