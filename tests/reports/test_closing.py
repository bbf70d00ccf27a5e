import pytest

from tests.reports.a_desk import Desk, made, table, title
from tests.webhooks.a_partner import Endpoint, sandbox
from vestibule.ledger import leaf as leaves
from vestibule.ledger.engagement import authenticate
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report import ReportLeaf
from vestibule.reports import reading


def reports_on_record(desk: Desk) -> list[ReportLeaf]:
    rows = desk.world.run(desk.world.store.read(lambda tx: tx.all("select leaf from entry order by idx")))
    found = [leaves.parse(row[0]) for row in rows]
    return [leaf for leaf in found if isinstance(leaf, ReportLeaf)]


def of(desk: Desk, fortnight: Fortnight) -> list[ReportLeaf]:
    return [leaf for leaf in reports_on_record(desk) if leaf.fortnight == fortnight]


def test_a_report_that_nobody_files_is_missing_once_and_for_ever(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.due - 1)
    desk.look()
    assert of(desk, fortnight) == []
    desk.on(fortnight.due)
    desk.look()
    desk.look()
    [leaf] = of(desk, fortnight)
    assert (leaf.verdict, leaf.edition, leaf.theirs, leaf.day) == ("missing", 0, None, fortnight.due)
    edition = desk.edition(fortnight)
    assert leaf.ours == authenticate(edition.our_key, table(fortnight, (3, 1)))
    desk.file(made(title(fortnight), table(fortnight, (3, 1))), fortnight.label)
    desk.look()
    assert [(one.edition, one.verdict, one.is_late) for one in of(desk, fortnight)] == [
        (0, "missing", True),
        (1, "agrees", True),
    ]
    period = desk.period(fortnight)
    assert period is not None
    assert period.was_missing
    assert period.is_late
    assert (desk.edition(fortnight).verdict, period.is_open) == ("agrees", False)


def test_what_was_filed_in_time_is_not_missing(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.due - 1)
    desk.file(made(title(fortnight), table(fortnight, (3, 1))), fortnight.label)
    desk.on(fortnight.due)
    desk.look()
    assert [leaf.verdict for leaf in of(desk, fortnight)] == ["agrees"]


def test_nothing_is_owed_for_a_fortnight_in_which_nothing_was_counted(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.on(fortnight.due + 1)
    desk.look()
    assert of(desk, fortnight) == []
    assert desk.period(fortnight) is None


def test_what_was_kept_while_the_log_could_not_write_is_put_on_record_and_not_missing(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.due - 1)
    with desk.world.broken_log(), pytest.raises(Exception, match="log"):
        desk.file(made(title(fortnight), table(fortnight, (3, 1))), fortnight.label)
    desk.on(fortnight.due)
    desk.look()
    assert [(leaf.edition, leaf.verdict) for leaf in of(desk, fortnight)] == [(1, "agrees")]


def test_what_a_crash_left_kept_is_put_on_record_before_its_correction(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.over_on)
    report = made(title(fortnight), table(fortnight, (2, 1)))
    kept = desk.keep(fortnight, report, table(fortnight, (2, 1)))
    assert (kept, of(desk, fortnight)) == (True, [])
    desk.file(made(title(fortnight, edition=2), table(fortnight, (3, 1))), fortnight.label)
    assert [leaf.edition for leaf in of(desk, fortnight)] == [1, 2]


def test_what_a_crash_left_kept_is_put_on_record_by_itself(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.over_on)
    desk.keep(fortnight, made(title(fortnight), table(fortnight, (2, 1))), table(fortnight, (2, 1)))
    desk.look()
    assert [leaf.verdict for leaf in of(desk, fortnight)] == ["differs"]
    assert desk.edition(fortnight).number == 1


def test_a_missing_report_waits_for_the_log_and_comes_before_what_is_filed_then(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.due)
    with desk.world.broken_log():
        desk.look()
    desk.file(made(title(fortnight), table(fortnight, (3, 1))), fortnight.label)
    assert [leaf.edition for leaf in of(desk, fortnight)] == [0, 1]


def test_what_is_due_is_listed_until_it_is_filed(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.over_on)
    desk.look()
    [due] = desk.world.run(reading.due_of(desk.world.store, "marquee"))
    assert (due.fortnight, due.last_day_in_time) == (fortnight, fortnight.due - 1)
    desk.file(made(title(fortnight), table(fortnight, (3, 1))), fortnight.label)
    assert desk.world.run(reading.due_of(desk.world.store, "marquee")) == ()


def shown_as_due(desk: Desk, fortnight: Fortnight) -> None:
    """Look at what the partner's program and the people who act for it are shown."""
    world, last_day = desk.world, write_day(fortnight.due - 1)
    [period] = world.signed("marquee", "GET", "/v1/reports").json()["periods"]
    assert period == {"period": fortnight.label, "last_day": last_day, "due": True, "editions": []}
    world.sign_up("vera")
    assert world.operate("members", {"partner": "marquee", "handle": "vera", "member": True}).is_success
    assert f"The report of {fortnight.label} is due:" in world.get("vera", "/console/marquee").text


def test_a_partner_is_reminded_three_days_before_and_on_the_last_day(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with sandbox(tmp_path_factory.mktemp("reminding")) as world:
        desk = Desk(world)
        told = Endpoint(world, "marquee", "report.due")
        fortnight = desk.begin()
        desk.counts(fortnight, table(fortnight, (3, 1)))
        for day in range(fortnight.over_on, fortnight.due):
            desk.on(day)
            desk.look()
            desk.look()
            if day == fortnight.over_on:
                shown_as_due(desk, fortnight)
        told.wait(2)
        at = [said["timestamp"][:10] for said in told.sent]
        assert at == [write_day(fortnight.due - 4), write_day(fortnight.due - 1)]
        assert told.data("report.due") == 2 * [
            {"period": fortnight.label, "last_day": write_day(fortnight.due - 1)}
        ]
        with world.recording() as events:
            told.close()
        assert events == []
