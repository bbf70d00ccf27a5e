import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdict import cosigning
from tests.verdict.log_builder import ALICE, BOB, LogBuilder
from tests.verdict.stories import told, view_of
from vestibule.ledger.commitments import Commitments
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.history import Epoch
from vestibule.ledger.leaf import Event, parse
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.tags import SHARED
from vestibule.ledger.vrf import VrfKey
from vestibule.tlog.encoding import to_base64 as b64
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.layout import CHECKPOINT
from vestibule.verdict.about_me import about_me
from vestibule.verdict.about_me_short import about_me_short
from vestibule.verdict.errors import BadHistoryProof, BadLog, BadPersonFile, UnknownPartner
from vestibule.verdict.history_proof import parse as parse_proof
from vestibule.verdict.log_view import read_log
from vestibule.verdict.proving import prove
from vestibule.verdict.shared_paths import collect
from vestibule.verdict.short_history import read_short
from vestibule.verdict.tail import read_tail, with_tail
from vestibule.verdict.trust import Trust, trust
from vestibule.verdict.verdict import Answer, Verdict

AUDITED = ("group auditors any a1", "quorum none")
PARTNERS = ("jukebox", "marquee")


def story() -> LogBuilder:
    log = told()
    log.epoch()
    return log


def trusting(log: LogBuilder) -> Trust:
    return trust(cosigning.policy(log, *AUDITED, names="a1"))


def made(
    log: LogBuilder, person: bytes, *, audited: bool = True, partners: tuple[str, ...] = PARTNERS
) -> bytes:
    times = {"a1": log.now} if audited else {}
    files = log.files() | {CHECKPOINT: cosigning.note(log, **times)}
    view = read_log(files.__getitem__, trusting(log))
    return prove(view, log.tree().node, log.person(person, *PARTNERS), partners)


def shown(log: LogBuilder, data: bytes, partner: str | None = "jukebox") -> Verdict:
    return about_me_short(read_short(data, trusting(log)), partner, "Bob", tail_read=False)


STORY = story()
MADE = made(STORY, ALICE)


def shown_with_tail(log: LogBuilder, data: bytes) -> Verdict:
    short = read_short(data, trusting(log))
    extended = with_tail(short, read_tail(log.files().__getitem__, short))
    return about_me_short(extended, "jukebox", "Bob", tail_read=True)


def test_no_events_are_a_proven_no_with_an_auditor() -> None:
    log = story()
    assert shown(log, made(log, BOB)).headline == (
        "Is any release to jukebox recorded about Bob?   proven no   "
        "(0 of Bob's 0 events, first 12 leaves; rests on an auditor's replay and on an honest gate alone)"
    )


def test_without_an_auditor_the_no_is_not_provable() -> None:
    log = story()
    verdict = shown(log, made(log, BOB, audited=False))
    assert verdict.answer is Answer.NOT_PROVABLE
    assert "no auditor counted: the operator could leave an event out of the map" in verdict.summary


def test_an_old_epoch_under_a_new_checkpoint_proves_no_absence_without_the_log() -> None:
    log = story()
    log.day += 2
    verdict = shown(log, made(log, BOB))
    assert verdict.answer is Answer.NOT_PROVABLE
    assert "its epoch is 2 days older than the auditors' cosignature" in verdict.summary
    assert shown_with_tail(log, made(log, BOB)).answer is Answer.PROVEN_NO


def test_a_read_is_a_proven_yes_with_or_without_an_auditor() -> None:
    log = story()
    for audited in (True, False):
        verdict = shown(log, made(log, ALICE, audited=audited))
        assert verdict.answer is Answer.PROVEN_YES
        assert verdict.summary == "1 of Bob's 3 events, first 12 leaves"
    assert verdict.findings[2].startswith("leaf 9: access messages.read by jukebox on 2026-11-23, 4 items")


