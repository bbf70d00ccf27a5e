import pytest

from tests.verdict import cosigning
from tests.verdict.cosigning import GROUPS
from tests.verdict.log_builder import ORIGIN, LogBuilder
from vestibule.ledger import statements
from vestibule.verdict.errors import BadPolicy
from vestibule.verdict.trust import trust

LOG = LogBuilder()


def refused(reason: str, *lines: str, names: str = "w1 w2 w3 a1 a2") -> None:
    with pytest.raises(BadPolicy, match=reason):
        trust(cosigning.policy(LOG, *lines, names=names))


def test_comments_say_who_runs_a_key_and_whether_answers_wait() -> None:
    said = ("# run-by w1 The Example Foundation, Graz", "\t#  mode \t synchronous ", "# mode of the day")
    trusted = trust(cosigning.policy(LOG, *said, *GROUPS))
    assert trusted.run_by("w1") == "The Example Foundation, Graz"
    assert trusted.run_by("w2") == "not said"
    assert trusted.statements.mode == statements.SYNCHRONOUS
    assert trusted.zero == ()


@pytest.mark.parametrize("who", ["platform", "Platform"])
def test_a_key_that_the_platform_runs_counts_as_zero(who: str) -> None:
    trusted = trust(cosigning.policy(LOG, f"# run-by w1 {who}", *GROUPS))
    assert trusted.zero == (("w1", "run by the platform"),)
    assert not trusted.policy.satisfied_by(["w1", "w2", "a1"])
    assert trusted.policy.satisfied_by(["w2", "w3", "a1"])


def test_a_key_named_after_the_logs_own_host_counts_as_zero() -> None:
    names = f"w1@{ORIGIN.partition('/')[0].upper()} w2@vestibule.example.org w3 a1 a2"
    trusted = trust(cosigning.policy(LOG, *GROUPS, names=names))
    assert trusted.zero == (("w1", "named after the log's own host"),)


def test_a_quorum_that_only_the_platforms_keys_could_make_is_refused() -> None:
    refused(
        r"expected a quorum that can be reached, got w1 without w1 \(run by the platform\)",
        "# run-by w1 platform",
        "quorum w1",
        names="w1",
    )


def test_the_platforms_own_auditor_counts_as_zero_too() -> None:
    trusted = trust(cosigning.policy(LOG, "# run-by a1 platform", *GROUPS))
    assert not trusted.policy.satisfied_by(["w1", "w2", "a1"])


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("# run-by w9 somebody",), "line 3: expected run-by of a witness, got 'w9'"),
        (("# run-by w1 A", "# run-by w1 B"), "line 4: expected one run-by of w1, got a second"),
        (("# mode synchronous", "# mode asynchronous"), "line 4: expected one mode, got a second"),
    ],
)
def test_statements_that_do_not_fit_are_named_by_line(lines: tuple[str, ...], reason: str) -> None:
    refused(f"policy: {reason}", *lines, "quorum w1", names="w1")
