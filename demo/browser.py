"""A browser as far as the story needs one: cookies, redirects, links and forms with their hidden fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin

import httpx2

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Fields = Mapping[str, str | Sequence[str]]
    Files = Mapping[str, tuple[str, IO[bytes], str]]

TIMEOUT = 60.0


@dataclass(slots=True)
class Form:
    """A form as the page fills it in: hidden fields, dates, boxes that are ticked."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser shows: an address and a document."""

    url: str
    html: str
    text: str
    links: tuple[str, ...]
    links_by_text: Mapping[str, str]
    forms: tuple[Form, ...]

    @property
    def path(self) -> str:
        """Path of the address, query included."""
        return httpx2.URL(self.url).raw_path.decode()

    def link(self, start: str) -> str:
        """Return the last link whose address begins like this: the newest of a conversation."""
        for link in reversed(self.links):
            if link.startswith(start):
                return link
        raise DemoError(f"{self.url}: expected a link to {start}..., found none")

    def form(self, action: str) -> Form:
        """Return the form that goes to this address."""
        for form in self.forms:
            if form.action == action:
                return form
        raise DemoError(f"{self.url}: expected a form to {action}, found none")

    def expect(self, text: str) -> None:
        """Stop unless the page shows this text."""
        if text not in self.text:
            raise DemoError(f"{self.url}: expected to read {text!r} on the page")


class Browser:
    """One person's browser."""

    def __init__(self) -> None:
        self._http = httpx2.Client(follow_redirects=True, timeout=TIMEOUT)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def open(self, url: str) -> Page:
        """Go to an address, through every redirect."""
        return _page(self._http.get(url))

    def follow(self, page: Page, start: str) -> Page:
        """Click a link."""
        return self.open(urljoin(page.url, page.link(start)))

    def submit(self, page: Page, action: str, fields: Fields, files: Files | None = None) -> Page:
        """Fill in a form and press its button; what is not named stays as the page has it."""
        response = self.send(page, action, fields, files)
        return _page(response)

    def send(self, page: Page, action: str, fields: Fields, files: Files | None = None) -> httpx2.Response:
        """Press a form's button, and look at the bare answer."""
        form = page.form(action)
        data = {**form.fields, **fields}
        url = urljoin(page.url, form.action)
        if form.method == "get":
            return self._http.get(url, params=data)
        return self._http.post(url, data=data, files=files)

    def download(self, url: str) -> bytes:
        """Fetch a file."""
        response = self._http.get(url)
        if not response.is_success:
            raise DemoError(f"{url}: expected a file, got {response.status_code}")
        return response.content


def _page(response: httpx2.Response) -> Page:
    page = parse(str(response.url), response.text)
    if not response.is_success:
        shown = " ".join(page.text.split())[:300]
        raise DemoError(f"{response.request.method} {response.url}: {response.status_code} {shown}")
    return page


def parse(url: str, html: str) -> Page:
    """Read a document."""
    reader = _Reader()
    reader.feed(html)
    return Page(
        url, html, "".join(reader.text), tuple(reader.links), reader.links_by_text, tuple(reader.forms)
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.links_by_text: dict[str, str] = {}
        self.forms: list[Form] = []
        self._link_began = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
            self._link_began = len(self.text)
        elif tag == "form":
            self.forms.append(Form(values.get("action") or "", (values.get("method") or "get").lower()))
        elif tag == "input" and self.forms and _counts(values):
            name = values["name"] or ""
            self.forms[-1].fields.setdefault(name, []).append(values.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            text = " ".join("".join(self.text[self._link_began :]).split())
            self.links_by_text.setdefault(text, self.links[-1].partition("#")[0])

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _counts(values: Mapping[str, str | None]) -> bool:
    """Whether an input is sent as it stands."""
    if not values.get("name"):
        return False
    kind = values.get("type") or "text"
    return "checked" in values if kind in ("checkbox", "radio") else kind not in ("file", "submit")
