"""A real browser for the tests: Chromium driven by Playwright, each page in a profile of its own.

A page that throws, logs an error or breaks the content security policy fails its test, whatever it shows.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.a_liar import Liar, serving
from tests.browser.chromium import Chromium, NoChromiumError, find
from tests.web.conftest import house, new_person
from vestibule.web.public.verifier import CURVE as PINNED

__all__ = ["house", "new_person"]

ARGUMENTS = [
    "--no-sandbox",  # root, as in CI, cannot have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds that a page may take for anything it is asked."""

expect.set_options(PATIENCE)

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """Find or install the browser once; without one skip, but in CI fail."""
    try:
        return find()
    except NoChromiumError as error:
        message = f"no Chromium: {error}; set VESTIBULE_CHROMIUM to one"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="session")
def curve() -> None:
    """Need the curve arithmetic of /verify, which the install fetches; without it skip, but in CI fail."""
    if PINNED.exists():
        return
    message = "no curve arithmetic for /verify; run: python tools/vendor.py"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator[Browser]:
    """Keep one browser running for a module.

    Not for the session: while Playwright's own loop lives in this thread, no test can call asyncio.run.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium.program, args=ARGUMENTS, env=chromium.environment
        )
        yield running
        running.close()


@pytest.fixture
def complaints() -> list[str]:
    """What went wrong in this test's pages; a test that provokes an error clears it after looking."""
    return []


@pytest.fixture
def new_page(browser: Browser, complaints: list[str]) -> Iterator[NewPage]:
    """Open pages, each as somebody else: new cookies, new storage. Options go to `Browser.new_context`."""
    contexts = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
        context.on(
            "console",
            lambda said: complaints.append(f"console: {said.text}") if said.type == "error" else None,
        )
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """Open one page in a new profile."""
    return new_page()


@pytest.fixture
def liar() -> Iterator[Liar]:
    """Serve the page /verify and a log that may lie."""
    with serving() as running:
        yield running
