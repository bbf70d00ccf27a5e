"""Two partners over three fortnights: what anybody reads on the register, and takes along."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow.parquet as pq
import pytest

from tests.gate.a_platform import DAY, opened
from tests.reports.a_desk import Desk, made, title
from tests.reports.a_walk import A_DAY, RARE, own_of, short_of_clicks, table_of, walk
from tests.web.conftest import text_of
from vestibule.ledger.engagement import Table
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import publishing
from vestibule.reports.showing import Own, Place


@dataclass
class Walked:
    """What happened: where reports are filed, the fortnights, and what was counted."""

    desk: Desk
    fortnights: tuple[Fortnight, ...]
    owns: dict[tuple[str, Fortnight], Own] = field(default_factory=dict)

    def page(self, path: str) -> str:
        answer = self.desk.world.get(None, path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def ours(self, partner: str, nth: int) -> Table:
        return self.desk.counted[partner, self.fortnights[nth]]

    def file(self, partner: str, nth: int, table: Table) -> None:
        fortnight = self.fortnights[nth]
        self.desk.file(made(title(fortnight, partner_id=partner), table), fortnight.label, partner)

    def settle(self) -> None:
        """Let what time does to reports be done."""

        async def own(partner: str, fortnight: Fortnight) -> Own:
            return self.owns[partner, fortnight]

        self.desk.look()
        self.desk.world.run(publishing.look(self.desk.world.store, own, 10))


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Marquee's reports agree, differ and are missing; Jukebox's are late, agree, and are missing."""
    with opened(tmp_path_factory.mktemp("platform")) as world:
        world.platform.publishing.cancel()
        first = Fortnight.of(world.now // DAY).over_on
        told = Walked(Desk(world), tuple(Fortnight(first + 14 * nth) for nth in range(3)))
        for partner in ("marquee", "jukebox"):
            for fortnight in told.fortnights:
                rows = walk(partner, fortnight)
                told.desk.counts(fortnight, table_of(rows), partner)
                told.owns[partner, fortnight] = own_of(rows)
        for nth in range(3):
            told.desk.on(told.fortnights[nth].over_on)
            told.settle()
            if nth == 0:
                told.file("marquee", 0, told.ours("marquee", 0))
            if nth == 1:
                told.file("marquee", 1, short_of_clicks(told.ours("marquee", 1)))
                told.file("jukebox", 1, told.ours("jukebox", 1))
        told.desk.on(told.fortnights[-1].due)
        told.settle()
        told.file("jukebox", 0, told.ours("jukebox", 0))
        told.settle()
        yield told


def test_every_fortnight_is_listed_with_what_came_of_its_report(walked: Walked) -> None:
    agreed, differed, missed = (fortnight.label for fortnight in walked.fortnights)
    rows = _rows(walked.page("/register/marquee/reports"))
    assert [rows[label][2] for label in (agreed, differed, missed)] == ["agrees", "differs", "missing"]
    late = _rows(walked.page("/register/jukebox/reports"))
    assert late[agreed][2] == "agrees was missing late"
    assert late[missed][2] == "missing"


def test_the_register_leads_to_the_reports(walked: Walked) -> None:
    assert "/register/marquee/reports" in walked.page("/register/marquee")


def test_small_places_are_on_no_page_and_in_no_file(walked: Walked) -> None:
    for fortnight in walked.fortnights:
        base = f"/register/marquee/reports/{fortnight.label}"
        for path in (base, f"{base}/csv", f"{base}/json"):
            assert RARE.surface not in text_of(walked.page(path))


def test_the_three_files_have_the_same_rows(walked: Walked) -> None:
    base = f"/register/marquee/reports/{walked.fortnights[1].label}"
    told = json.loads(walked.page(f"{base}/json"))
    rows = told["rows"]
    shown = [Place(row["interface"], row["surface"], row["variant"]) for row in rows[1:]]
    assert shown == sorted(set(A_DAY) - {Place("tv", "end", "a")})
    as_csv = list(csv.DictReader(io.StringIO(walked.page(f"{base}/csv"))))
    assert as_csv == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]
    parquet = walked.desk.world.get(None, f"{base}/parquet")
    assert pq.read_table(io.BytesIO(parquet.content)).to_pylist() == rows
    assert told["editions"][0]["verdict"] == "differs"
    assert (told["period"], told["zone"], told["threshold"]) == (walked.fortnights[1].label, "UTC", 10)


