"""A member walks through her partner's console in a real browser, without script, and asks for a privilege.

VESTIBULE_SCREENSHOTS=folder makes pictures of every page, wide and narrow, light and dark.
"""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.looks import carried_over, shoot
from tests.web.conftest import (
    App,
    House,
    NewPerson,
    allow,
    allow_reading,
    befriend,
    let_in_and_read,
    recommend,
    register_app,
)

PURPOSE = "To suggest songs that fit what you talk about."
PAGES = (
    "",
    "/privileges",
    "/privileges/new",
    "/keys",
    "/addresses",
    "/webhooks",
    "/people",
    "/requests",
    "/usage",
    "/suspension",
)


@pytest.fixture(scope="module")
def app(house: House) -> App:
    made = register_app(house, "jukebox", "Jukebox")
    allow_reading(house, made)
    allow(house, made, "recommendations.receive", "To show what friends recommend.")
    return made


def signed_by_the_key(command: str, app: App, folder: Path) -> str:
    """Run the command as a partner's engineer would, where the key and the agreement are."""
    (folder / "jukebox.seed").write_bytes(app.seed)
    (folder / "agreement.pdf").write_bytes(b"We agree.")
    words = command.replace("YOUR.seed", "jukebox.seed").replace("vestibule ask", '"$@" ask')
    program = [sys.executable, "-c", "from vestibule.cli.main import main; raise SystemExit(main())"]
    done = subprocess.run(
        ["sh", "-c", words, "sh", *program], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_member_walks_through_the_console_and_asks_for_a_privilege(
    house: House, app: App, new_page: NewPage, new_person: NewPerson, tmp_path: Path
) -> None:
    vera, finn = new_person("Vera"), new_person("Finn")
    befriend(vera, finn)
    talk = vera.writes_to(finn, body="The song of the day")
    let_in_and_read(house, app, vera, talk.rpartition("/")[2])
    recommend(house, app, vera, to=finn, note="Listen!")
    house.operator("/operator/members", {"partner": "jukebox", "handle": vera.handle, "member": True})
    page = new_page(java_script_enabled=False)
    carried_over(page, vera)

    page.goto(f"{house.origin}/account")
    page.get_by_role("link", name="go to the console").click()
    page.get_by_role("link", name="Jukebox").click()
    for path in PAGES:
        page.goto(f"{house.origin}/console/jukebox{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        shoot(page, f"console-{path.strip('/').replace('/', '-') or 'overview'}")

    page.goto(f"{house.origin}/console/jukebox")
    page.get_by_role("link", name="Ask for a privilege").click()
    page.get_by_label("Write as the person").check()
    page.get_by_label("For what purpose?").fill(PURPOSE)
    page.get_by_label("Until which day?").fill(f"{datetime.now(UTC) + timedelta(days=200):%Y-%m-%d}")
    (tmp_path / "agreement.pdf").write_bytes(b"We agree.")
    page.get_by_label("The agreement with the operator").set_input_files(tmp_path / "agreement.pdf")
    page.screenshot(path=tmp_path / "app.png")
    page.get_by_label("Pictures of your app").set_input_files(tmp_path / "app.png")
    page.get_by_role("button", name="Go on to signing").click()
    expect(page.get_by_role("heading", name="Sign it")).to_be_visible()
    shoot(page, "console-signing")
    command = page.locator("pre").inner_text()
    page.get_by_label("What it printed").fill(signed_by_the_key(command, app, tmp_path))
    page.get_by_role("button", name="Hand it to the operator").click()
    expect(page.get_by_text("Signed, and with the operator.")).to_be_visible()
    shoot(page, "console-signed")
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    expect(page.get_by_role("link", name="Privileges").last).to_be_visible()
    assert re.fullmatch(r"[a-z0-9]{13}", page.url.partition("?")[0].rpartition("/")[2])
