import base64
from dataclasses import replace

import pytest

from tests.verdict import cosigning
from tests.verdict.log_builder import ALICE, BOB, ORIGIN, LogBuilder, seed
from tests.verdict.stories import told
from vestibule.ledger import canonical
from vestibule.ledger.leaf import PartnerLeaf
from vestibule.ledger.request import SignedRequest
from vestibule.ledger.tags import NOBODY, OWN, SHARED, partner_person_id
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.proof import TlogProof
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import Release, check_release, open_receipt
from vestibule.verdict.trust import trust


def asked() -> tuple[LogBuilder, SignedRequest]:
    log = told()
    request = log.signed("jukebox")
    log.event("access", "jukebox", ALICE, n=2, request=request)
    return log, request


def person_of(log: LogBuilder, subject: bytes) -> str:
    return partner_person_id(log.lane("jukebox", SHARED, subject)[0])


def check(log: LogBuilder, text: str, request: SignedRequest, partner: str = "jukebox") -> Release:
    return check_release(text, trust(log.policy()), partner=partner, request=request)


def refused(log: LogBuilder, text: str, request: SignedRequest, reason: str) -> None:
    with pytest.raises(BadReceipt, match=reason):
        check(log, text, request)


def test_a_receipt_of_ones_own_request_is_good() -> None:
    log, request = asked()
    release = check(log, log.release("jukebox", ALICE), request)
    assert (release.index, release.event.n, release.private.counter, release.size) == (12, 2, 3, 13)


def test_a_refusal_of_nobody_has_a_receipt_too() -> None:
    log = told()
    request = log.signed("jukebox")
    log.event("refusal", "jukebox", NOBODY, request=request)
    assert check(log, log.release("jukebox", NOBODY), request).event.kind == "refusal"


def test_a_receipt_of_another_log_is_refused() -> None:
    log, request = asked()
    other = LogBuilder(signing=SigningKey.from_seed(ORIGIN, seed("another")))
    with pytest.raises(BadReceipt, match=r"expected a signature by the log vestibule.example/log, got none"):
        check(other, log.release("jukebox", ALICE), request)


def test_a_receipt_of_another_origin_is_refused() -> None:
    log, request = asked()
    other = LogBuilder(origin="old.example/log", signing=SigningKey.from_seed("old.example/log", seed("log")))
    with pytest.raises(BadReceipt, match=r"expected a signature by the log old.example/log, got none"):
        check(other, log.release("jukebox", ALICE), request)


def test_a_leaf_that_is_not_in_the_tree_is_refused() -> None:
    log, request = asked()
    text = log.release("jukebox", ALICE)
    log.entries[12] = log.entries[12].replace(b'"n":2', b'"n":1')
    forged = TlogProof.parse(text)
    extra = canonical.decode(forged.extra or b"") | {"leaf": log.entries[12].decode()}
    refused(log, replace(forged, extra=canonical.encode(extra)).render(), request, "^receipt: ")


def test_a_receipt_without_its_quorum_is_refused_unless_the_platform_says_it_does_not_wait() -> None:
    log, request = asked()
    text = log.release("jukebox", ALICE)
    for mode, counts in (("synchronous", False), ("asynchronous", True)):
        policy = cosigning.policy(log, f"# mode {mode}", "quorum w1", names="w1")
        if counts:
            assert open_receipt(text, trust(policy)).verified.attested_at is None
            assert check_release(text, trust(policy), partner="jukebox", request=request).size == 13
        else:
            with pytest.raises(BadReceipt, match="expected quorum w1, got cosignatures by nobody"):
                open_receipt(text, trust(policy))


def test_a_receipt_of_somebody_elses_request_is_refused() -> None:
    log, _ = asked()
    later = log.signed("jukebox")
    refused(
        log,
        log.release("jukebox", ALICE),
        later,
        "expected our GET .*, nonce nonce-5, got GET .*, nonce nonce-4",
    )


def test_a_receipt_without_a_request_is_refused() -> None:
    log = told()
    log.event("notify", "jukebox", ALICE, n=1)
    refused(
        log,
        log.release("jukebox", ALICE),
        log.signed("jukebox"),
        "expected our signed request in the opening",
    )


def test_another_partners_event_is_refused() -> None:
    log, request = asked()
    with pytest.raises(BadReceipt, match="expected an event of partner marquee, got one of jukebox"):
        check(log, log.release("jukebox", ALICE), request, partner="marquee")


