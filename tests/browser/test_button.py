"""The button on a partner's page of another site, in a real browser: in a popup, by redirect, without script.

VESTIBULE_SCREENSHOTS=folder makes pictures.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import a_partners_site
from tests.browser.conftest import NewPage
from tests.web.conftest import PASSWORD, App, House, register_app, serving
from vestibule.sdk.signing import dialog_url, sign_card
from vestibule.web.public.button import ADDRESS, INTEGRITY

HEARD = """<script>
  const heard = [];
  for (const name of ["sent", "cancelled"])
    addEventListener(name, (event) => heard.push([name, event.detail.state, event.target.localName]));
  const posted = [];
  addEventListener("message", (event) => posted.push(event.data));
</script>"""
CANARY = """<script>
  document.cookie = "canary=1; SameSite=None; Secure; path=/";
  parent.postMessage(document.cookie || "no cookie", "*");
</script>"""
"""A page that sets a cookie where it is a third party, and says whether it has one."""


@dataclass
class Shop:
    """A partner's pages, on another site than the platform: `localhost` is not `127.0.0.1`."""

    house: House
    app: App
    pages: dict[str, str] = field(default_factory=dict)

    def card(self, **changed: str | int) -> str:
        card: dict[str, str | int] = {
            "kind": "film",
            "title": "Stalker",
            "link": f"{self.app.home}/films/7",
            "exp": int(time.time()) + 600,
        }
        return sign_card(
            self.house.origin,
            partner=self.app.partner,
            card=card | changed,
            key_id=self.app.key_id,
            seed=self.app.seed,
        )

    def link(self, **more: str) -> str:
        """A plain link to the dialog, as it stands inside the element."""
        address = dialog_url(
            self.house.origin, card=self.card(), return_uri=self.app.back, state="s1", surface="film", **more
        )
        return f'<a href="{escape(address)}">Recommend by link</a>'

    def shows(
        self,
        inside: str = "",
        *,
        integrity: str = INTEGRITY,
        lang: str = "en",
        style: str = "",
        **attributes: str,
    ) -> str:
        """Put a page with the button up; returns its address."""
        said = "".join(
            f' {name.replace("_", "-")}="{escape(value)}"' for name, value in attributes.items() if value
        )
        self.pages["/film"] = (
            f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Stalker</title>'
            '<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">'
            f"<style>:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui }} {style}</style>{HEARD}"
            f'<script type="module" src="{self.house.origin}{ADDRESS}" integrity="{integrity}" '
            f'crossorigin="anonymous"></script><h1>Stalker</h1><p>1979</p>'
            f"<recommend-button{said}>{inside}</recommend-button></html>"
        )
        return f"{self.app.home}/film"

    def shows_button(self, **attributes: str) -> str:
        said = {"card": self.card(), "return_uri": self.app.back, "state": "s1", "surface": "film"}
        return self.shows(**{**said, **attributes})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    pages: dict[str, str] = {}
    with (
        serving(tmp_path_factory.mktemp("house"), "127.0.0.1") as house,
        a_partners_site.serving(pages) as home,
    ):
        app = register_app(house, "marquee", "Marquee", home.replace("127.0.0.1", "localhost"))
        for handle, name in (("ana", "Ana"), ("bob", "Bob")):
            with house.browser() as client:
                client.post("/signup", data={"handle": handle, "name": name, "password": PASSWORD})
                if handle == "bob":
                    client.post("/friends/ask", data={"handle": "ana"})
        with house.browser() as client:
            client.post("/signin", data={"handle": "ana", "password": PASSWORD})
            assert client.post("/friends/accept", data={"handle": "bob"}).status_code == 303
        yield Shop(house, app, pages)


def signed_in(context: BrowserContext, house: House) -> None:
    answer = context.request.post(f"{house.origin}/signin", form={"handle": "ana", "password": PASSWORD})
    assert answer.url.endswith("/inbox")


@pytest.fixture
def ana(new_page: NewPage, shop: Shop) -> Page:
    page = new_page()
    signed_in(page.context, shop.house)
    return page


def opened(page: Page, press: Callable[[], Any] | None = None) -> Page:
    """Press the button, and return the popup."""
    with page.expect_popup() as popup:
        (press or page.get_by_role("button", name="Recommend to friends").click)()
    expect(popup.value.get_by_role("heading", name="Recommend to friends")).to_be_visible()
    return popup.value