def test_all_partners_of_the_proof_are_asked_about_together() -> None:
    log = story()
    verdict = shown(log, made(log, BOB), None)
    assert verdict.headline.startswith(
        "Is any release to any of 2 partners recorded about Bob?   proven no   (0 of Bob's 1 event"
    )
    assert verdict.company.covers.startswith("covers jukebox, marquee; whether a company has further")


def test_a_partner_that_the_proof_is_not_about_is_named() -> None:
    log = story()
    with pytest.raises(UnknownPartner, match="no partner 'marquee' in this proof; it is about: jukebox"):
        shown(log, made(log, BOB, partners=("jukebox",)), "marquee")


def test_what_the_proof_rests_on_is_said() -> None:
    log = story()
    rests = shown(log, made(log, BOB)).rests_on
    assert rests[1:3] == (
        "epoch: leaf 12 of 2026-11-23, 6 tags of the first 12 leaves in its map",
        "leaves from 12 on: not looked at",
    )
    assert "auditor: a1, run by: not said, at 2026-11-23 01:00:00 UTC" in rests
    assert "replay: none here; by a1, to size 13. It finds out if the map leaves an event out" in rests


def test_events_behind_the_epoch_are_shown_without_a_place_in_its_map() -> None:
    log = story()
    log.event("exposure", "jukebox", BOB, n=1)
    assert shown(log, made(log, BOB)).answer is Answer.PROVEN_YES


def omission() -> tuple[LogBuilder, bytes]:
    """Record a release of Bob's words, leave it out of the map, and write him a proof of nothing."""
    log = told()
    before = log.person(BOB, *PARTNERS)
    lying = Commitments()
    lying.map = PrefixMap()
    for index, entry in enumerate(log.entries):
        if isinstance(event := parse(entry), Event):
            lying.map.insert(event.tag, index)
    log.event("exposure", "jukebox", BOB, n=1)
    epoch = log.epoch(root=lying.map.root(), count=len(lying.map))
    leaf = parse(log.entries[epoch])
    assert isinstance(leaf, EpochLeaf)
    files = log.files() | {CHECKPOINT: cosigning.note(log)}
    view = read_log(files.__getitem__, trusting(log))
    lied = replace(view, history=replace(view.history, tags=lying, epochs=(Epoch(epoch, leaf),)))
    return log, prove(lied, log.tree().node, before, PARTNERS)


def test_an_event_left_out_of_the_map_fools_her_proof_and_is_therefore_never_a_proven_no() -> None:
    log, proof = omission()
    verdict = shown(log, proof)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert verdict.summary.startswith("0 of Bob's 0 events, first 13 leaves; no auditor counted")


def test_an_event_left_out_of_the_map_is_found_by_a_full_replay() -> None:
    log, _ = omission()
    view = view_of(log)
    assert [breach.message for breach in view.history.breaches] == ["expected an epoch over 7 tags, got 6"]
    verdict = about_me(view, "jukebox", log.person(BOB, *PARTNERS), "Bob")
    assert (verdict.answer, verdict.summary) == (Answer.PROVEN_YES, "1 of Bob's 1 event")


def test_a_wrong_map_of_the_operators_makes_no_proof() -> None:
    log, _ = omission()
    with pytest.raises(BadLog, match="expected an epoch leaf in the log, got none"):
        made(log, BOB)


def test_the_tail_of_the_log_is_searched_for_her_next_tags() -> None:
    log = story()
    proof = made(log, BOB)
    assert shown_with_tail(log, proof).summary.startswith(
        "0 of Bob's 0 events, to checkpoint 13; rests on an aud"
    )
    log.event("refusal", "jukebox", BOB)
    later = shown_with_tail(log, proof)
    assert later.answer is Answer.NOT_PROVABLE
    assert later.summary == "0 of Bob's 1 event, to checkpoint 14; the proof is older than some of them"
    log.event("exposure", "jukebox", BOB, n=1)
    assert shown_with_tail(log, proof).answer is Answer.PROVEN_YES


