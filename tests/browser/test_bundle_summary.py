"""The page of a dispute bundle, in a browser and on paper."""

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import NewPage
from tests.verdict.bundles import files_of, lay_out, make
from tests.verdict.log_builder import ALICE, LogBuilder
from tests.verdict.stories import told

EVIL = "<script>document.title='ran'</script><img src=https://evil.example/x>\"'&"
A4 = 794
"""CSS pixels of an A4 page."""


def opened(log: LogBuilder, folder: Path, page: Page, *more: str, partner: str = "jukebox") -> list[str]:
    """Open the page of a bundle, and return what the browser asked for."""
    held = lay_out(log, folder / "held")
    assert make(held, "--called", "Alice", *more, partner=partner) == 0
    summary = folder / "summary.html"
    summary.write_bytes(files_of(held / "bundle.zip")["summary.html"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(summary.as_uri())
    return asked


def private(folder: Path) -> tuple[str, str]:
    return ("--person", str(folder / "held/alice.json"))


def test_it_says_everything_in_plain_words_on_one_page(page: Page, tmp_path: Path) -> None:
    asked = opened(told(), tmp_path, page, *private(tmp_path))
    assert len(asked) == 1
    assert page.locator("script, link, img, iframe").count() == 0
    assert page.locator("main > :first-child").inner_text().startswith("Private.")
    assert page.locator("h1").inner_text() == "What the log of vestibule.example/log says about Jukebox"
    assert page.locator(".answer").all_inner_texts() == [
        "Proven yes",
        "Proven yes",
        "Proven yes",
        "Not provable",
    ]
    about_her = page.locator("table").first
    assert about_her.locator("th").all_inner_texts()[:6] == [
        "Leaf",
        "Day",
        "Time",
        "Kind",
        "Partner",
        "Items",
    ]
    assert [row.split("\t") for row in about_her.locator("tbody tr").all_inner_texts()][1] == [
        "9",
        "2026-11-23",
        "01:00:00",
        "access messages.read",
        "jukebox",
        "4",
        "read 4 messages through this person's connection",
        "k1",
    ]
    assert "a read of the database beside the gate is recorded by no log" in page.locator("main").inner_text()


def test_names_in_the_log_are_text_and_nothing_else(page: Page, tmp_path: Path) -> None:
    log = told()
    log.partner("evil", name=EVIL, legal_entity=f"{EVIL} Ltd")
    asked = opened(log, tmp_path, page, partner="evil")
    assert len(asked) == 1
    assert EVIL in page.locator("h1").inner_text()
    assert page.title().endswith(EVIL)
    assert page.locator("script, img").count() == 0


def test_it_fits_a_phone_and_a_sheet_of_paper(new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(viewport={"width": 375, "height": 700})
    log = told()
    for _ in range(40):
        log.read("jukebox", ALICE, 1)
    opened(log, tmp_path, page, *private(tmp_path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4 - 2 * 60, "height": 1123})
    assert page.evaluate("document.documentElement.scrollWidth") <= A4 - 2 * 60
    assert (
        page.locator("main").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    )
    printed = page.pdf(format="A4")
    assert printed.count(b"/Type /Page\n") >= 3
