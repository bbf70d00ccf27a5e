import pytest

from tests.verdict import cosigning
from tests.verdict.log_builder import ALICE, BOB, DAY, READ, LogBuilder
from tests.verdict.stories import COUNTS, told, view_of
from vestibule.ledger.leaf import Withdrawal
from vestibule.verdict.about_me import about_me
from vestibule.verdict.could import could
from vestibule.verdict.errors import BadPeriod
from vestibule.verdict.log_view import LogView
from vestibule.verdict.period import Period
from vestibule.verdict.served import was_served
from vestibule.verdict.verdict import Answer, Verdict

ON_DAY = Period(DAY, DAY)
NEXT_DAY = Period(DAY + 1, DAY + 1)
MIDNIGHT = (DAY + 1) * 86_400


def two_days() -> LogBuilder:
    """Tell the story, and on the next day let Jukebox read twice from Bob."""
    log = told()
    log.epoch(day=DAY + 1)
    grant = log.event("grant", "jukebox", BOB)
    for messages in (2, 3):
        log.read("jukebox", BOB, messages, grant=grant)
    log.epoch(day=DAY + 2)
    return log


def seen(log: LogBuilder, at: int = MIDNIGHT + 2 * 86_400) -> LogView:
    return cosigning.view(log, cosigning.policy(log, "quorum w1", names="w1"), w1=at)


def history(log: LogBuilder, person: bytes, period: Period, at: int = MIDNIGHT + 2 * 86_400) -> Verdict:
    return about_me(seen(log, at), "jukebox", log.person(person, "jukebox", "marquee"), "Bob", period)


def test_a_period_counts_its_own_days_alone() -> None:
    view = seen(two_days())
    assert [was_served(view, "jukebox", READ, period=days).summary for days in (ON_DAY, NEXT_DAY)] == [
        "1 read, 4 messages, no request signed by Jukebox shown; at most 1 connected person",
        "2 reads, 5 messages, no request signed by Jukebox shown; at most 2 connected persons",
    ]
    assert was_served(view, "jukebox", READ, period=Period(DAY, DAY + 1)).summary.startswith(
        "3 reads, 9 mess"
    )


def test_a_persons_events_are_those_of_the_period() -> None:
    log = two_days()
    before, after = (history(log, BOB, days) for days in (ON_DAY, NEXT_DAY))
    assert before.headline == (
        "Is any release to Jukebox recorded about Bob on 2026-11-23?   proven no   "
        "(0 of Bob's 0 events; rests on an honest gate alone)"
    )
    assert after.answer is Answer.PROVEN_YES
    assert after.summary == "2 of Bob's 3 events"
    assert next(line for line in after.findings if line.startswith("leaf")).startswith("leaf 13: grant")
    assert after.rests_on[1] == ("period: on 2026-11-24, leaves 12 to 15, closed by the epoch of leaf 16")


def test_whose_word_the_days_are_is_said() -> None:
    log = two_days()
    operators = "days: that leaves carry the day on which they were written is the operator's word; "
    alone = was_served(seen(log), "jukebox", READ, period=ON_DAY).rests_on
    assert alone[2] == f"{operators}no auditor counted, who would hold new leaves against a clock"
    policy = cosigning.policy(log, "group auditors any a1", "quorum w1", names="w1 a1")
    view = cosigning.view(log, policy, w1=MIDNIGHT + 2 * 86_400, a1=MIDNIGHT)
    audited = was_served(view, "jukebox", READ, period=ON_DAY).rests_on
    assert audited[2].startswith(f"{operators}an auditor holds new leaves against its clock")
    assert not any(line.startswith("days:") for line in was_served(view, "jukebox", READ).rests_on)


def test_only_signed_reads_of_the_period_are_shown() -> None:
    log = two_days()
    person = log.person(BOB, "jukebox")
    assert was_served(seen(log), "jukebox", READ, person, ON_DAY).answer is Answer.RECORDED
    assert was_served(seen(log), "jukebox", READ, person, NEXT_DAY).answer is Answer.PROVEN_YES


def test_a_period_that_no_epoch_has_closed_is_not_provable() -> None:
    log = two_days()
    verdict = history(log, BOB, Period(DAY + 1, DAY + 2))
    assert verdict.answer is Answer.NOT_PROVABLE
    assert verdict.summary == (
        "the period is not closed: no epoch of a later day than 2026-11-25 is in the log; 2 of Bob's 3 events"
    )
    assert sum(line.startswith("leaf") for line in verdict.findings) == 3