def test_an_auditor_of_the_proofs_checkpoint_is_not_named_under_the_tails() -> None:
    log = story()
    proof = made(log, BOB)
    log.event("refusal", "jukebox", ALICE)
    verdict = shown_with_tail(log, proof)
    assert verdict.answer is Answer.PROVEN_NO
    assert "auditors: no auditor counted" in verdict.rests_on
    assert not any(line.startswith("auditor: a1") for line in verdict.rests_on)
    assert "replay: none here; by a1, to size 13. It finds out if the map leaves an event out" in (
        verdict.rests_on
    )


def test_what_the_proof_opens_of_the_tail_is_not_new() -> None:
    log = story()
    log.event("refusal", "jukebox", BOB)
    assert shown_with_tail(log, made(log, BOB)).answer is Answer.PROVEN_NO


def tail_refused(log: LogBuilder, proof: bytes, reason: str) -> None:
    with pytest.raises((BadHistoryProof, BadLog), match=reason):
        shown_with_tail(log, proof)


def test_a_counter_skipped_in_the_tail_is_found() -> None:
    log = story()
    proof = made(log, BOB)
    log.event("exposure", "jukebox", BOB, n=1, counter=1)
    tail_refused(log, proof, "tag 1 is that of leaf 13 by jukebox, expected tag 0 and jukebox: the log hides")


def test_her_tag_under_another_partners_name_is_found_in_the_tail() -> None:
    log = story()
    proof = made(log, BOB)
    log.event("exposure", "jukebox", BOB, n=1, shown={"partner": "marquee"})
    log.event("refusal", "jukebox", ALICE)
    tail_refused(log, proof, "tag 0 is that of leaf 13 by marquee, expected tag 0 and jukebox")


def test_an_old_tag_of_hers_used_again_in_the_tail_is_found() -> None:
    log = story()
    proof = made(log, ALICE)
    log.event("exposure", "jukebox", ALICE, n=1, counter=0)
    tail_refused(log, proof, "tag 0 is that of leaf 13 by jukebox, expected tag 3 and jukebox")


def test_a_tag_twice_in_the_tail_is_found() -> None:
    log = story()
    proof = made(log, BOB)
    for _ in range(2):
        log.event("exposure", "jukebox", BOB, n=1, counter=0)
    tail_refused(log, proof, "leaf 14: expected a fresh tag, got the one of leaf 13")


def test_a_log_that_is_not_the_proofs_is_no_tail() -> None:
    log, other = story(), story()
    proof = made(log, BOB)
    other.event("refusal", "jukebox", BOB)
    other.entries[2], other.entries[4] = other.entries[4], other.entries[2]
    tail_refused(other, proof, "log: expected root [0-9a-f]{64} at size 13, got [0-9a-f]{64}")


def test_a_log_older_than_the_proof_is_no_tail() -> None:
    log = story()
    proof = made(log, BOB)
    del log.entries[-1]
    tail_refused(log, proof, "checkpoint: expected size 13 or more, as in the proof, got 12")


def test_a_file_older_than_the_log_makes_no_proof() -> None:
    log = story()
    older = log.person(BOB, *PARTNERS)
    log.event("refusal", "jukebox", BOB)
    with pytest.raises(BadPersonFile, match="expected an opening of leaf 13, got none; download a newer one"):
        prove(view_of(log), log.tree().node, older, PARTNERS)


def test_a_log_without_epoch_makes_no_proof() -> None:
    with pytest.raises(BadLog, match="expected an epoch leaf in the log, got none"):
        made(told(), BOB)


Value = dict[str, Any]


def _lane(value: Value) -> Value:
    lane: Value = value["partners"][0]["lanes"]["shared"]
    return lane


def _hide_the_last_event(value: Value) -> None:
    del _lane(value)["events"][-1]


def _claim_another_index(value: Value) -> None:
    _lane(value)["events"][0]["index"] = 9


def _show_another_leaf(value: Value) -> None:
    _lane(value)["events"][1]["leaf"] = _lane(value)["events"][1]["leaf"].replace('"n":4', '"n":0')


