import pytest

from tests.verdict import cosigning
from tests.verdict.cosigning import GROUPS, view
from tests.verdict.log_builder import READ
from tests.verdict.stories import told
from vestibule.tlog.errors import NoteError, QuorumError
from vestibule.verdict.could import could
from vestibule.verdict.trust import trust
from vestibule.verdict.vouched import vouch

BESIDE = (*GROUPS[:2], "quorum witnesses")
"""The auditors stand in the policy, and the quorum does not ask for them."""


@pytest.mark.parametrize(
    ("times", "attested"),
    [
        ({"w1": 100, "w2": 200, "a1": 300}, 100),
        ({"w1": 100, "w2": 200, "w3": 150, "a1": 300}, 150),
        ({"w1": 10**15, "w2": 200, "a1": 10**15}, 200),
        ({"w1": 400, "w2": 500, "a1": 300}, 300),
    ],
)
def test_the_attested_time_is_the_latest_that_a_quorum_reached(times: dict[str, int], attested: int) -> None:
    log = told()
    verified = vouch(cosigning.note(log, **times), trust(cosigning.policy(log, *GROUPS)))
    assert verified.attested_at == attested


def test_quorum_none_attests_no_time() -> None:
    log = told()
    verified = vouch(cosigning.note(log, w1=100), trust(cosigning.policy(log, "quorum none", names="w1")))
    assert (verified.attested_at, verified.witnesses) == (None, ())


def test_witnesses_and_auditors_are_told_apart() -> None:
    log = told()
    verified = vouch(cosigning.note(log, w1=1, w2=2, a1=3), trust(cosigning.policy(log, *GROUPS)))
    assert [one.name for one in verified.witnesses] == ["w1", "w2"]
    assert [one.name for one in verified.auditors] == ["a1"]


def test_an_auditor_beside_the_quorum_counts_and_moves_no_time() -> None:
    log = told()
    verified = vouch(cosigning.note(log, w1=1, w2=2, a2=900), trust(cosigning.policy(log, *BESIDE)))
    assert [one.name for one in verified.auditors] == ["a2"]
    assert verified.attested_at == 1


def test_too_few_auditors_are_none() -> None:
    log = told()
    lines = ("group auditors all a1 a2", "quorum none")
    verified = vouch(cosigning.note(log, a1=1), trust(cosigning.policy(log, *lines)))
    assert verified.auditors == ()


def test_an_auditor_that_the_platform_runs_is_none() -> None:
    log = told()
    policy = cosigning.policy(log, "# run-by a1 platform", *BESIDE)
    assert vouch(cosigning.note(log, w1=1, w2=2, a1=3), trust(policy)).auditors == ()


def test_the_platforms_keys_do_not_make_a_quorum() -> None:
    log = told()
    note, names = cosigning.note(log, w1=1, w2=2, a1=3), ("w1", "w2")
    for name in names:
        policy = cosigning.policy(log, f"# run-by {name} platform", *GROUPS)
        with pytest.raises(QuorumError, match="expected quorum both, got cosignatures by"):
            vouch(note, trust(policy))


def test_one_witness_counts_once_however_often_it_signs() -> None:
    log = told()
    twice = cosigning.note(log, w1=1, a1=3) + cosigning.note(log, w1=2).split(b"\n")[-2] + b"\n"
    with pytest.raises(QuorumError, match="expected quorum both, got cosignatures by w1, a1"):
        vouch(twice, trust(cosigning.policy(log, *GROUPS)))


def test_a_cosignature_of_another_checkpoint_spoils_the_note() -> None:
    log = told()
    moved = cosigning.note(log, w1=1, a1=3) + cosigning.note(log, size=5, w2=2).split(b"\n")[-2] + b"\n"
    with pytest.raises(NoteError, match="w2"):
        vouch(moved, trust(cosigning.policy(log, *GROUPS)))


def test_a_verdict_names_every_counted_key_and_every_key_that_counts_as_zero() -> None:
    log = told()
    said = ("# mode asynchronous", "# run-by w1 The Example Foundation", "# run-by w3 platform")
    verdict = could(
        view(log, cosigning.policy(log, *said, *GROUPS), w1=60, w2=0, w3=7, a1=3), "marquee", READ
    )
    assert verdict.rests_on[1:8] == (
        "mode: asynchronous, says the operator: answers do not wait for witnesses",
        "witness: w1, run by: The Example Foundation, at 1970-01-01 00:01:00 UTC",
        "witness: w2, run by: not said, at 1970-01-01 00:00:00 UTC",
        "time: 1970-01-01 00:00:00 UTC, attested by quorum both",
        "auditor: a1, run by: not said, at 1970-01-01 00:00:03 UTC",
        "counts as zero: w3 (run by the platform)",
        verdict.rests_on[7],
    )
    assert verdict.rests_on[7].startswith("policy: SHA-256 ")
    assert "replay: all 12 leaves were read and checked here" in verdict.rests_on