def test_differences_are_shown_where_counts_are(walked: Walked) -> None:
    ours = walked.ours("marquee", 1)
    clicks = sum(counted.clicks for counted in ours.values())
    filed = sum(counted.clicks for counted in short_of_clicks(ours).values())
    page = text_of(walked.page(f"/register/marquee/reports/{walked.fortnights[1].label}"))
    assert f"Clicks {clicks} {filed} {filed - clicks} " in page


def test_every_chart_has_its_table(walked: Walked) -> None:
    page = walked.page(f"/register/marquee/reports/{walked.fortnights[0].label}")
    assert page.count('class="chart drawing"') == 5
    assert page.count("<table") == 7


def test_of_a_missing_report_the_platforms_own_counts_are_shown(walked: Walked) -> None:
    page = text_of(walked.page(f"/register/marquee/reports/{walked.fortnights[2].label}"))
    assert "none in time" in page
    assert "Dialogs sent" in page


@pytest.mark.parametrize(
    "path",
    ["nobody/reports", "marquee/reports/2026-W02", "marquee/reports/1999-W01", "marquee/reports/x/csv"],
)
def test_what_is_not_there_is_not_found(walked: Walked, path: str) -> None:
    assert walked.desk.world.get(None, f"/register/{path}").status_code == 404


def test_there_are_no_other_files(walked: Walked) -> None:
    base = f"/register/marquee/reports/{walked.fortnights[0].label}"
    assert walked.desk.world.get(None, f"{base}/xlsx").status_code == 404


def test_a_member_of_the_partner_reads_and_files_reports_in_the_console(walked: Walked) -> None:
    world = walked.desk.world
    for handle in ("mary", "otto"):
        world.sign_up(handle)
    world.operate("members", {"partner": "marquee", "handle": "mary", "member": True})
    assert "missing" in text_of(world.get("mary", "/console/marquee/reports").text)
    label = walked.fortnights[0].label
    assert world.get("mary", f"/console/marquee/reports/{label}").status_code == 200
    assert world.get("otto", "/console/marquee/reports").status_code == 404
    correction = made(title(walked.fortnights[2], edition=1), walked.ours("marquee", 2))
    for broken, said in ((correction.signature[:-9], "Nothing was filed"), (correction.signature, "")):
        answer = world.run(
            world.people["mary"].client.post(
                "/console/marquee/reports",
                data={"period": walked.fortnights[2].label, "signature": broken},
                files={"file": ("report.csv", correction.data, "text/csv")},
            )
        )
        assert answer.status_code == (422 if said else 303), answer.text
        assert said in answer.text
    page = text_of(walked.page("/register/marquee/reports"))
    assert "differs was missing late" in page


def test_the_staff_read_every_day_and_place(walked: Walked) -> None:
    world = walked.desk.world
    for handle in ("sara", "olaf"):
        world.sign_up(handle)
    world.operate("staff", {"handle": "sara", "staff": True})
    label = walked.fortnights[1].label
    assert label in world.get("sara", "/staff/reports").text
    page = world.get("sara", f"/staff/reports/marquee/{label}")
    assert RARE.surface in text_of(page.text)
    assert world.get("olaf", "/staff/reports").status_code == 404
    assert world.get("sara", "/staff/reports/marquee/2020-W01").status_code == 404


def _rows(page: str) -> dict[str, list[str]]:
    """Give the cells of each row of the list, by its label."""
    rows = [row.split("</td>") for row in page.partition("<tbody>")[2].split("</tr>")[:-1]]
    cells = [[text_of(part) for cell in row for part in cell.split("</th>")] for row in rows]
    return {row[0]: row for row in cells}
