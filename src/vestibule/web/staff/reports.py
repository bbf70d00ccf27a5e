"""All partners' engagement reports, with everything that both sides counted."""

from collections.abc import Iterable

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.ledger.errors import FortnightError
from vestibule.ledger.fortnight import Fortnight
from vestibule.partners import register
from vestibule.reports import reading
from vestibule.reports.comparing import Compared
from vestibule.reports.reading import Period
from vestibule.web.staff.door import GivenInside

MOST_ROWS = 2000


@get("/reports")
async def show_reports(inside: GivenInside) -> Response[str]:
    """List what was filed and what is missing, of all partners, newest first."""
    return inside.page("reports", "reports", periods=await reading.everybodys(inside.platform.store))


@get("/reports/{partner_id:str}/{label:str}")
async def show_report(inside: GivenInside, partner_id: FromPath[str], label: FromPath[str]) -> Response[str]:
    """Show every day and place of a report as both sides counted it; nothing is suppressed here."""
    store = inside.platform.store
    partner = await register.partner(store, partner_id)
    period = await _period(inside, partner_id, label)
    if partner is None or period is None or period.counts is None:
        raise NotFoundException("no such report")
    rows = await reading.rows_of(store, period.counts)
    return inside.page(
        "report",
        "reports",
        partner=partner,
        period=period,
        sends=_together(row.sends for row in rows.values()),
        clicks=_together(row.clicks for row in rows.values()),
        rows=list(rows.items())[:MOST_ROWS],
        left_out=max(0, len(rows) - MOST_ROWS),
    )


def _together(counts: Iterable[Compared]) -> Compared:
    found = list(counts)
    return Compared(sum(one.ours for one in found), sum(one.theirs for one in found))


async def _period(inside: GivenInside, partner_id: str, label: str) -> Period | None:
    try:
        fortnight = Fortnight.parse(label)
    except FortnightError as error:
        raise NotFoundException(str(error)) from error
    return await reading.period(inside.platform.store, partner_id, fortnight)


handlers = (show_reports, show_report)
