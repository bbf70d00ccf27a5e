"""A partner's engagement reports in its console: what is due, what came of each, and filing one."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException
from litestar.params import FromPath

from vestibule.ledger.report_file import CSV, JSON
from vestibule.reports import filing
from vestibule.reports.editions import File
from vestibule.reports.errors import ReportRefused
from vestibule.web.console.door import GivenChanging, GivenInside, Inside
from vestibule.web.person.importing import MULTIPART
from vestibule.web.person.places import see_other
from vestibule.web.public import report_view
from vestibule.web.public.report_pages import listed_of, report_of

LARGEST_UPLOAD = filing.LARGEST + 64 * 1024
"""Bytes of a form: the file, and what stands around it."""


async def _page(inside: Inside, *, label: str = "", wrong: str = "") -> Response[str]:
    rows = await listed_of(inside.platform, inside.partner_id)
    return inside.page(
        "reports",
        "reports",
        status=422 if wrong else 200,
        rows=rows,
        due=[one.period for one in reversed(rows) if one.period.is_open],
        trend=report_view.trend(rows),
        label=label,
        wrong=wrong,
    )


@get("/reports")
async def show_reports(inside: GivenInside) -> Response[str]:
    """List the partner's fortnights, and what is due."""
    return await _page(inside)


@post("/reports", request_max_body_size=LARGEST_UPLOAD)
async def file_report(request: Request[Any, Any, Any], changing: GivenChanging) -> Response[Any]:
    """File a report from a file and its signature, as a partner's program files it."""
    if request.content_type[0] != MULTIPART:
        raise ClientException(f"expected {MULTIPART}, got {request.content_type[0][:80]!r}", status_code=415)
    form = await request.form()
    label = _word(form, "period")
    try:
        report = await _report(form)
        platform = changing.platform
        filed = await filing.file(platform.reports, changing.partner_id, label, report, platform.clock())
    except ReportRefused as error:
        return await _page(changing, label=label[:40], wrong=str(error))
    return see_other(changing.at(f"reports/{filed.edition.fortnight.label}"))


async def _report(form: FormMultiDict) -> File:
    chosen = form.get("file")
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        raise ReportRefused("file: choose the report, as CSV or JSON")
    kind = JSON if chosen.filename.lower().endswith(".json") else CSV
    return File(kind, "".join(_word(form, "signature").split()), await chosen.read())


def _word(form: FormMultiDict, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


@get("/reports/{label:str}")
async def show_report(inside: GivenInside, label: FromPath[str]) -> Response[str]:
    """Show one fortnight as anybody may see it."""
    return inside.page("report", "reports", **await report_of(inside.platform, inside.partner_id, label))


handlers = (show_reports, file_report, show_report)
