"""A partner's engagement reports as anybody may see them: all verdicts, and what is shown of the counts."""

import json
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.errors import FortnightError
from vestibule.ledger.fortnight import Fortnight
from vestibule.partners import register
from vestibule.partners.register import Partner
from vestibule.reports import publishing, reading, shown_file
from vestibule.web.given import GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.platform import Platform
from vestibule.web.public import report_view
from vestibule.web.public.report_view import Listed

FORMATS = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


@get("/register/{partner_id:str}/reports", include_in_schema=False)
async def show_reports(
    partner_id: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform
) -> Response[str]:
    """List a partner's fortnights: what was filed when, what came of it, and what is missing."""
    partner = await _partner(platform, partner_id)
    rows = await listed_of(platform, partner_id)
    return page(
        "public/reports.html",
        person=await visitor_of(request, platform),
        here="register",
        partner=partner,
        today=platform.clock() // MICROSECONDS_A_DAY,
        rows=rows,
        trend=report_view.trend(rows),
    )


@get("/register/{partner_id:str}/reports/{label:str}", include_in_schema=False)
async def show_report(
    partner_id: FromPath[str], label: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform
) -> Response[str]:
    """Show one fortnight: verdict, differences and charts, of what is not suppressed."""
    partner = await _partner(platform, partner_id)
    return page(
        "public/report.html",
        person=await visitor_of(request, platform),
        here="register",
        partner=partner,
        today=platform.clock() // MICROSECONDS_A_DAY,
        **await report_of(platform, partner_id, label),
    )


@get("/register/{partner_id:str}/reports/{label:str}/{kind:str}", include_in_schema=False)
async def download_report(
    partner_id: FromPath[str], label: FromPath[str], kind: FromPath[str], platform: GivenPlatform
) -> Response[bytes]:
    """Hand out what is shown of a fortnight, as CSV, JSON or Parquet."""
    await _partner(platform, partner_id)
    one = await _listed(platform, partner_id, label)
    if one.shown is None or kind not in FORMATS:
        raise NotFoundException("no such file")
    if kind == "csv":
        data = shown_file.as_csv(one.shown)
    elif kind == "parquet":
        data = shown_file.as_parquet(one.shown)
    else:
        told = report_view.document(one.period, one.shown, shown_file.rows(one.shown))
        data = json.dumps(told, indent=1).encode()
    name = f"{partner_id}-{one.period.fortnight.label}.{kind}"
    return Response(
        data,
        media_type=FORMATS[kind],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def listed_of(platform: Platform, partner_id: str) -> tuple[Listed, ...]:
    """List a partner's fortnights, newest first, with what anybody may be shown of each."""
    published = await publishing.published_of(platform.store, partner_id)
    return report_view.listed(await reading.periods_of(platform.store, partner_id), published)


async def report_of(platform: Platform, partner_id: str, label: str) -> dict[str, Any]:
    """Give what the page of one fortnight needs.

    Raises:
        NotFoundException: if nothing was counted or filed of it.
    """
    one = await _listed(platform, partner_id, label)
    record = await platform.recorder.public_record(partner_id)
    fortnight = one.period.fortnight
    return {
        "period": one.period,
        "shown": one.shown,
        "view": None if one.shown is None else report_view.view(one.shown, fortnight, record.daily),
        "formats": list(FORMATS),
        "difference": report_view.difference,
    }


async def _partner(platform: Platform, partner_id: str) -> Partner:
    partner = await register.partner(platform.store, partner_id)
    if partner is None:
        raise NotFoundException("no such partner")
    return partner


async def _listed(platform: Platform, partner_id: str, label: str) -> Listed:
    try:
        fortnight = Fortnight.parse(label)
    except FortnightError as error:
        raise NotFoundException(str(error)) from error
    for one in await listed_of(platform, partner_id):
        if one.period.fortnight == fortnight:
            return one
    raise NotFoundException(f"nothing was counted or filed of {label}")


handlers = (show_reports, show_report, download_report)
