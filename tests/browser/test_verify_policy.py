"""The page /verify and who vouches: read as the command reads it, and nobody accused by a race."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.a_check import check
from tests.browser.a_liar import Liar
from tests.browser.test_verify_lies import WITNESSES, two_of, witnessed_by
from tests.verdict.log_builder import ALICE, BOB, LogBuilder
from tests.verdict.stories import told
from vestibule.verdict.errors import BadPolicy
from vestibule.verdict.trust import trust

pytestmark = pytest.mark.usefixtures("curve")


@pytest.mark.parametrize(
    "said",
    [
        "# run-by w2 platform\n# run-by w2 A Foundation\n",
        "# run-by w9 A Foundation\n",
        "# mode synchronous\n# mode asynchronous\n",
    ],
    ids=["twice", "of nobody", "two modes"],
)
def test_a_policy_that_says_two_things_is_refused_here_as_by_the_command(
    page: Page, liar: Liar, said: str
) -> None:
    policy = two_of(*WITNESSES, said=said)
    with pytest.raises(BadPolicy):
        trust(policy.encode())
    liar.files = witnessed_by(told(), policy, *WITNESSES)
    assert check(page, liar).failed == ["Whose keys are trusted"]


def test_too_few_auditors_are_none(page: Page, liar: Liar) -> None:
    w1, w2, w3 = (f"witness w{i} {key.verifier}\n" for i, key in enumerate(WITNESSES, start=1))
    log = f"log {LogBuilder().signing.verifier}\n"
    policy = f"{log}{w1}{w2}{w3}group auditors 2 w2 w3\nquorum w1\n"
    liar.files = witnessed_by(told(), policy, WITNESSES[0], WITNESSES[1])
    assert "Auditor w" not in check(page, liar).text
    liar.files = witnessed_by(told(), policy, *WITNESSES)
    assert "Auditor w3, run by: not said" in check(page, liar).text


def test_a_log_that_is_witnessed_further_between_two_requests_is_not_accused(
    page: Page, browser: Browser, liar: Liar
) -> None:
    log = told()
    before = log.note()
    log.event("refusal", "jukebox", ALICE)
    policy = two_of(*WITNESSES)
    liar.files = told().files() | witnessed_by(log, policy, *WITNESSES) | {"checkpoint": before.encode()}
    outcome = check(page, liar)
    assert outcome.failed == []
    assert f"All {len(log.entries)} entries were read" in outcome.text

    # What is witnessed further has to have grown out of the newest all the same.
    other = told()
    other.event("refusal", "jukebox", BOB)
    other.event("refusal", "jukebox", ALICE)
    liar.files |= {"checkpoint": log.note().encode()} | log.files()
    liar.files |= witnessed_by(other, policy, *WITNESSES) | {"checkpoint": log.note().encode()}
    with browser.new_context() as fresh:
        outcome = check(fresh.new_page(), liar)
    assert outcome.failed == ["Who else vouches for it"]
    assert "two different logs were signed" in outcome.text
