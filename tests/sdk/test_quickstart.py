"""docs/quickstart.md, command by command, with two people who do what it says in between."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path

import httpx2
import pytest

from tests.ports import free_ports
from tests.web.conftest import PASSWORD, Person, befriend
from tests.web.deciding import decide
from vestibule.ledger.engagement import Counted
from vestibule.ledger.fortnight import Fortnight
from vestibule.sdk.engagement import read_counts

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quickstart.md"
STAYS = ("vestibule serve", "python examples/")
"""Commands that go on until they are stopped."""
PATIENCE = 60


class Reader:
    """Somebody who types what the page says, in an empty folder, and on ports that nobody has."""

    def __init__(self, folder: Path) -> None:
        (folder / "examples").symlink_to(ROOT / "examples")
        self._folder = folder
        first = free_ports(3)
        self.platform = f"http://localhost:{first}"
        self.jukebox, self.marquee = f"http://127.0.0.1:{first + 1}", f"http://127.0.0.1:{first + 2}"
        text = PAGE.read_text()
        for said, here in (("8420", first), ("8500", first + 1), ("8600", first + 2)):
            text = text.replace(said, str(here))
        # What the page leaves out because it is the default.
        text = re.sub(r"^(vestibule serve)", rf"\1 --port {first}", text, flags=re.MULTILINE)
        text = re.sub(
            r"^(vestibule operator \S+)", rf"\1 --platform {self.platform}", text, flags=re.MULTILINE
        )
        for app, port in (("jukebox.py", first + 1), ("marquee/server.py", first + 2)):
            text = text.replace(f"python examples/{app}", rf"python examples/{app} --port {port}")
        text = re.sub(r"^(python \S+)", rf"\1 --platform {self.platform}", text, flags=re.MULTILINE)
        self.commands = iter(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        self.running: list[subprocess.Popen[bytes]] = []

    def types(self, what: str) -> str:
        """Type the next block, which does this; returns what it prints."""
        block = next(self.commands)
        assert what in block
        child = self._started(f"set -e\n{block}")
        printed = child.communicate(timeout=PATIENCE)[0].decode()
        assert child.returncode == 0, f"{block}\n{printed}"
        return printed

    def starts(self, what: str, address: str) -> None:
        """Type the next block, which stays, and wait until somebody answers there."""
        block = next(self.commands)
        assert block.startswith(STAYS)
        assert what in block
        self.running.append(self._started(f"exec {block}"))
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.running[-1].poll() is None:
            with suppress(httpx2.TransportError):
                httpx2.get(address)
                return
        self.stops()
        raise AssertionError(f"{block} did not answer at {address}")

    def counted(self) -> Counted:
        """Give what Marquee counts in this fortnight."""
        table = read_counts(self._folder / "try" / "marquee.counts", Fortnight.of(int(time.time()) // 86_400))
        return Counted(sum(one.sends for one in table.values()), sum(one.clicks for one in table.values()))

    def stops(self) -> None:
        """Stop what was started last."""
        child = self.running.pop()
        child.terminate()
        child.communicate(timeout=PATIENCE)

    def _started(self, script: str) -> subprocess.Popen[bytes]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.Popen(
            ["sh", "-c", script],
            cwd=self._folder,
            env=os.environ | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    typing = Reader(tmp_path)
    yield typing
    while typing.running:
        typing.stops()


def signed_up(platform: str, name: str) -> Person:
    browser = httpx2.Client(base_url=platform, timeout=PATIENCE)
    person = Person(name.lower(), name, browser)
    person.does("/signup", handle=person.handle, name=name, password=PASSWORD)
    return person


def sends(person: Person, dialog: str, to: str) -> str:
    """Choose somebody in the dialog and send; returns where that leads."""
    page = person.sees(dialog.removeprefix(str(person.browser.base_url).rstrip("/")))
    carried = dict(re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', page))
    fields = {name: unescape(value) for name, value in carried.items()}
    return person.does("/dialog", **fields, to=[to], note="for Sunday", decision="send")


def test_the_page_leads_from_nothing_to_a_recommendation_and_a_read_with_its_receipt(reader: Reader) -> None:
    reader.starts("vestibule serve", reader.platform)
    ana, bob = signed_up(reader.platform, "Ana"), signed_up(reader.platform, "Bob")
    befriend(ana, bob)
    talk = ana.writes_to(bob, body='do you know "Blue in Green"?')
    bob.says(talk, 'no, but "So What"')
    assert "on the register: leaves" in reader.types("marquee.seed")
    reader.starts("marquee", reader.marquee)
    _recommends(reader, ana, bob, talk)
    assert "/register/jukebox" in reader.types("jukebox.seed")
    reader.types("policy")
    reader.starts("jukebox", reader.jukebox)
    visitor = httpx2.Client(base_url=reader.jukebox, timeout=PATIENCE)
    songs = _connects(reader, visitor, ana, talk)
    assert "<li>Blue in Green</ol>" in songs
    assert "We read 2 messages. The public log says so in these leaves: " in songs
    reader.stops()
    printed = reader.types("verify receipt")
    assert "checked, and good: 1 receipt of 1 answer, in the log" in printed
    assert "access/messages.read: 1 with 2 items" in printed
    assert "Was Jukebox served private messages?" in printed
    reader.types("withdraw")
    for browser in (visitor, ana.browser, bob.browser):
        browser.close()


def _recommends(reader: Reader, ana: Person, bob: Person, talk: str) -> None:
    page = httpx2.get(reader.marquee).text
    dialog = unescape(re.findall(r'<recommend-button><a href="(.*?)"', page)[0])
    back = sends(ana, dialog, bob.handle)
    assert back.startswith(f"{reader.marquee}/back?")
    for _ in range(2):
        assert "To whom is not our business" in httpx2.get(back).text
    httpx2.get(f"{reader.marquee}/back?result=sent&state=made-up")
    seen = bob.sees(talk)
    assert "Stalker" in seen
    assert "for Sunday" in seen
    (link,) = set(re.findall(r'href="[^"]*(/r/[^"]+)"', seen))
    clicked = bob.browser.get(link).headers["location"]
    assert clicked.startswith(reader.marquee)
    assert "A friend recommended this film" in httpx2.get(clicked).text
    assert reader.counted() == Counted(1, 1)


def _connects(reader: Reader, visitor: httpx2.Client, ana: Person, talk: str) -> str:
    """Connect by a visitor's browser that is Ana's at the platform; returns the page of songs."""
    assert visitor.get("/back?code=x&state=y").status_code == 400
    sent = visitor.get("/connect").headers["location"]
    back = decide(ana.browser, sent, "connect", conversation=talk, password=PASSWORD)
    assert back.startswith(f"{reader.jukebox}/back?")
    return visitor.get(back, follow_redirects=True).text
