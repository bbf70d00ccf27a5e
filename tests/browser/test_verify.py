"""The page /verify with an honest log, and where something it needs is missing."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.a_check import HOLDS, STALE, check, give, serve
from tests.browser.a_liar import Liar
from tests.browser.conftest import NewPage
from tests.verdict.log_builder import ALICE, BOB, DAY, LogBuilder, seed
from tests.verdict.stories import COUNTS, told
from vestibule.ledger.tags import OWN
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.verdict.person_file import render

pytestmark = pytest.mark.usefixtures("curve")

WITNESSES = [SigningKey.from_seed(f"w{i}.example", seed(f"w{i}"), COSIGNATURE) for i in (1, 2)]
TIME = DAY * 86_400 + 7_200


def honest() -> LogBuilder:
    log = told()
    log.epoch()
    log.reconcile("jukebox", COUNTS)
    log.epoch(day=DAY + 1)
    return log


def test_an_honest_log_holds(page: Page, liar: Liar) -> None:
    serve(liar, honest())
    outcome = check(page, liar)
    assert outcome.verdict.startswith(HOLDS)
    nothing_to_compare = {"It continues what this browser saw before", "Who else vouches for it"}
    unchecked = {title for title, state in outcome.steps.items() if state == "Not checked"}
    assert unchecked == {STALE, *nothing_to_compare}
    assert {state for title, state in outcome.steps.items() if title not in unchecked} == {"Holds"}
    assert "Keys chosen by the operator" in outcome.text
    assert "Time not attested" in outcome.text
    assert "2 epochs with the map and totals that the entries give" in outcome.text
    assert "jukebox's own signed count of the first 13 entries (entry 13) is the same" in outcome.text
    assert re.search(r"jukebox\taccess messages.read\t1\t4", outcome.text)


def test_a_person_sees_every_event_and_that_there_is_no_other(page: Page, liar: Liar) -> None:
    log = honest()
    serve(liar, log)
    outcome = check(page, liar, log.person(ALICE, "jukebox", "marquee"))
    assert outcome.steps["Your own history"] == "Holds"
    assert (
        "3 events between Jukebox and you, which gave it something of yours once. There is no other."
        in outcome.text
    )
    assert (
        "it was given 4 messages of yours (messages.read); asked for in the partner's own signature"
        in outcome.text
    )
    assert (
        "1 event between Marquee and you, which gave it nothing of yours. There is no other." in outcome.text
    )


STAFF_TOOL: Mapping[str, Any] = {"op": "staff.abuse", "lane": OWN, "shown": {"basis": "operator"}}
WHY = "Alice <b>reported</b> that she is threatened"


def test_a_person_reads_which_conversation_the_staff_opened_and_why(page: Page, liar: Liar) -> None:
    log = honest()
    log.event("access", "operator", ALICE, n=2, extra={"why": WHY}, **STAFF_TOOL)
    serve(liar, log)
    outcome = check(page, liar, log.person(ALICE, "jukebox", "marquee", "operator"))
    assert outcome.steps["Your own history"] == "Holds"
    found = outcome.text
    assert "1 event between the operator's staff and you, which gave it something of yours once" in found
    assert "it was shown 2 messages of a conversation of yours (staff.abuse), abc" in found
    assert f", for this reason: {WHY}." in found
    assert "staff knows you as" not in found


def test_a_file_that_keeps_silent_about_the_staff_is_not_enough_once_its_tool_is_in_the_log(
    page: Page, liar: Liar
) -> None:
    log = honest()
    log.event("access", "operator", BOB, n=2, extra={"why": WHY}, **STAFF_TOOL)
    serve(liar, log)
    outcome = check(page, liar, log.person(ALICE, "jukebox", "marquee"))
    assert outcome.steps["Your own history"] != "Holds"
    assert "the operator's staff: your file says nothing about this partner" in outcome.text
    outcome = check(page, liar, log.person(ALICE, "jukebox", "marquee", "operator"))
    assert "Zero events between the operator's staff and you" in outcome.text


def test_a_person_of_whom_nothing_is_recorded(page: Page, liar: Liar) -> None:
    log = honest()
    serve(liar, log)
    outcome = check(page, liar, log.person(b"carol".ljust(16, b"\x03"), "jukebox", "marquee"))
    assert outcome.steps["Your own history"] == "Holds"
    for name in ("Jukebox", "Marquee"):
        assert (
            f"Zero events between {name} and you: in neither lane is your first tag in the log."
            in outcome.text
        )


def test_events_newer_than_the_file_are_shown_as_such(page: Page, liar: Liar) -> None:
    log = honest()
    person = log.person(BOB, "jukebox", "marquee")
    log.event("refusal", "jukebox", BOB)
    serve(liar, log)
    outcome = check(page, liar, person)
    found = outcome.text
    assert outcome.steps["Your own history"] == "Not checked"
    assert "your file does not open 1 of your events" in found
    assert "1 event between Jukebox and you, which gave it nothing of yours" in found
    assert "Not in your file: 1 of them" in found


def test_a_log_that_grew_continues_what_the_browser_saw(page: Page, liar: Liar) -> None:
    log = honest()
    serve(liar, log)
    check(page, liar)
    for _ in range(600):
        log.event("refusal", "jukebox", BOB)
    serve(liar, log)
    assert "It only adds 600 entries" in check(page, liar).text
    assert "It is the state this browser was shown last time" in check(page, liar).text


def test_witnesses_that_count_are_named_with_their_time(page: Page, liar: Liar) -> None:
    log = honest()
    named = "".join(f"witness w{i} {key.verifier}\n" for i, key in enumerate(WITNESSES, start=1))
    said = "# run-by w1 The Example Foundation\n# mode synchronous\n"
    groups = "group auditors any w2\ngroup two all w1 auditors\nquorum two\n"
    policy = f"log {log.signing.verifier}\n{named}{groups}{said}"
    text = Checkpoint(log.origin, len(log.entries), log.tree().root()).text
    lines = "".join(cosign(text, key, TIME + i) for i, key in enumerate(WITNESSES))
    liar.files = log.files() | {"checkpoint": (log.note() + lines).encode()}

    outcome = check(page, liar, policy=policy.encode())

    assert "Keys chosen by you" in outcome.text
    assert "vouches for this state at 2026-11-23 02:00:00 UTC" in outcome.text
    assert "waits for witnesses in synchronous mode" in outcome.text
    assert "Witness w1, run by: The Example Foundation, at 2026-11-23 02:00:00 UTC" in outcome.text
    assert "Auditor w2, run by: not said, at 2026-11-23 02:00:01 UTC" in outcome.text


def test_where_the_newest_lacks_witnesses_the_newest_with_enough_is_read(page: Page, liar: Liar) -> None:
    log = honest()
    policy = f"log {log.signing.verifier}\nwitness w1 {WITNESSES[0].verifier}\nquorum w1\n".encode()
    older = len(log.entries)
    text = Checkpoint(log.origin, older, log.tree().root()).text
    witnessed = (log.note() + cosign(text, WITNESSES[0], TIME)).encode()
    old = log.files()
    log.event("refusal", "jukebox", BOB)
    liar.files = old | log.files() | {"policy": policy, "checkpoint.witnessed": witnessed}

    outcome = check(page, liar)

    assert outcome.failed == []
    assert f"{older + 1} entries, signed by the log's key" in outcome.text
    assert f"All {older} entries were read" in outcome.text


def test_a_receipt_is_found_in_the_log_and_its_opening_fits(page: Page, liar: Liar) -> None:
    log = honest()
    index = log.openings["jukebox", "shared", ALICE][-1].index
    receipt = log.release("jukebox", ALICE)
    log.event("refusal", "jukebox", BOB)
    serve(liar, log)
    outcome = check(page, liar, receipt=receipt)
    assert outcome.steps["Your receipt is of this log"] == "Holds"
    assert (
        f"Entry {index} of this log, signed when it had 15 entries: refusal messages.read by jukebox"
        in outcome.text
    )
    assert "Its opening is that of this entry" in outcome.text


def test_without_the_curve_the_rest_works_and_the_command_is_named(page: Page, liar: Liar) -> None:
    liar.curve = False
    log = honest()
    serve(liar, log)
    outcome = check(page, liar, log.person(ALICE, "jukebox", "marquee"))
    assert outcome.verdict.startswith(HOLDS)
    assert outcome.steps["Your own history"] == "Not checked"
    expect(page.get_by_text("This installation lacks the curve arithmetic for it")).to_be_visible()
    expect(page.get_by_text("vestibule verify history")).to_be_visible()


def test_without_script_the_command_is_what_is_offered(new_page: NewPage, liar: Liar) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{liar.origin}/verify")
    expect(page.locator("noscript .notice")).to_be_visible()
    expect(page.get_by_role("button", name="Check the log")).to_be_disabled()


def test_it_is_used_by_keyboard_and_the_verdict_gets_the_focus(page: Page, liar: Liar) -> None:
    serve(liar, honest())
    page.goto(f"{liar.origin}/verify")
    page.get_by_role("button", name="Check the log").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=HOLDS)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen(new_page: NewPage, liar: Liar, scheme: str) -> None:
    page = new_page(viewport={"width": 320, "height": 700}, color_scheme=scheme)
    log = honest()
    serve(liar, log)
    check(page, liar, log.person(ALICE, "jukebox", "marquee"))
    page.get_by_text("By day").click()
    page.get_by_text("Trust keys of your own choice").click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_person_file_that_is_none_is_refused_with_its_place(page: Page, liar: Liar) -> None:
    log = honest()
    serve(liar, log)
    page.goto(f"{liar.origin}/verify")
    file = render(log.person(ALICE, "jukebox", "marquee"))
    broken = file.replace(b'"index": ', b'"index": "7", "was": ', 1)
    give(page, "#person-file", broken)
    page.get_by_role("button", name="Check the log").click()
    page.locator("#verdict:not([hidden])").wait_for()
    assert "partners[0]: shared: openings[0]: index: expected a number" in page.inner_text("#result")