def send(dialog: Page) -> None:
    dialog.get_by_role("checkbox", name="Bob").check()
    dialog.get_by_role("button", name="Send").click()


def heard(page: Page) -> Any:
    return page.evaluate("heard")


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


def ends(page: Page, popup: Page, act: Callable[[], Any]) -> None:
    """Do what ends a dialog, and wait until its window is closed and the page has heard of it."""
    with popup.expect_event("close"):
        act()
    page.wait_for_function("heard.length > 0")


def test_in_a_popup_the_page_hears_sent_and_nothing_else(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())
    shoot(ana, "button")
    popup = opened(ana)
    shoot(popup, "button-popup")

    ends(ana, popup, lambda: send(popup))

    assert heard(ana) == [["sent", "s1", "recommend-button"]]
    assert ana.evaluate("posted") == [{"type": "vestibule:recommend", "result": "sent", "state": "s1"}]
    expect(ana.get_by_role("status")).to_have_text("Sent")
    assert ana.url == f"{shop.app.home}/film"
    shoot(ana, "button-sent")


def test_pressing_cancel_is_cancelled_and_the_button_works_again(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())
    popup = opened(ana)
    ends(ana, popup, popup.get_by_role("button", name="Cancel").click)
    assert heard(ana) == [["cancelled", "s1", "recommend-button"]]

    popup = opened(ana)
    with popup.expect_event("close"):
        send(popup)

    ana.wait_for_function("heard.length > 1")
    assert [name for name, *_ in heard(ana)] == ["cancelled", "sent"]


def test_a_popup_that_is_closed_midway_is_cancelled(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())
    popup = opened(ana)

    ends(ana, popup, popup.close)

    assert heard(ana) == [["cancelled", "s1", "recommend-button"]]
    assert ana.evaluate("posted") == []


def test_only_the_dialog_that_it_opened_is_believed(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())
    popup = opened(ana)

    ana.evaluate("postMessage({ type: 'vestibule:recommend', result: 'sent', state: 's1' })")
    ana.wait_for_function("posted.length > 0")
    assert heard(ana) == []

    ends(ana, popup, popup.close)
    assert heard(ana) == [["cancelled", "s1", "recommend-button"]]


def test_a_double_click_opens_one_popup(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())

    popup = opened(ana, ana.get_by_role("button").dblclick)
    ana.get_by_role("button").click()

    assert ana.context.pages == [ana, popup]


def test_somebody_who_signs_in_on_the_way_is_waited_for(new_page: NewPage, shop: Shop) -> None:
    page = new_page()
    page.goto(shop.shows_button())
    with page.expect_popup() as opening:
        page.get_by_role("button").click()
    popup = opening.value
    popup.get_by_label("Handle").fill("ana")
    popup.get_by_label("Password").fill(PASSWORD)
    popup.get_by_role("button", name="Sign in", exact=True).click()
    expect(popup.get_by_role("heading", name="Recommend to friends")).to_be_visible()
    assert heard(page) == []

    ends(page, popup, lambda: send(popup))

    assert heard(page) == [["sent", "s1", "recommend-button"]]


def test_only_the_dialog_keeps_the_window_that_opened_it(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())
    popup = opened(ana)
    assert popup.evaluate("window.opener !== null")

    popup.goto(f"{shop.house.origin}/register")

    assert popup.evaluate("window.opener") is None


def test_a_page_of_another_origin_that_opens_the_dialog_hears_nothing(ana: Page, shop: Shop) -> None:
    own = shop.shows_button()
    ana.goto(own.replace("localhost", "127.0.0.1"))
    popup = opened(ana)

    with popup.expect_event("close"):
        send(popup)
    ana.wait_for_function("heard.length > 0")

    assert ana.evaluate("posted") == []
    assert heard(ana) == [["cancelled", "s1", "recommend-button"]]


