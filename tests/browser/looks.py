"""Looking at pages: on a wide screen and on a phone, light and dark; and being somebody who has signed in."""

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.test_consent import fits
from tests.web.conftest import Person

LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


def shoot(page: Page, name: str) -> None:
    """See that a page fits on a phone; with pictures, in each look."""
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    for width, scheme in LOOKS if folder else LOOKS[-1:]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert fits(page), f"{name} at {width}"
        if folder:
            path = Path(folder) / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, animations="disabled", full_page=True)


def carried_over(page: Page, person: Person) -> None:
    """Let the browser be the one that somebody has signed in with."""
    page.context.add_cookies(
        [
            {"name": cookie.name, "value": str(cookie.value), "url": str(person.browser.base_url)}
            for cookie in person.browser.cookies.jar
        ]
    )
