"""Two partners' reports of three fortnights in a real browser, counted by the platform from files of events.

VESTIBULE_SCREENSHOTS=folder makes pictures of every page, wide and narrow, light and dark, and as printed.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looks import carried_over, shoot
from tests.reports.a_walk import keep, short_of_clicks, table_of, walk
from tests.web.conftest import PASSWORD as SECRET
from tests.web.conftest import App, House, Person, register_app, serving
from vestibule.ledger import ed25519, report_file
from vestibule.ledger import request as signing
from vestibule.ledger.days import MICROSECONDS_A_DAY, SECONDS_A_DAY
from vestibule.ledger.engagement import Table
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.report_file import CSV, Title

FIRST = Fortnight.parse("2026-W01").first
FORTNIGHTS = tuple(Fortnight(FIRST + 14 * nth) for nth in range(3))
PATIENCE = 120
"""Seconds."""


class Clock:
    """The UTC day that it is to be, some time in the morning."""

    def __init__(self) -> None:
        self.day = FIRST
        self._ticks = 0

    def __call__(self) -> int:
        self._ticks += 1
        return self.day * MICROSECONDS_A_DAY + MICROSECONDS_A_DAY // 3 + self._ticks * 1000


def file(house: House, clock: Clock, app: App, fortnight: Fortnight, table: Table) -> None:
    """File a first edition as a partner's program does."""
    which = Title(app.partner, house.origin, fortnight, 1)
    data = report_file.write(which, table, CSV)
    path = f"/v1/reports/{fortnight.label}"
    headers = signing.sign(
        method="PUT",
        target_uri=house.origin + path,
        body=data,
        authorization=None,
        key_id=app.key_id,
        seed=app.seed,
        created=clock.day * SECONDS_A_DAY + SECONDS_A_DAY // 3,
        nonce=secrets.token_urlsafe(16),
    )
    signed = report_file.sign(which, app.key_id, data, lambda text: ed25519.sign(app.seed, text))
    with house.browser() as client:
        answer = client.put(
            path, content=data, headers={**headers, "content-type": CSV, "jws-signature": signed}
        )
    assert answer.status_code == 200, answer.text


@contextmanager
def told(data: Path) -> Iterator[House]:
    """Let six weeks go by. Marquee agrees, differs and files nothing; Jukebox agrees and files nothing twice.

    The platform looks at what is due when it starts, so it is started anew.
    """
    clock = Clock()
    tables = {}
    for partner in ("marquee", "jukebox"):
        for fortnight in FORTNIGHTS:
            rows = walk(partner, fortnight)
            keep(rows, data / "events")
            tables[partner, fortnight] = table_of(rows)
    with serving(data, "127.0.0.1", clock) as house:
        marquee, jukebox = (register_app(house, name.lower(), name) for name in ("Marquee", "Jukebox"))
        agreed, differed, _ = FORTNIGHTS
        clock.day = agreed.over_on
        file(house, clock, marquee, agreed, tables["marquee", agreed])
        file(house, clock, jukebox, agreed, tables["jukebox", agreed])
        clock.day = differed.over_on
        file(house, clock, marquee, differed, short_of_clicks(tables["marquee", differed]))
    clock.day = FORTNIGHTS[-1].due
    with serving(data, "127.0.0.1", clock) as house:
        until(house, "/register/jukebox/reports", 'bad">missing', 2)
        until(house, "/register/marquee/reports", 'bad">missing', 1)
    with serving(data, "127.0.0.1", clock) as house:
        for partner in ("marquee", "jukebox"):
            for fortnight in FORTNIGHTS:
                until(house, f"/register/{partner}/reports/{fortnight.label}", "<h2>Totals</h2>", 1)
        yield house


def until(house: House, path: str, words: str, times: int) -> None:
    """Ask for a page until it says what the platform is about to settle, and leave it the time in between."""
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    with house.browser() as client:
        while client.get(path).text.count(words) < times:
            assert time.monotonic() < ends, f"{path}: expected {words!r}"
            pause.wait(0.25)


@pytest.mark.slow
def test_reports_of_two_partners_over_three_fortnights(tmp_path: Path, new_page: NewPage) -> None:
    with told(tmp_path) as house:
        page = new_page(java_script_enabled=False)
        for partner in ("marquee", "jukebox"):
            page.goto(f"{house.origin}/register/{partner}")
            page.get_by_role("link", name="report of what it sent").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("Reports of")
            shoot(page, f"reports-{partner}")
        for fortnight, verdict in zip(FORTNIGHTS, ("agrees", "differs", "missing"), strict=True):
            page.goto(f"{house.origin}/register/marquee/reports/{fortnight.label}")
            expect(page.locator(".state").first).to_have_text(verdict)
            shoot(page, f"report-{verdict}")
        printed(page, f"{house.origin}/register/marquee/reports/{FORTNIGHTS[1].label}")
        inside(house, page)


def inside(house: House, page: Page) -> None:
    """Look at the same as a member of the partner and as the staff."""
    with house.browser() as browser:
        maya = Person("maya", "Maya", browser)
        maya.does("/signup", handle="maya", name="Maya", password=SECRET)
        house.operator("/operator/members", {"partner": "marquee", "handle": "maya", "member": True})
        house.operator("/operator/staff", {"handle": "maya", "staff": True})
        carried_over(page, maya)
        for name, path in (
            ("console-reports", "/console/marquee/reports"),
            ("staff-reports", "/staff/reports"),
            ("staff-report", f"/staff/reports/marquee/{FORTNIGHTS[1].label}"),
        ):
            page.goto(f"{house.origin}{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            shoot(page, name)


def printed(page: Page, address: str) -> None:
    """Print a report; with pictures, keep it."""
    page.goto(address)
    folder = os.environ.get("VESTIBULE_SCREENSHOTS")
    page.set_viewport_size({"width": 720, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    if folder:
        page.screenshot(path=Path(folder) / "report-printed.png", full_page=True)
    pdf = page.pdf(path=Path(folder) / "report.pdf" if folder else None, format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    page.emulate_media(media="screen")
