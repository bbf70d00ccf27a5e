import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.gate.a_platform import ORIGIN, SEED, public
from tests.reports.a_desk import Desk, made, table, title
from vestibule.ledger import leaf as leaves
from vestibule.ledger.engagement import authenticate
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.report import ReportLeaf
from vestibule.ledger.report_file import CSV, JSON
from vestibule.recorder.errors import LogUnavailable
from vestibule.reports import editions, filing, reading, terms
from vestibule.reports.errors import EditionTaken, ReportRefused
from vestibule.reports.filing import Filed

HEADER = b"day,interface,surface,variant,sends,clicks\n"


def leaf_of(filed: Filed) -> ReportLeaf:
    leaf = leaves.parse(filed.recorded.leaf)
    assert isinstance(leaf, ReportLeaf)
    return leaf


def over(desk: Desk, *counts: tuple[int, int]) -> Fortnight:
    """Let a fortnight be over in which so much was counted."""
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, *counts))
    desk.on(fortnight.over_on)
    return fortnight


@pytest.mark.parametrize("kind", [CSV, JSON])
def test_a_report_as_the_platform_counted_agrees_and_is_on_record(desk: Desk, kind: str) -> None:
    fortnight = over(desk, (3, 1), (2, 2))
    filed = desk.file(made(title(fortnight), table(fortnight, (3, 1), (2, 2)), kind), fortnight.label)
    leaf = leaf_of(filed)
    assert (leaf.partner, leaf.fortnight, leaf.edition, leaf.verdict) == ("marquee", fortnight, 1, "agrees")
    assert (leaf.tolerance, leaf.is_late) == (0, False)
    assert leaf.ours == authenticate(filed.edition.our_key, table(fortnight, (3, 1), (2, 2)))
    assert leaf.theirs == authenticate(filed.edition.their_key, table(fortnight, (3, 1), (2, 2)))
    assert filed.edition.our_key != filed.edition.their_key
    assert desk.edition(fortnight) == filed.edition
    assert filed.edition.leaf_index == filed.recorded.index


def test_a_report_that_counts_otherwise_differs_row_by_row(desk: Desk) -> None:
    fortnight = over(desk, (10, 4), (5, 0))
    filed = desk.file(made(title(fortnight), table(fortnight, (10, 4), (4, 0))), fortnight.label)
    assert leaf_of(filed).verdict == "differs"
    rows = desk.world.run(reading.rows_of(desk.world.store, filed.edition))
    [(placed, row)] = reading.differences(rows).items()
    assert (placed.day, row.sends.ours, row.sends.theirs, row.sends.absolute) == (
        fortnight.first + 1,
        5,
        4,
        -1,
    )
    assert row.sends.percent == 20


def test_within_the_tolerance_that_was_agreed_it_agrees(desk: Desk) -> None:
    fortnight = over(desk, (10, 4))
    desk.world.run(terms.agree(desk.world.store, "marquee", 10))
    try:
        filed = desk.file(made(title(fortnight), table(fortnight, (9, 4))), fortnight.label)
    finally:
        desk.world.run(terms.agree(desk.world.store, "marquee", 0))
    assert (leaf_of(filed).verdict, leaf_of(filed).tolerance) == ("agrees", 10)


@pytest.mark.parametrize("tolerance", [-1, 101])
def test_a_tolerance_is_a_percentage(desk: Desk, tolerance: int) -> None:
    with pytest.raises(ReportRefused, match="expected 0 to 100 percent"):
        desk.world.run(terms.agree(desk.world.store, "marquee", tolerance))