def test_an_old_state_passed_off_as_todays_is_not_provable() -> None:
    log = two_days()
    frozen = history(log, ALICE, ON_DAY, at=MIDNIGHT - 1)
    assert frozen.answer is Answer.NOT_PROVABLE
    assert frozen.summary.startswith(
        "no witness time at or after the period's end, the latest is 2026-11-23 23:59:59 UTC; 1 of"
    )
    assert history(log, ALICE, ON_DAY, at=MIDNIGHT).answer is Answer.PROVEN_YES


def test_without_a_witness_no_period_is_provable() -> None:
    verdict = could(view_of(two_days()), "marquee", READ, ON_DAY)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert verdict.summary == ("no witness time at or after the period's end; no privilege, 0 connections")


def test_a_period_before_the_log_is_not_provable() -> None:
    verdict = could(seen(two_days()), "marquee", READ, Period(DAY - 1, DAY))
    assert verdict.answer is Answer.NOT_PROVABLE
    assert verdict.summary.startswith("the log begins on 2026-11-23, after the period does; no privilege")


@pytest.mark.parametrize("partner", ["jukebox", "marquee"])
def test_a_leaf_dated_back_into_a_closed_day_spoils_every_period(partner: str) -> None:
    log = two_days()
    log.day = DAY
    log.event("refusal", partner, ALICE)
    verdict = was_served(seen(log), "jukebox", "friends.list", period=ON_DAY)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert verdict.summary.startswith(
        "leaf 17 is dated back to a day before that of the leaf before it; 0 re"
    )


@pytest.mark.parametrize(("period", "answer"), [(ON_DAY, "proven yes"), (NEXT_DAY, "proven yes")])
def test_a_privilege_counts_up_to_its_withdrawal(period: Period, answer: str) -> None:
    log = told()
    log.epoch(day=DAY + 1)
    log.add(Withdrawal("jukebox", READ, DAY + 1))
    log.epoch(day=DAY + 2)
    log.epoch(day=DAY + 3)
    assert could(seen(log), "jukebox", READ, period).answer == answer
    assert could(seen(log, 2 * MIDNIGHT), "jukebox", READ, Period(DAY + 2, DAY + 2)).answer == "proven no"


def test_a_privilege_that_has_run_out_is_not_one_of_the_next_day() -> None:
    log = told()
    log.privilege("marquee", until_day=DAY)
    log.epoch(day=DAY + 1)
    log.epoch(day=DAY + 2)
    assert could(seen(log), "marquee", READ, ON_DAY).answer is Answer.PROVEN_YES
    assert could(seen(log), "marquee", READ, NEXT_DAY).answer is Answer.PROVEN_NO


def test_a_later_privilege_is_not_one_of_the_day_before() -> None:
    log = told()
    log.epoch(day=DAY + 1)
    log.privilege("marquee")
    log.epoch(day=DAY + 2)
    assert could(seen(log), "marquee", READ, ON_DAY).answer is Answer.PROVEN_NO
    assert could(seen(log), "marquee", READ, NEXT_DAY).answer is Answer.PROVEN_YES


def test_an_honest_partner_is_cited_only_for_periods_that_its_counts_cover() -> None:
    log = told()
    log.epoch(day=DAY + 1)
    log.reconcile("jukebox", COUNTS)
    log.read("jukebox", ALICE, 1)
    log.epoch(day=DAY + 2)
    assert history(log, BOB, ON_DAY).summary.endswith("rests on an honest gate or an honest Jukebox")
    assert history(log, BOB, NEXT_DAY).summary.endswith("rests on an honest gate alone")


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2026-11-24", "2026-11-23", "expected a last day from 2026-11-24 on, got 2026-11-23"),
        ("yesterday", "2026-11-23", "expected a date like 2026-11-30, got 'yesterday'"),
        ("2026-02-30", "2026-11-23", "expected a date like 2026-11-30, got '2026-02-30'"),
        ("1969-12-31", "2026-11-23", "expected"),
    ],
)
def test_what_is_no_period_is_refused(first: str, last: str, reason: str) -> None:
    with pytest.raises(BadPeriod, match=f"period: {reason}"):
        Period.parse(first, last)


def test_a_period_is_written_as_it_was_read() -> None:
    assert Period.parse("2026-11-23", "2026-11-24") == Period(DAY, DAY + 1)
    assert str(Period(DAY, DAY + 1)) == "from 2026-11-23 to 2026-11-24"
