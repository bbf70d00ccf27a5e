from dataclasses import replace

import pytest

from tests.verdict.log_builder import ALICE, BOB, LogBuilder
from tests.verdict.stories import COUNTS, told, view_of
from vestibule.ledger.commitment import Opening, commit
from vestibule.ledger.leaf import Event, parse
from vestibule.ledger.tags import OWN, SHARED, partner_person_id
from vestibule.verdict.about_me import about_me
from vestibule.verdict.errors import BadPersonFile
from vestibule.verdict.person_file import PersonFile
from vestibule.verdict.verdict import Answer, Verdict


def ask(log: LogBuilder, person: bytes, called: str, partner: str = "jukebox") -> Verdict:
    return about_me(view_of(log), partner, log.person(person, "jukebox", "marquee", "operator"), called)


def test_zero_events_are_a_proven_no() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS)
    assert ask(log, BOB, "Bob").headline == (
        "Is any release to Jukebox recorded about Bob?   proven no   "
        "(0 of Bob's 0 events; rests on an honest gate or an honest Jukebox)"
    )


def test_without_matching_counts_it_rests_on_the_gate_alone() -> None:
    assert ask(told(), BOB, "Bob").summary == "0 of Bob's 0 events; rests on an honest gate alone"


def test_a_read_is_a_proven_yes() -> None:
    verdict = ask(told(), ALICE, "Alice")
    assert verdict.answer is Answer.PROVEN_YES
    assert verdict.summary == "1 of Alice's 3 events"


def test_a_card_sent_to_her_is_an_event_and_no_release() -> None:
    verdict = ask(told(), ALICE, "Alice", "marquee")
    assert verdict.answer is Answer.PROVEN_NO
    assert verdict.summary == "0 of Alice's 1 event; rests on an honest gate alone"


@pytest.mark.parametrize(("kind", "op"), [("exposure", "messages.read"), ("notify", "messages")])
def test_an_exposure_and_a_webhook_are_releases(kind: str, op: str) -> None:
    log = told()
    log.event(kind, "jukebox", BOB, op=op, n=1)
    assert ask(log, BOB, "Bob").answer is Answer.PROVEN_YES


def test_staff_reads_in_the_own_lane_are_releases() -> None:
    log = told()
    log.event("access", "jukebox", BOB, n=2, lane=OWN)
    assert ask(log, BOB, "Bob").answer is Answer.PROVEN_YES


def test_a_conversation_that_the_staff_opened_is_a_release_to_the_operator() -> None:
    log = told()
    log.event(
        "access",
        "operator",
        BOB,
        op="staff.abuse",
        n=2,
        lane=OWN,
        shown={"basis": "operator"},
        extra={"why": "He asked us to look"},
    )
    opened, spared = (ask(log, who, "somebody", "operator") for who in (BOB, ALICE))
    assert (opened.answer, opened.summary) == (Answer.PROVEN_YES, "1 of somebody's 1 event")
    [line] = opened.findings
    assert line.endswith(", 2 items: conversation abc, for this reason: He asked us to look")
    assert (spared.answer, spared.company.covers) == (
        Answer.PROVEN_NO,
        "covers operator: every partner id of the operator",
    )


def test_an_exposure_may_open_to_more_than_it_shows() -> None:
    log = told()
    log.event("exposure", "jukebox", BOB, n=3)
    assert ask(log, BOB, "Bob").answer is Answer.PROVEN_YES


def test_a_release_that_the_file_leaves_out_is_found_by_its_tag() -> None:
    log = told()
    older = log.person(BOB, "jukebox")
    log.event("exposure", "jukebox", BOB, n=1)
    verdict = about_me(view_of(log), "jukebox", older)
    assert verdict.answer is Answer.PROVEN_YES
    assert "not in the file" in verdict.findings[-1]


def test_an_event_that_the_file_does_not_open_makes_the_no_unprovable() -> None:
    log = told()
    older = log.person(BOB, "jukebox")
    log.event("grant", "jukebox", BOB)
    assert about_me(view_of(log), "jukebox", older).answer is Answer.NOT_PROVABLE


