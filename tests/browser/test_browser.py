"""The browser itself works, and its fixtures notice what a page does wrong."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage

POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
PAGES = {
    "/": "<!doctype html><title>Vestibule</title><h1>Hello, Ünal</h1><a href=/next>go on</a>",
    "/next": "<!doctype html><title>Next</title><p>there",
    "/inline": "<!doctype html><title>Inline</title><script>document.title = 'ran'</script>",
    "/throws": "<!doctype html><title>Throws</title><script src=/throws.js></script>",
    "/throws.js": "throw new Error('on purpose')",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path, "").encode()
        self.send_response(200)
        self.send_header(
            "Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
        )
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing; the tests read the pages."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_is_shown_and_a_link_is_followed(page: Page, site: str) -> None:
    page.goto(site)
    assert page.inner_text("h1") == "Hello, Ünal"
    page.click("text=go on")
    assert page.title() == "Next"


def test_text_is_drawn(page: Page, site: str) -> None:
    page.goto(site)
    box = page.locator("h1").bounding_box()
    assert box
    assert box["height"] > 10


def test_each_page_has_its_own_cookies(new_page: NewPage, site: str) -> None:
    first, second = new_page(), new_page()
    first.context.add_cookies([{"name": "session", "value": "hers", "url": site}])
    assert second.context.cookies() == []


def test_a_script_that_throws_is_noticed(page: Page, site: str, complaints: list[str]) -> None:
    page.goto(site + "/throws")
    assert any("on purpose" in complaint for complaint in complaints)
    complaints.clear()


def test_a_breach_of_the_content_security_policy_is_noticed(
    page: Page, site: str, complaints: list[str]
) -> None:
    page.goto(site + "/inline")
    assert page.title() == "Inline"
    assert any("Content Security Policy" in complaint for complaint in complaints)
    complaints.clear()


def test_a_page_works_without_script(new_page: NewPage, site: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(site + "/throws")
    assert page.title() == "Throws"