def test_a_dialog_whose_page_is_gone_goes_back_by_redirect(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button())
    popup = opened(ana)
    ana.close()

    send(popup)

    expect(popup.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert popup.url == f"{shop.app.back}?state=s1&result=sent"


def test_a_card_that_is_not_in_order_explains_itself_in_the_popup(
    ana: Page, shop: Shop, complaints: list[str]
) -> None:
    ana.goto(shop.shows_button(card=shop.card(exp=1)))
    with ana.expect_popup() as opening:
        ana.get_by_role("button").click()

    expect(opening.value.get_by_text("card.exp: expected after now")).to_be_visible()
    ends(ana, opening.value, opening.value.close)

    assert heard(ana) == [["cancelled", "s1", "recommend-button"]]
    assert all("400" in complaint for complaint in complaints)
    complaints.clear()


def test_without_script_the_link_inside_leads_there_and_back(new_page: NewPage, shop: Shop) -> None:
    page = new_page(java_script_enabled=False)
    signed_in(page.context, shop.house)
    page.goto(shop.shows(shop.link()))

    page.get_by_role("link", name="Recommend by link").click()
    send(page)

    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert page.url == f"{shop.app.back}?state=s1&result=sent"


def test_a_script_that_was_changed_does_not_run_and_the_link_stays(
    ana: Page, shop: Shop, complaints: list[str]
) -> None:
    ana.goto(shop.shows(shop.link(), integrity=f"sha384-{'A' * 64}"))

    ana.get_by_role("link", name="Recommend by link").click()
    expect(ana.get_by_role("heading", name="Recommend to friends")).to_be_visible()

    assert any("integrity" in complaint for complaint in complaints)
    complaints.clear()


def test_the_link_inside_is_enough_and_attributes_say_more(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows(shop.link(variant="b"), variant="c", interface="poster"))
    expect(ana.get_by_role("link")).to_have_count(0)

    told = parse_qs(urlsplit(opened(ana).url).query)

    assert told["return_uri"] == [shop.app.back]
    assert [told[name] for name in ("surface", "interface", "variant")] == [["film"], ["poster"], ["c"]]


def test_the_keyboard_reaches_it_and_a_screen_reader_is_told_what_it_does(ana: Page, shop: Shop) -> None:
    ana.goto(shop.shows_button(lang="de-AT"))
    ana.keyboard.press("Tab")
    button = ana.get_by_role("button", name="Freunden empfehlen (öffnet ein Fenster)", exact=True)
    expect(button).to_be_focused()
    assert button.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"

    popup = opened(ana, lambda: ana.keyboard.press("Enter"))

    ends(ana, popup, lambda: send(popup))
    expect(ana.get_by_role("status")).to_have_text("Gesendet")


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(23, 89, 74)"), ("dark", "rgb(143, 211, 189)")])
def test_it_follows_the_pages_colours(new_page: NewPage, shop: Shop, scheme: str, ground: str) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": 360, "height": 480})
    page.goto(shop.shows_button(label="Send it on"))
    colour = "node => getComputedStyle(node).backgroundColor"

    button = page.get_by_role("button", name="Send it on")

    assert button.evaluate(colour) == ground
    shoot(page, f"button-{scheme}")
    page.add_style_tag(
        content="recommend-button { --recommend-background: #a3262a }"
        "recommend-button::part(button) { border-radius: 2rem }"
    )
    assert button.evaluate(colour) == "rgb(163, 38, 42)"
    assert button.evaluate("node => getComputedStyle(node).borderRadius") == "32px"


def test_a_blocked_popup_becomes_a_redirect(ana: Page, shop: Shop, complaints: list[str]) -> None:
    shop.shows_button()
    shop.pages["/sandboxed/film"] = shop.pages["/film"]
    ana.goto(f"{shop.app.home}/sandboxed/film")

    ana.get_by_role("button").click()
    expect(ana.get_by_role("heading", name="Recommend to friends")).to_be_visible()
    assert parse_qs(urlsplit(ana.url).query)["display"] == ["page"]
    assert ana.context.pages == [ana]
    shoot(ana, "button-redirect")
    send(ana)

    expect(ana.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert ana.url == f"{shop.app.back}?state=s1&result=sent"
    assert all("sandboxed" in complaint for complaint in complaints)
    complaints.clear()


def test_it_needs_no_third_party_cookies(ana: Page, shop: Shop) -> None:
    told = ana.context.new_cdp_session(ana)
    told.send("Network.enable")
    told.send("Network.setCookieControls", {"enableThirdPartyCookieRestriction": True})
    shop.pages["/canary"] = CANARY
    elsewhere = shop.app.home.replace("localhost", "127.0.0.1")
    ana.goto(shop.shows_button())
    shop.pages["/film"] += f'<iframe src="{elsewhere}/canary"></iframe>'
    ana.reload()
    ana.wait_for_function("posted.length > 0")
    assert ana.evaluate("posted") == ["no cookie"]
    popup = opened(ana)

    ends(ana, popup, lambda: send(popup))

    assert heard(ana) == [["sent", "s1", "recommend-button"]]
