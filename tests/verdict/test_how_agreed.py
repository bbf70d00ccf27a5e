"""Every line about a grant says how she agreed to it, as far as the opening does."""

import pytest

from tests.verdict.consents import granted
from tests.verdict.log_builder import ALICE
from tests.verdict.stories import view_of
from vestibule.ledger.agreement import Agreement, Password
from vestibule.verdict import bundle_events, receipt_words, wording
from vestibule.verdict.about_me import about_me
from vestibule.verdict.company import company_of
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust


@pytest.mark.parametrize(
    ("agreement", "how"), [(None, wording.WITH_PASSKEY), (Password(), wording.WITH_PASSWORD)]
)
def test_a_grant_is_told_with_how_she_agreed_to_it(agreement: Agreement | None, how: str) -> None:
    found = granted(agreement=agreement)
    view, person = view_of(found.log), found.log.person(ALICE, "jukebox")

    assert about_me(view, "jukebox", person).findings[1:] == (
        f"leaf 4: grant messages.read by jukebox on 2026-11-23: she agreed {how}",
    )
    [line] = bundle_events.of_person(view, company_of(view.history, "jukebox"), person, None)
    assert line.what == f"this person agreed to messages.read, {how}"
    [receipt] = found.proofs()["grants"]
    said = receipt_words.private(open_receipt(receipt, trust(found.log.policy())))
    assert f"she agreed {how}" in said


def test_an_opening_that_does_not_say_how_is_told_without_it() -> None:
    assert wording.how_agreed({}) == ""
