"""Attaching a file in a real browser, with and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.test_consent import fits, shoot, with_a_conversation
from tests.web.conftest import House, serving
from vestibule.web.pages import STATIC

PICTURE = (STATIC / "mark.svg").read_bytes()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serving(tmp_path_factory.mktemp("house"), "localhost") as running:
        yield running


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_file_is_sent_along_and_saved(new_page: NewPage, house: House, *, script: bool) -> None:
    vera = with_a_conversation(
        new_page, house, java_script_enabled=script, viewport={"width": 360, "height": 700}
    )
    page = vera.page
    vera.goes("/inbox")
    page.get_by_role("link", name="Finn").click()
    page.get_by_text("Attach files").click()
    page.get_by_label("Up to 4 files of 10 MB each").set_input_files(
        {"name": "mark.svg", "mimeType": "image/svg+xml", "buffer": PICTURE}
    )
    page.get_by_label("Your message").fill("Here it is")
    vera.presses("Send" if script else "Send with files")

    expect(page.get_by_text("Here it is")).to_be_visible()
    shoot(page, f"attached-{script}")
    assert not script or fits(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="mark.svg").click()
    assert saved.value.suggested_filename == "mark.svg"
    assert saved.value.path().read_bytes() == PICTURE