def test_a_skipped_counter_is_found() -> None:
    log = told()
    older = log.person(BOB, "jukebox")
    log.event("exposure", "jukebox", BOB, n=1, counter=1)
    with pytest.raises(BadPersonFile, match="lane shared: tag 1 is that of leaf 12, but tag 0 is in no leaf"):
        about_me(view_of(log), "jukebox", older)


def test_a_skipped_counter_among_the_openings_is_found() -> None:
    log = told()
    log.event("exposure", "jukebox", BOB, n=1, counter=1)
    with pytest.raises(BadPersonFile, match="opening of leaf 12: expected counter 0, got 1"):
        ask(log, BOB, "Bob")


def test_a_second_event_behind_her_tag_makes_the_no_unprovable() -> None:
    log = told()
    log.event("grant", "jukebox", BOB)
    older = log.person(BOB, "jukebox")
    log.event("exposure", "jukebox", BOB, n=1, counter=0)
    verdict = about_me(view_of(log), "jukebox", older)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert "expected a fresh tag, got the one of leaf 12" in verdict.findings[-1]


def test_a_company_is_asked_about_with_all_its_ids() -> None:
    log = told()
    log.partner("jukebox-kids", legal_entity="Jukebox Ltd")
    log.privilege("jukebox-kids")
    log.event("exposure", "jukebox-kids", BOB, n=1)
    verdict = about_me(view_of(log), "jukebox", log.person(BOB, "jukebox", "jukebox-kids"))
    assert verdict.answer is Answer.PROVEN_YES


def test_a_file_without_one_of_the_companys_ids_proves_nothing() -> None:
    log = told()
    log.partner("jukebox-kids", legal_entity="Jukebox Ltd")
    verdict = ask(log, BOB, "Bob")
    assert verdict.answer is Answer.NOT_PROVABLE
    assert "says nothing about jukebox-kids" in verdict.summary


def test_a_read_on_somebody_elses_grant_is_pointed_out() -> None:
    log = told()
    grant = log.event("grant", "jukebox", BOB)
    read = log.read("jukebox", ALICE, 1, grant=grant)
    assert any(
        f"leaf {read}: access messages.read names leaf {grant}" in line
        for line in ask(log, ALICE, "A").findings
    )


def test_a_read_after_the_end_of_its_grant_is_pointed_out() -> None:
    log = told()
    log.event("grant", "jukebox", BOB)
    log.event("end", "jukebox", ALICE, grant=8)
    log.read("jukebox", ALICE, 1, grant=8)
    assert any("names leaf 8 as its grant" in line for line in ask(log, ALICE, "Alice").findings)


def test_a_read_on_her_own_grant_is_not() -> None:
    assert not any("as its grant" in line for line in ask(told(), ALICE, "Alice").findings)


def refused(log: LogBuilder, person: PersonFile, reason: str) -> None:
    with pytest.raises(BadPersonFile, match=reason):
        about_me(view_of(log), "jukebox", person)


def with_lane(person: PersonFile, **changes: object) -> PersonFile:
    lanes = dict(person.partners["jukebox"])
    lanes[SHARED] = replace(lanes[SHARED], **changes)  # type: ignore[arg-type]  # the tests' own fields
    return replace(person, partners={"jukebox": lanes})


def test_a_file_of_another_log_is_refused() -> None:
    log = told()
    other = replace(log.person(BOB, "jukebox"), origin="other.example/log")
    refused(log, other, "origin: expected vestibule.example/log, got other.example/log")


def test_somebody_elses_proof_is_refused() -> None:
    log = told()
    proof = log.person(ALICE, "jukebox").partners["jukebox"][SHARED].proof
    refused(
        log,
        with_lane(log.person(BOB, "jukebox"), proof=proof),
        "partner jukebox, lane shared: the proof does",
    )


