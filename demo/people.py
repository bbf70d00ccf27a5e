"""The story's people, each acting through a browser of her own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.browser import Browser, Page
from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSWORD = "a door with a fanlight"
NAMES = ("Ana", "Bob", "Cleo", "Dan", "Eva")


@dataclass(slots=True)
class Person:
    """Somebody with an inbox.

    Attributes:
        name: what others see; the handle is the same in small letters.
        platform: the platform's origin.
        browser: hers.
    """

    name: str
    platform: str
    browser: Browser = field(default_factory=Browser)

    @property
    def handle(self) -> str:
        """Her handle."""
        return self.name.lower()

    def open(self, path: str) -> Page:
        """Go to one of the platform's pages."""
        return self.browser.open(self.platform + path)

    def arrive(self) -> str:
        """Sign up, or in where the account exists from before; says which of the two happened."""
        fields = {"handle": self.handle, "name": self.name, "password": PASSWORD}
        answer = self.browser.send(self.open("/signup"), "/signup", fields)
        if answer.is_success:
            return "signs up"
        page = self.open("/signin")
        self.browser.submit(page, "/signin", {"handle": self.handle, "password": PASSWORD})
        if self.open("/inbox").path != "/inbox":
            raise DemoError(f"{self.name} could neither sign up nor in")
        return "signs in: the account exists from before"

    def befriend(self, other: Person) -> bool:
        """Ask and be accepted; False if they are friends already."""
        page = self.open("/friends")
        if f"/new?to={other.handle}" in page.links:
            return False
        self.browser.submit(page, "/friends/ask", {"handle": other.handle})
        page = other.browser.submit(other.open("/friends"), "/friends/accept", {"handle": self.handle})
        page.expect(self.name)
        return True

    def conversation_with(self, title: str) -> str | None:
        """Find a conversation in the inbox by its title; returns its path."""
        return self.open("/inbox").links_by_text.get(title)

    def begin(self, to: Sequence[Person], body: str, title: str = "") -> str:
        """Begin a conversation and return its path."""
        handles = [other.handle for other in to]
        page = self.browser.submit(self.open("/new"), "/new", {"to": handles, "title": title, "body": body})
        page.expect(body)
        return page.path

    def write(self, conversation: str, body: str) -> None:
        """Write into a conversation."""
        self.browser.submit(self.open(conversation), conversation, {"body": body}).expect(body)
