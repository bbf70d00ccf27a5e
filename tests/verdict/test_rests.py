import hashlib

from tests.verdict.log_builder import READ, witnessed
from tests.verdict.stories import told, view_of
from vestibule.verdict import wording
from vestibule.verdict.afterwards import afterwards
from vestibule.verdict.could import could
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust


def test_every_verdict_names_checkpoint_policy_and_what_no_log_can_say() -> None:
    log = told()
    rests = afterwards(view_of(log), "marquee").rests_on
    assert rests[0].startswith("checkpoint: vestibule.example/log, size 12, root ")
    assert rests[1:5] == (
        "mode: none: the policy names no witness, so that no answer waits for one",
        "witnesses: time not attested (quorum none: no witness counted)",
        "auditors: no auditor counted",
        f"policy: SHA-256 {hashlib.sha256(log.policy()).hexdigest()}, from the operator",
    )
    assert rests[-2:] == (
        "what Marquee did afterwards is not provable",
        "a read of the database beside the gate is recorded by no log",
    )


def test_counted_witnesses_are_named_with_their_time() -> None:
    log = witnessed()
    log.partner("marquee")
    view = read_log(log.files().__getitem__, trust(log.policy(), "a neighbour"))
    rests = could(view, "marquee", READ).rests_on
    assert rests[1] == "mode: not said: the policy does not state whether answers wait for witnesses"
    assert rests[2:4] == (
        "witness: w1, run by: not said, at 2026-11-23 01:00:00 UTC",
        "time: 2026-11-23 01:00:00 UTC, attested by quorum w1",
    )
    assert rests[5].endswith("from a neighbour")


def test_an_old_witness_time_is_pointed_out() -> None:
    assert wording.old(1_000, 1_000 + 86_400) is None
    assert wording.old(1_000, 1_000 + 2 * 86_400) == (
        "this may be an old state of the log: its witnesses saw it 2 days ago, at 1970-01-01 00:16:40 UTC"
    )


def test_a_time_beyond_the_calendar_is_said_in_seconds() -> None:
    assert wording.day(10**12) == "day 1000000000000"


def test_the_third_question_is_never_answered() -> None:
    verdict = afterwards(view_of(told()), "jukebox")
    assert verdict.headline == "What did Jukebox do with them afterwards?   not provable"