def test_the_other_lanes_proof_is_refused() -> None:
    log = told()
    proof = log.person(BOB, "jukebox").partners["jukebox"][OWN].proof
    refused(log, with_lane(log.person(BOB, "jukebox"), proof=proof), "lane shared: the proof does not hold")


def test_another_subject_does_not_fit_the_proofs() -> None:
    log = told()
    refused(
        log,
        replace(log.person(ALICE, "jukebox"), subject=BOB),
        "the proof does not hold under the log's VRF key",
    )


def test_a_changed_opening_is_refused() -> None:
    log = told()
    openings = log.person(ALICE, "jukebox").partners["jukebox"][SHARED].openings
    changed = replace(openings[1], private=openings[1].private.replace(b'"n":4', b'"n":3'))
    person = with_lane(log.person(ALICE, "jukebox"), openings=(openings[0], changed, openings[2]))
    refused(log, person, "opening of leaf 9: expected an opening of the commitment at index 9, got another")


def test_an_opening_of_no_leaf_is_refused() -> None:
    log = told()
    person = with_lane(log.person(ALICE, "jukebox"), openings=(Opening(12, bytes(32), b"{}"),))
    refused(log, person, "opening of leaf 12: expected a leaf below the checkpoint's size 12")


def test_an_opening_of_a_register_leaf_is_refused() -> None:
    log = told()
    person = with_lane(log.person(ALICE, "jukebox"), openings=(Opening(3, bytes(32), b"{}"),))
    refused(log, person, "opening of leaf 3: expected an event, got a PartnerLeaf leaf")


def test_a_hidden_opening_is_no_way_to_fewer_events() -> None:
    log = told()
    openings = log.person(ALICE, "jukebox").partners["jukebox"][SHARED].openings
    person = with_lane(log.person(ALICE, "jukebox"), openings=(openings[0],))
    assert about_me(view_of(log), "jukebox", person).summary == "1 of this person's 3 events"


def test_an_opening_shown_twice_is_refused() -> None:
    log = told()
    openings = log.person(ALICE, "jukebox").partners["jukebox"][SHARED].openings
    refused(
        log,
        with_lane(log.person(ALICE, "jukebox"), openings=(*openings, openings[0])),
        "expected counter 1, got 0",
    )


def test_an_opening_that_says_less_than_its_leaf_is_refused() -> None:
    log = told()
    log.read("jukebox", ALICE, 1, shown={"n": 2})
    refused(
        log, log.person(ALICE, "jukebox"), "opening of leaf 12: expected the leaf's number of items 2, got 1"
    )


def test_an_opening_about_somebody_else_is_refused() -> None:
    log = told()
    index = log.event("exposure", "jukebox", BOB, n=1)
    event = parse(log.entries[index])
    assert isinstance(event, Event)
    held = log.openings["jukebox", SHARED, BOB][-1]
    alice, bob = (partner_person_id(log.lane("jukebox", SHARED, who)[0]) for who in (ALICE, BOB))
    private = held.private.replace(bob.encode(), alice.encode())
    log.entries[index] = replace(event, commitment=commit(held.r, private)).encode()
    log.openings["jukebox", SHARED, BOB][-1] = replace(held, private=private)
    refused(
        log,
        log.person(BOB, "jukebox"),
        f"opening of leaf {index}: expected person {bob} of this lane, got {alice}",
    )


def test_an_opening_that_names_the_other_lane_is_refused() -> None:
    log = told()
    index = log.event("exposure", "jukebox", BOB, n=1)
    event = parse(log.entries[index])
    assert isinstance(event, Event)
    held = log.openings["jukebox", SHARED, BOB][-1]
    private = held.private.replace(b'"lane":"shared"', b'"lane":"own"')
    log.entries[index] = replace(event, commitment=commit(held.r, private)).encode()
    log.openings["jukebox", SHARED, BOB][-1] = replace(held, private=private)
    refused(log, log.person(BOB, "jukebox"), f"opening of leaf {index}: expected lane shared, got own")