def test_the_same_bytes_again_are_the_same_edition(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    report = made(title(fortnight), table(fortnight, (3, 1)))
    first, again = (desk.file(report, fortnight.label) for _ in range(2))
    assert (again.edition, again.recorded.index) == (first.edition, first.recorded.index)


def test_a_correction_is_the_next_edition_and_all_of_them_stay(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    desk.file(made(title(fortnight), table(fortnight, (2, 1))), fortnight.label)
    desk.file(made(title(fortnight, edition=2), table(fortnight, (3, 1))), fortnight.label)
    period = desk.period(fortnight)
    assert period is not None
    assert [(one.number, one.verdict) for one in period.editions] == [(2, "agrees"), (1, "differs")]
    assert period.counts == period.editions[0]
    first = desk.world.run(editions.tables(desk.world.store, period.editions[1]))
    assert first.theirs == table(fortnight, (2, 1))


def test_another_file_takes_no_number_that_has_one_and_skips_none(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    with pytest.raises(EditionTaken, match=f"expected 1, the next one of {fortnight.label}, got 2"):
        desk.file(made(title(fortnight, edition=2), table(fortnight, (3, 1))), fortnight.label)
    desk.file(made(title(fortnight), table(fortnight, (3, 1))), fortnight.label)
    with pytest.raises(EditionTaken, match="a correction is the next edition"):
        desk.file(made(title(fortnight), table(fortnight, (3, 2))), fortnight.label)


def test_of_two_first_editions_at_once_one_is_kept(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    reports = [made(title(fortnight), table(fortnight, (sends, 1))) for sends in (3, 4)]

    async def both() -> list[Any]:
        now = desk.world.now
        tries = (filing.file(desk.reports, "marquee", fortnight.label, one, now) for one in reports)
        return await asyncio.gather(*tries, return_exceptions=True)

    done = desk.world.run(both())
    assert [type(one) for one in done if isinstance(one, Exception)] == [EditionTaken]
    period = desk.period(fortnight)
    assert period is not None
    assert len(period.editions) == 1


def test_a_first_filing_after_its_time_is_late_and_a_late_correction_is_not(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    desk.on(fortnight.due)
    assert leaf_of(desk.file(made(title(fortnight), table(fortnight, (2, 1))), fortnight.label)).is_late
    period = desk.period(fortnight)
    assert period is not None
    assert period.is_late
    corrected = desk.file(made(title(fortnight, edition=2), table(fortnight, (3, 1))), fortnight.label)
    assert not corrected.edition.is_late


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (b"2026-13-01,,film,,1,0\n", "row 2, column day: expected a day like 2026-01-31"),
        (b"1999-01-01,,film,,1,0\n", "row 2, column day: expected a day of the period"),
        (b"DAY,,film,,-1,0\n", "row 2, column sends: expected a whole number from 0"),
        (b"DAY,,film,,1,0.5\n", "row 2, column clicks: expected a whole number from 0"),
        (b"DAY,,Film,,1,0\n", "row 2, column surface: expected up to 64 of a-z 0-9 . _ -"),
        (b"DAY,,film,,1,0\nDAY,,film,,2,0\n", "row 3: expected a new day and place, got those of row 2"),
        (b"DAY,,film,,1,0,anna\n", "row 2: expected 6 columns, got 7"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_filed(desk: Desk, rows: bytes, said: str) -> None:
    fortnight = over(desk, (3, 1))
    day = made(title(fortnight), table(fortnight, (1, 0))).data.splitlines()[1].split(b",")[0]
    with pytest.raises(ReportRefused, match=re.escape(said)):
        desk.file(made(title(fortnight), HEADER + rows.replace(b"DAY", day)), fortnight.label)
    assert desk.period(fortnight) is None


def test_columns_that_nobody_asked_for_are_refused(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    header = b"day,interface,surface,variant,recipient,sends,clicks\n"
    with pytest.raises(ReportRefused, match="row 1: expected the columns day,interface"):
        desk.file(made(title(fortnight), header), fortnight.label)
    unknown = made(title(fortnight), table(fortnight, (1, 0)), JSON).data.replace(b'"clicks"', b'"taps"')
    with pytest.raises(ReportRefused, match="row 1: expected no further column, got 'taps'"):
        desk.file(made(title(fortnight), unknown, JSON), fortnight.label)


def test_a_fortnight_that_is_not_over_is_refused(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.on(fortnight.last)
    with pytest.raises(ReportRefused, match=r"period: expected one that is over, 20..-W.. ends with"):
        desk.file(made(title(fortnight), table(fortnight, (1, 0))), fortnight.label)
    assert desk.period(fortnight) is None


def test_the_second_week_of_a_fortnight_is_no_period(desk: Desk) -> None:
    with pytest.raises(ReportRefused, match="the first week of a fortnight, 2026-W01"):
        desk.file(made(title(over(desk)), b""), "2026-W02")


def test_a_fortnight_before_the_partner_or_the_counting_began_is_refused(desk: Desk) -> None:
    early = Fortnight.parse("2026-W01")
    with pytest.raises(ReportRefused, match="from when on everything is counted for marquee"):
        desk.file(made(title(early), table(early, (1, 0))), early.label)
    fortnight = over(desk, (3, 1))
    reports = replace(desk.reports, since=fortnight.first + 1)
    report = made(title(fortnight), table(fortnight, (3, 1)))
    with pytest.raises(ReportRefused, match=f"expected {Fortnight(fortnight.over_on).label} or later"):
        desk.world.run(filing.file(reports, "marquee", fortnight.label, report, desk.world.now))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"partner_id": "jukebox"}, "iss: expected marquee, got jukebox"),
        ({"audience": "https://elsewhere.test"}, f"aud: expected {ORIGIN}, got https://elsewhere.test"),
        ({"fortnight": Fortnight.parse("2026-W01")}, "period: expected 20"),
    ],
)
def test_a_signature_made_for_something_else_is_refused(
    desk: Desk, changed: dict[str, Any], said: str
) -> None:
    fortnight = over(desk, (3, 1))
    which = replace(title(fortnight), **changed)
    report = made(which, table(which.fortnight, (3, 1)), seed=SEED["marquee"], key_id="marquee:1")
    with pytest.raises(ReportRefused, match=re.escape(said)):
        desk.file(report, fortnight.label)


def test_the_signature_of_another_key_is_refused(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    with pytest.raises(ReportRefused, match="expected one by the key marquee:1 over these very bytes"):
        desk.file(made(title(fortnight), table(fortnight, (3, 1)), seed=SEED["jukebox"]), fortnight.label)
    report = made(title(fortnight), table(fortnight, (3, 1)))
    with pytest.raises(ReportRefused, match="over these very bytes, got another"):
        desk.file(replace(report, data=report.data.replace(b",3,", b",4,")), fortnight.label)
    with pytest.raises(ReportRefused, match="detached JWS"):
        desk.file(replace(report, signature="e30"), fortnight.label)
    assert desk.period(fortnight) is None


def test_a_key_that_was_rotated_away_signs_no_report(desk: Desk) -> None:
    world, fortnight = desk.world, over(desk, (3, 1))
    day = fortnight.over_on
    new = {"partner": "echo", "key_id": "echo:2", "public": public("another")}
    assert world.operate("keys", new).status_code == 201
    assert world.operate("key-ends", {"partner": "echo", "key_id": "echo:1", "until_day": day - 1}).is_success
    report = made(title(fortnight, partner_id="echo"), table(fortnight, (3, 1)))
    with pytest.raises(ReportRefused, match=r"in force today, one of echo:2; got echo:1"):
        desk.file(report, fortnight.label, "echo")


def test_a_file_of_more_than_four_mebibytes_is_refused(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    with pytest.raises(ReportRefused, match="expected at most 4194304 bytes, got 4194305"):
        desk.file(made(title(fortnight), bytes(filing.LARGEST + 1)), fortnight.label)


def test_what_the_log_could_not_take_is_kept_and_put_on_record_later(desk: Desk) -> None:
    fortnight = over(desk, (3, 1))
    report = made(title(fortnight), table(fortnight, (2, 1)))
    with desk.world.broken_log(), pytest.raises(LogUnavailable):
        desk.file(report, fortnight.label)
    period = desk.period(fortnight)
    assert period is not None
    assert (len(period.editions), period.counts) == (1, None)
    corrected = desk.file(made(title(fortnight, edition=2), table(fortnight, (3, 1))), fortnight.label)
    assert desk.file(report, fortnight.label).recorded.index < corrected.recorded.index