def test_an_event_in_the_own_lane_is_no_receipt_for_a_partner() -> None:
    log = told()
    request = log.signed("jukebox")
    log.event("access", "jukebox", ALICE, n=1, lane=OWN, request=request)
    opening = log.openings["jukebox", OWN, ALICE][-1]
    text = log.receipt(opening.index, opening, log.lane("jukebox", OWN, ALICE)[0])
    refused(log, text, request, "expected the lane shared, got own")


def test_an_event_booked_on_somebody_else_is_refused() -> None:
    log, request = asked()
    opening = log.openings["jukebox", SHARED, ALICE][-1]
    text = log.receipt(opening.index, opening, log.lane("jukebox", SHARED, BOB)[0])
    refused(
        log, text, request, f"expected person {person_of(log, BOB)} of this lane, got {person_of(log, ALICE)}"
    )


def test_an_event_that_names_another_person_than_its_lane_is_refused() -> None:
    log = told()
    request = log.signed("jukebox")
    log.event("access", "jukebox", ALICE, n=1, request=request, person=person_of(log, BOB))
    text = log.release("jukebox", ALICE)
    refused(
        log, text, request, f"expected person {person_of(log, ALICE)} of this lane, got {person_of(log, BOB)}"
    )


def test_a_tag_of_another_counter_is_refused() -> None:
    log = told()
    request = log.signed("jukebox")
    log.event("access", "jukebox", ALICE, n=1, request=request, shown={"tag": bytes(32)})
    refused(
        log, log.release("jukebox", ALICE), request, "expected the tag of counter 3 in this lane, got another"
    )


def test_a_receipt_without_lane_key_is_refused() -> None:
    log, request = asked()
    opening = log.openings["jukebox", SHARED, ALICE][-1]
    refused(log, log.receipt(12, opening), request, "expected a lane key, got none")


def test_another_events_opening_is_refused() -> None:
    log, request = asked()
    opening = log.openings["jukebox", SHARED, ALICE][0]
    key = log.lane("jukebox", SHARED, ALICE)[0]
    refused(log, log.receipt(12, opening, key), request, "expected an opening of the commitment at index 12")


def test_a_register_leafs_receipt_needs_no_opening() -> None:
    log, request = asked()
    receipt = open_receipt(log.receipt(1), trust(log.policy()))
    assert isinstance(receipt.leaf, PartnerLeaf)
    refused(log, log.receipt(1), request, "receipt of leaf 1: expected an event, got a PartnerLeaf leaf")


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"v": 2}, "expected version 1, got 2"),
        ({"v": 1}, "expected text in 'leaf', got NoneType"),
        ({"v": 1, "leaf": 7}, "expected text in 'leaf', got int"),
        ({"r": "!"}, "expected base64 in 'r'"),
        ({"private": 1}, "expected text in 'private', got int"),
        ({"lane_key": "!"}, "expected base64 in 'lane_key'"),
        ({"lane_key": "AAAA"}, "expected a lane key of 32 bytes, got 3"),
    ],
)
def test_an_extra_line_that_is_not_one_of_ours_is_refused(extra: dict[str, object], reason: str) -> None:
    log, request = asked()
    proof = TlogProof.parse(log.release("jukebox", ALICE))
    held = canonical.decode(proof.extra or b"")
    changed = canonical.encode(extra if "v" in extra else held | extra)
    refused(log, replace(proof, extra=changed).render(), request, reason)


@pytest.mark.parametrize("text", ["", "c2sp.org/tlog-proof@v1\n", "\xff"])
def test_what_is_no_proof_is_refused(text: str) -> None:
    log, request = asked()
    refused(log, text, request, "^receipt: ")


def test_a_receipt_without_extra_line_is_refused() -> None:
    log, request = asked()
    bare = replace(TlogProof.parse(log.release("jukebox", ALICE)), extra=None)
    refused(log, bare.render(), request, "^receipt: ")


def test_a_changed_random_value_opens_nothing() -> None:
    log, request = asked()
    proof = TlogProof.parse(log.release("jukebox", ALICE))
    held = canonical.decode(proof.extra or b"") | {"r": base64.b64encode(bytes(32)).decode()}
    refused(log, replace(proof, extra=canonical.encode(held)).render(), request, "expected an opening of the")


def test_a_counter_no_lane_can_have_reached_is_refused() -> None:
    log = told()
    request = log.signed("jukebox")
    log.event("access", "jukebox", ALICE, n=1, request=request, counter=10**6)
    refused(
        log, log.release("jukebox", ALICE), request, "expected a counter below the log's size 13, got 1000000"
    )
