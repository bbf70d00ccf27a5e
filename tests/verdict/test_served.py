from dataclasses import replace
from typing import Any

import pytest

from tests.verdict.log_builder import ALICE, BOB, NOW, READ, LogBuilder
from tests.verdict.stories import COUNTS, told, view_of
from vestibule.verdict.errors import BadPersonFile
from vestibule.verdict.served import was_served
from vestibule.verdict.verdict import Answer


def test_a_signed_request_in_an_opening_makes_it_served() -> None:
    log = told()
    verdict = was_served(view_of(log), "jukebox", READ, log.person(ALICE, "jukebox"))
    assert verdict.headline == (
        "Was Jukebox served private messages?   proven yes   "
        "(1 read, 4 messages, signed by Jukebox; at most 1 connected person)"
    )


def test_without_an_opening_it_is_recorded_and_no_more() -> None:
    verdict = was_served(view_of(told()), "jukebox", READ)
    assert verdict.answer is Answer.RECORDED
    assert verdict.summary == (
        "1 read, 4 messages, no request signed by Jukebox shown; at most 1 connected person"
    )


def test_the_file_of_somebody_who_was_not_read_proves_nothing() -> None:
    log = told()
    verdict = was_served(view_of(log), "jukebox", READ, log.person(BOB, "jukebox"))
    assert verdict.answer is Answer.RECORDED


def test_a_file_without_the_partner_proves_nothing() -> None:
    log = told()
    assert was_served(view_of(log), "jukebox", READ, log.person(ALICE, "marquee")).answer is Answer.RECORDED


def test_one_persons_openings_show_their_part_of_the_total() -> None:
    log = told()
    log.event("grant", "jukebox", BOB)
    log.read("jukebox", BOB, 2)
    verdict = was_served(view_of(log), "jukebox", READ, log.person(BOB, "jukebox"))
    assert verdict.summary == (
        "1 read, 2 messages of 2 reads, 6 messages recorded, signed by Jukebox; at most 2 connected persons"
    )


def test_no_read_at_all_is_a_proven_no_that_rests_on_an_honest_gate() -> None:
    verdict = was_served(view_of(told()), "marquee", READ)
    assert verdict.answer is Answer.PROVEN_NO
    assert verdict.summary == "0 reads, 0 messages recorded; at most 0 connected persons"
    assert "honesty: an honest gate alone" in verdict.rests_on


def test_reads_that_gave_nothing_served_no_messages() -> None:
    log = LogBuilder()
    log.partner("jukebox")
    log.privilege("jukebox")
    log.event("grant", "jukebox", ALICE)
    log.read("jukebox", ALICE, 0)
    verdict = was_served(view_of(log), "jukebox", READ, log.person(ALICE, "jukebox"))
    assert verdict.answer is Answer.PROVEN_NO
    assert verdict.summary.startswith("1 read, 0 messages recorded")


def test_an_honest_partner_is_cited_only_with_matching_counts() -> None:
    log = told()
    log.reconcile("marquee", {"refusal/messages.read": (1, 0)})
    verdict = was_served(view_of(log), "marquee", READ)
    assert "honesty: an honest gate or an honest Marquee" in verdict.rests_on


def test_a_partner_that_broke_a_rule_gets_no_proven_no() -> None:
    log = told()
    log.privilege("marquee", signer="jukebox")
    assert was_served(view_of(log), "marquee", READ).answer is Answer.NOT_PROVABLE


def refused(log: LogBuilder, reason: str) -> None:
    with pytest.raises(BadPersonFile, match=reason):
        was_served(view_of(log), "jukebox", READ, log.person(ALICE, "jukebox"))


def test_a_request_somebody_else_signed_is_no_evidence() -> None:
    log = told()
    log.event("access", "jukebox", ALICE, n=1, request=log.signed("jukebox", signer="marquee"))
    refused(log, "opening of leaf 12: the request is not jukebox's: expected a signature by the named key")


def test_one_request_is_no_evidence_of_two_reads() -> None:
    log = told()
    request = log.signed("jukebox")
    for _ in range(2):
        log.event("access", "jukebox", ALICE, n=1, request=request)
    refused(log, "opening of leaf 13: expected a request of its own, got that of leaf 12")


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "POST"},
        {"target_uri": "https://vestibule.example/oauth/token"},
        {"target_uri": "https://vestibule.example/v1/conversations/abc/messages/more"},
    ],
)
def test_a_request_for_something_else_is_no_evidence_of_a_read(changes: dict[str, Any]) -> None:
    log = told()
    log.event("access", "jukebox", ALICE, n=1, request=log.signed("jukebox", **changes))
    refused(log, "expected a request for messages.read, got ")


def test_an_old_request_is_no_evidence_of_a_new_read() -> None:
    log = told()
    request = log.signed("jukebox", created=NOW - 3 * 86_400)
    log.event("access", "jukebox", ALICE, n=1, request=request)
    refused(log, "expected a request of day 20780, got one of day 20777")


def test_a_key_that_is_not_on_the_register_signs_nothing() -> None:
    log = LogBuilder()
    log.partner("jukebox")
    log.privilege("jukebox")
    log.event("grant", "jukebox", ALICE)
    request = log.signed("jukebox")
    base = request.base.replace('"k1"', '"k2"')
    log.event("access", "jukebox", ALICE, n=1, request=replace(request, base=base, key_id="k2"))
    refused(log, "expected a key of jukebox in force, got 'k2'")


def test_an_opening_names_every_message_it_counts() -> None:
    log = told()
    log.read("jukebox", ALICE, 3, messages=("00" * 32,))
    refused(log, "opening of leaf 12: expected digests of 3 messages, got 1")


def test_counts_that_do_not_match_are_not_cited() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS | {"access/messages.read": (1, 3)})
    view = view_of(log)
    assert was_served(view, "jukebox", "friends.list").rests_on.count("honesty: an honest gate alone") == 1


def test_the_file_of_somebody_whose_words_were_in_the_answer_is_evidence_too() -> None:
    log = told()
    log.event("exposure", "jukebox", BOB, n=3, request=log.signed("jukebox"))
    verdict = was_served(view_of(log), "jukebox", READ, log.person(BOB, "jukebox"))
    assert verdict.summary == (
        "1 read, 3 messages of 1 read, 4 messages recorded, signed by Jukebox; at most 1 connected person"
    )