def _swap_the_events(value: Value) -> None:
    _lane(value)["events"].reverse()


def _take_the_other_lanes_proof(value: Value) -> None:
    _lane(value)["proof"] = value["partners"][0]["lanes"]["own"]["proof"]


def _be_somebody_else(value: Value) -> None:
    value["subject"] = BOB.hex()


def _cut_the_map(value: Value) -> None:
    value["map"] = "AA=="


def _take_another_genesis(value: Value) -> None:
    value["genesis"] = value["genesis"].replace('"suite":1', '"suite":2')


def _take_another_leaf_for_the_epoch(value: Value) -> None:
    event = _lane(value)["events"][0]
    value["epoch"] = {"index": event["index"], "leaf": event["leaf"]}
    value["tree"] = value["tree"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            _hide_the_last_event,
            "expected [0-9]+ hashes of 32 bytes|expected tag 2 absent from the map, got it in",
        ),
        (_claim_another_index, "hashes|inclusion proof of entry 9 leads to"),
        (_show_another_leaf, "inclusion proof of entry 9 leads to"),
        (_swap_the_events, "expected counter 0, got 2"),
        (_take_the_other_lanes_proof, "the proof does not hold under the log's VRF key"),
        (_be_somebody_else, "the proof does not hold under the log's VRF key"),
        (_cut_the_map, "map: expected root [0-9a-f]{64}, got 0{64}"),
        (_take_another_genesis, "inclusion proof of entry 0 leads to"),
        (_take_another_leaf_for_the_epoch, "hashes|epoch: expected an epoch leaf, got Event"),
    ],
)
def test_a_proof_that_lies_is_refused(change: Callable[[Value], None], reason: str) -> None:
    log = story()
    value = json.loads(made(log, ALICE))
    change(value)
    with pytest.raises(BadHistoryProof, match=reason):
        shown(log, json.dumps(value).encode())


def test_an_event_left_out_of_the_file_is_found_in_the_map() -> None:
    log = story()
    openings = log.openings["jukebox", SHARED, ALICE]
    data = made(log, ALICE)
    value = json.loads(data)
    del _lane(value)["events"][-1]
    log.openings["jukebox", SHARED, ALICE] = openings[:-1]
    proof = parse_proof(data)
    tree = log.tree()
    value["tree"] = b64(
        collect([i for i in proof.indexes() if i != openings[-1].index], tree.size, tree.node)
    )
    with pytest.raises(
        BadHistoryProof, match="expected tag 2 absent from the map, got it in the map for leaf 10"
    ):
        shown(log, json.dumps(value).encode())


def test_a_proof_under_a_second_vrf_key_is_refused() -> None:
    log = story()
    value = json.loads(made(log, BOB))
    log.vrf = VrfKey.from_seed(bytes(32))
    _lane(value)["proof"] = b64(log.lane("jukebox", SHARED, BOB)[1])
    with pytest.raises(BadHistoryProof, match="the proof does not hold under the log's VRF key"):
        shown(log, json.dumps(value).encode())


def test_a_proof_of_another_log_is_refused() -> None:
    log = story()
    other = LogBuilder(
        origin="other.example/log", signing=SigningKey.from_seed("other.example/log", bytes(32))
    )
    with pytest.raises(BadHistoryProof, match="expected a signature by the log other"):
        read_short(made(log, BOB), trusting(other))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "history proof, format: missing"),
        (b'{"format":"vestibule-history-proof/v1"}', "history proof, epoch: missing"),
        (b"\xff", "history proof: expected UTF-8"),
    ],
)
def test_what_is_no_history_proof_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadHistoryProof, match=reason):
        read_short(data, trusting(story()))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_json_in_a_field_makes_it_raise_anything_else(junk: object) -> None:
    for name in ("checkpoint", "genesis", "epoch", "subject", "partners", "tree", "map"):
        value = json.loads(MADE) | {name: junk}
        with pytest.raises(BadHistoryProof):
            read_short(json.dumps(value).encode(), trusting(STORY))
