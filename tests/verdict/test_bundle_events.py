"""The lines of a bundle's tables."""

from tests.verdict.log_builder import ALICE
from tests.verdict.stories import told, view_of
from vestibule.verdict import bundle_events
from vestibule.verdict.company import company_of


def test_a_persons_lines_say_what_when_and_whether_the_partner_signed() -> None:
    log = told()
    log.event("refusal", "jukebox", ALICE, request=log.signed("jukebox", signer="marquee"))
    view = view_of(log)
    lines = bundle_events.of_person(
        view, company_of(view.history, "jukebox"), log.person(ALICE, "jukebox"), None
    )
    assert [(line.index, line.what, line.signed_with) for line in lines] == [
        (8, "this person agreed to messages.read", ""),
        (9, "read 4 messages through this person's connection", "k1"),
        (10, "asked for messages.read and was refused", "k1"),
        (12, "asked for messages.read and was refused", bundle_events.NOT_SIGNED),
    ]
    assert {line.at for line in lines} == {"2026-11-23 01:00:00"}


def test_lines_her_file_does_not_open_are_there_all_the_same() -> None:
    log = told()
    old = log.person(ALICE, "jukebox")
    log.read("jukebox", ALICE, 2)
    view = view_of(log)
    lines = bundle_events.of_person(view, company_of(view.history, "jukebox"), old, None)
    assert [(line.index, line.opened, line.at) for line in lines][-1] == (12, False, "")


def test_the_publics_lines_are_counted_by_day() -> None:
    view = view_of(told())
    lines = bundle_events.by_day(view, company_of(view.history, "jukebox"), None)
    assert [(line.what, line.events, line.items) for line in lines] == [
        ("access messages.read", 1, 4),
        ("grant messages.read", 1, 0),
        ("refusal messages.read", 1, 0),
    ]
