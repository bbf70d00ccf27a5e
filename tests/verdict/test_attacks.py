"""What a dishonest operator can try, each attack against the check that stops it.

More of them stand beside what they attack: test_about_me, test_period, test_receipt, test_short_history.
"""

from dataclasses import replace

import pytest

from tests.verdict import cosigning
from tests.verdict.log_builder import ALICE, BOB, DAY, READ, LogBuilder
from tests.verdict.stories import told, view_of
from vestibule.ledger import canonical, tags
from vestibule.ledger.tags import SHARED
from vestibule.ledger.vrf import VrfKey
from vestibule.tlog.layout import CHECKPOINT
from vestibule.tlog.proof import TlogProof
from vestibule.verdict.about_me import about_me
from vestibule.verdict.could import could
from vestibule.verdict.errors import BadLog, BadPersonFile, BadPolicy, BadReceipt
from vestibule.verdict.log_view import read_log
from vestibule.verdict.period import Period
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.served import was_served
from vestibule.verdict.trust import trust
from vestibule.verdict.verdict import Answer


def test_a_split_view_lacks_the_witnesses_of_the_true_one() -> None:
    log, fork = told(), told()
    fork.entries[9] = fork.entries[9].replace(b'"n":4', b'"n":0')
    policy = cosigning.policy(log, "quorum w1", names="w1")
    read_log((log.files() | {CHECKPOINT: cosigning.note(log, w1=1)}).__getitem__, trust(policy))
    with pytest.raises(BadLog, match="expected quorum w1, got cosignatures by nobody"):
        read_log(fork.files().__getitem__, trust(policy))
    borrowed = cosigning.note(fork) + cosigning.note(log, w1=1).splitlines(keepends=True)[-1]
    with pytest.raises(BadLog, match=r"checkpoint: .* by w1\.example/w1"):
        read_log((fork.files() | {CHECKPOINT: borrowed}).__getitem__, trust(policy))


def test_a_witnesss_key_under_two_names_makes_no_policy() -> None:
    log = told()
    key = cosigning.key("w1").verifier
    lines = f"log {log.signing.verifier}\nwitness a {key}\nwitness b {key}\ngroup two all a b\nquorum two\n"
    with pytest.raises(BadPolicy, match=r"line 3: the public key of w1\.example/w1 is in the policy already"):
        trust(lines.encode())


def test_an_event_after_the_end_of_a_connection_is_found_by_her_and_by_no_replay() -> None:
    log = told()
    log.event("grant", "jukebox", BOB)
    log.event("end", "jukebox", ALICE, grant=8)
    late = log.read("jukebox", ALICE, 1, grant=8)
    view = view_of(log)
    assert view.history.breaches == ()
    findings = about_me(view, "jukebox", log.person(ALICE, "jukebox"), "Alice").findings
    assert any(f"leaf {late}: access messages.read names leaf 8 as its grant" in line for line in findings)


def test_an_event_of_another_partner_behind_a_tag_of_her_lane_is_found() -> None:
    log = told()
    person = log.person(BOB, "jukebox")
    hidden = log.event("exposure", "jukebox", BOB, n=1, shown={"partner": "marquee"})
    with pytest.raises(BadPersonFile, match=f"tag 0 stands at leaf {hidden}, which is none of jukebox's"):
        about_me(view_of(log), "jukebox", person)


def test_an_opening_of_another_partners_event_behind_a_tag_of_her_lane_is_refused() -> None:
    log = told()
    key, _ = log.lane("jukebox", SHARED, BOB)
    person = tags.partner_person_id(key)
    log.event("exposure", "marquee", BOB, n=1, shown={"tag": tags.tag(key, 0)}, person=person)
    log.openings["jukebox", SHARED, BOB] = log.openings["marquee", SHARED, BOB]
    with pytest.raises(BadPersonFile, match="expected an event of jukebox, got one of marquee"):
        about_me(view_of(log), "jukebox", log.person(BOB, "jukebox"))


def test_a_second_vrf_key_gives_no_second_lane() -> None:
    log = told()
    true, log.vrf = log.vrf, VrfKey.from_seed(bytes(32))
    log.event("exposure", "jukebox", BOB, n=1)
    person = log.person(BOB, "jukebox")
    assert log.vrf.public != true.public
    with pytest.raises(BadPersonFile, match="the proof does not hold under the log's VRF key"):
        about_me(view_of(log), "jukebox", person)


def test_a_wrong_total_closes_no_period() -> None:
    log, period = told(), Period(DAY, DAY)
    log.epoch(day=DAY + 1, table=bytes(32))
    policy = cosigning.policy(log, "quorum w1", names="w1")
    view = cosigning.view(log, policy, w1=period.end)
    assert view.history.breaches[0].message.startswith("expected the totals' digest ")
    verdict = was_served(view, "marquee", READ, period=period)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert "breaches: 1 rule is broken by leaves that are none of this company's" in verdict.rests_on
    log.epoch(day=DAY + 1)
    assert (
        was_served(cosigning.view(log, policy, w1=period.end), "marquee", READ, period=period).answer
        == "proven no"
    )


def test_an_empty_proof_in_a_tree_of_one_leaf_shows_that_leaf_alone() -> None:
    log = LogBuilder()
    other = told()
    proof = TlogProof(0, (), log.note(), canonical.encode({"v": 1, "leaf": log.entries[0].decode()}))
    assert open_receipt(proof.render(), trust(log.policy())).index == 0
    forged = replace(proof, extra=canonical.encode({"v": 1, "leaf": other.entries[1].decode()}))
    with pytest.raises(BadReceipt, match="inclusion proof of entry 0 leads to"):
        open_receipt(forged.render(), trust(log.policy()))


def test_an_empty_proof_in_a_larger_tree_shows_nothing() -> None:
    log = told()
    proof = TlogProof(0, (), log.note(), canonical.encode({"v": 1, "leaf": log.entries[0].decode()}))
    with pytest.raises(BadReceipt, match="inclusion proof is too short: got 0 hashes"):
        open_receipt(proof.render(), trust(log.policy()))


@pytest.mark.parametrize("signer", ["jukebox", "nobody"])
def test_a_privilege_that_the_partner_did_not_sign_gives_no_answer(signer: str) -> None:
    log = told()
    log.privilege("marquee", signer=signer)
    assert could(view_of(log), "marquee", READ).answer is Answer.NOT_PROVABLE


@pytest.mark.parametrize("kind", ["grant", "access"])
def test_an_unlogged_privilege_shows_where_it_is_used(kind: str) -> None:
    log = told()
    log.event(kind, "marquee", ALICE, n=0)
    verdict = could(view_of(log), "marquee", READ)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert any(
        "expected a privilege of marquee for messages.read in force, got none" in line
        for line in verdict.findings
    )


def test_a_tag_used_again_hides_nothing_from_a_replay() -> None:
    log = told()
    log.event("exposure", "jukebox", ALICE, n=1, counter=0)
    person = log.person(ALICE, "jukebox")
    lanes = dict(person.partners["jukebox"])
    lanes[SHARED] = replace(lanes[SHARED], openings=lanes[SHARED].openings[:3])
    verdict = about_me(view_of(log), "jukebox", replace(person, partners={"jukebox": lanes}), "Alice")
    assert "expected a fresh tag, got the one of leaf 8" in verdict.findings[-1]
