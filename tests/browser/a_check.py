"""A visitor of the page /verify: gives it her files, and reads what it found."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.a_liar import Liar
from tests.verdict.log_builder import LogBuilder
from vestibule.verdict.person_file import PersonFile, render

HOLDS = "Everything that was checked holds"
STALE = "The days fit the time"
"""The step that the made-up logs cannot pass: they are as old as their builder's clock."""


@dataclass(frozen=True)
class Outcome:
    """What the page showed.

    Attributes:
        verdict: the heading and what stands under it.
        steps: for each step shown, its title and state.
        text: all that was found, as text.
    """

    verdict: str
    steps: dict[str, str]
    text: str

    @property
    def failed(self) -> list[str]:
        """The steps that do not hold."""
        return [title for title, state in self.steps.items() if state == "Does not hold"]


def check(
    page: Page,
    liar: Liar,
    person: PersonFile | None = None,
    *,
    policy: bytes | None = None,
    receipt: str | None = None,
) -> Outcome:
    """Open the page, give it the files, start it, wait for its verdict."""
    page.goto(f"{liar.origin}/verify")
    if person is not None:
        give(page, "#person-file", render(person))
    if receipt is not None:
        give(page, "#receipt-file", receipt.encode())
    if policy is not None:
        page.get_by_text("Trust keys of your own choice").click()
        give(page, "#policy-file", policy)
    page.get_by_role("button", name="Check the log").click()
    page.locator("#verdict:not([hidden])").wait_for()
    return read(page)


def read(page: Page) -> Outcome:
    """Read what the page shows."""
    titles = page.locator("#steps > li > p:first-child").all_inner_texts()
    states = page.locator("#steps .state").all_inner_texts()
    return Outcome(
        verdict=page.locator("#verdict").inner_text(),
        steps={title.removeprefix(state).strip(): state for title, state in zip(titles, states, strict=True)},
        text=page.locator("#result").inner_text(),
    )


def give(page: Page, field: str, content: bytes) -> None:
    """Choose a file."""
    page.set_input_files(field, {"name": "file", "mimeType": "application/octet-stream", "buffer": content})


def serve(liar: Liar, log: LogBuilder) -> None:
    """Serve a log, whatever it says, with the operator's policy for it."""
    liar.files = log.files() | {"policy": log.policy()}
