"""A partner's engagement reports: filing one, and what came of those that it owes."""

import base64
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, put
from litestar.exceptions import NotFoundException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from vestibule.gate.errors import BadRequest
from vestibule.ledger.engagement import Placed
from vestibule.ledger.errors import FortnightError
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report_schema import SCHEMA
from vestibule.reports import filing, reading
from vestibule.reports.comparing import Compared, Row
from vestibule.reports.editions import Edition, File
from vestibule.reports.filing import LARGEST
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import ANY_REQUEST, Problem, signed_by
from vestibule.web.platform import Platform

SIGNATURE = "jws-signature"
"""The field with the detached JWS over the body."""


class Difference(msgspec.Struct, frozen=True):
    """A count of both sides: how many more you counted, and the difference in percent of the larger count."""

    ours: int
    theirs: int
    absolute: int
    percent: float


class DifferingRow(msgspec.Struct, frozen=True):
    """A day and place that both sides do not count alike; `within` says whether the tolerance covers it."""

    day: str
    interface: str
    surface: str
    variant: str
    sends: Difference
    clicks: Difference
    within: bool


class ReportKeys(msgspec.Struct, frozen=True):
    """The random keys in base64 under which the leaf holds both tables; `theirs` is yours."""

    ours: str
    theirs: str


class ReportEdition(msgspec.Struct, frozen=True):
    """An edition on record: 1 is the first filing, 0 that none came in time.

    `verdict` is `agrees`, `differs` or `missing`; `late` that the first filing came after the last day.
    """

    edition: int
    verdict: str
    late: bool
    tolerance: int
    leaf: int


class ReportPeriod(msgspec.Struct, frozen=True):
    """A fortnight, the last UTC day on which its report is in time, and its editions, newest first."""

    period: str
    last_day: str
    due: bool
    editions: list[ReportEdition]


class ReportPeriods(msgspec.Struct, frozen=True):
    """All fortnights in which something was counted or filed, newest first."""

    periods: list[ReportPeriod]


class FiledReport(msgspec.Struct, frozen=True):
    """An edition with everything that only you may know of it.

    `differences` are all rows that differ, so that they and your own table give the platform's.
    """

    period: str
    edition: ReportEdition
    keys: ReportKeys
    rows: int
    differences: list[DifferingRow]
    receipts: list[str]


def _wrong(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type="application/problem+json", generate_examples=False
    )


NONE_SUCH = {404: _wrong("No report of this fortnight is on record for you; the detail says what.")}
FILING = {
    **ANY_REQUEST,
    400: _wrong("The report cannot be taken; the detail names row and column, or the part of the signature."),
    409: _wrong("Another edition than the next one, or another file under a number that is on record."),
    413: _wrong(f"The file is larger than {LARGEST // 2**20} MiB."),
}


@put(
    "/reports/{period:str}",
    summary="File an engagement report",
    response_description="The report is in the published log, as the receipt proves, and how it compares.",
    responses=FILING,
    request_max_body_size=LARGEST,
)
async def file_report(
    request: Request[Any, Any, Any], platform: GivenPlatform, period: FromPath[str]
) -> FiledReport:
    """File your table of a fortnight that is over, or the next edition of it, with a JWS over the body.

    Nothing is filed of a report in which anything is wrong. The same bytes again are the same edition.
    """
    signed = await signed_by(request, platform, LARGEST)
    platform.gate.rates.take(signed.partner_id, platform.clock())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    signature = request.headers.get(SIGNATURE)
    if signature is None:
        raise BadRequest("JWS-Signature: expected a detached JWS over the body, header..signature")
    report = File(kind, signature, await request.body())
    filed = await filing.file(platform.reports, signed.partner_id, period, report, platform.clock())
    return await _shown(platform, filed.edition, filed.recorded.receipt())


@get(
    "/reports",
    summary="Your reports, and those that are due",
    response_description="All fortnights in which something was counted or filed.",
    responses=ANY_REQUEST,
)
async def own_reports(request: Request[Any, Any, Any], platform: GivenPlatform) -> ReportPeriods:
    """List what you filed, what came of it, and what is due. No token is needed."""
    signed = await signed_by(request, platform)
    found = await reading.periods_of(platform.store, signed.partner_id)
    return ReportPeriods([_period(one) for one in found])


@get(
    "/reports/{period:str}",
    summary="One of your reports, with keys and differences",
    response_description="An edition, the keys of both tables, and every row that differs.",
    responses={**ANY_REQUEST, **NONE_SUCH},
)
async def own_report(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    period: FromPath[str],
    edition: Annotated[int | None, QueryParameter(description="which; without it, the newest")] = None,
) -> FiledReport:
    """Read an edition on record; before you have filed one, what the platform counted is not told."""
    signed = await signed_by(request, platform)
    try:
        fortnight = Fortnight.parse(period)
    except FortnightError as error:
        raise BadRequest(str(error)) from error
    found = await reading.period(platform.store, signed.partner_id, fortnight)
    # Of a missing report the differences would be the platform's whole table: to be copied, and to agree.
    filed = [] if found is None else [one for one in found.editions if one.number > 0]
    known = [one for one in filed if one.leaf_index is not None]
    wanted = next((one for one in known if edition is None or one.number == edition), None)
    if wanted is None:
        raise NotFoundException(f"no such edition of {fortnight.label} that you filed is on record")
    return await _shown(platform, wanted, await platform.recorder.public_receipt(wanted.leaf_index or 0))


@get("/reports/schema.json", include_in_schema=False, sync_to_thread=False)
def report_schema() -> Response[dict[str, Any]]:
    """Publish the JSON Schema of a report's file."""
    headers = {"cache-control": "public, max-age=3600", "access-control-allow-origin": "*"}
    return Response(SCHEMA, media_type="application/schema+json", headers=headers)


async def _shown(platform: Platform, edition: Edition, receipt: str | None) -> FiledReport:
    rows = await reading.rows_of(platform.store, edition)
    differing = reading.differences(rows)
    return FiledReport(
        period=edition.fortnight.label,
        edition=_edition(edition),
        keys=ReportKeys(*(base64.b64encode(key).decode() for key in (edition.our_key, edition.their_key))),
        rows=len(rows),
        differences=[_differing(placed, row, edition.tolerance) for placed, row in differing.items()],
        receipts=[] if receipt is None else [receipt],
    )


def _differing(placed: Placed, row: Row, tolerance: int) -> DifferingRow:
    return DifferingRow(
        day=write_day(placed.day),
        interface=placed.interface,
        surface=placed.surface,
        variant=placed.variant,
        sends=_difference(row.sends),
        clicks=_difference(row.clicks),
        within=row.is_within(tolerance),
    )


def _difference(one: Compared) -> Difference:
    return Difference(one.ours, one.theirs, one.absolute, round(float(one.percent), 2))


def _period(one: reading.Period) -> ReportPeriod:
    on_record = [_edition(edition) for edition in one.editions if edition.leaf_index is not None]
    return ReportPeriod(one.fortnight.label, write_day(one.last_day_in_time), one.is_open, on_record)


def _edition(one: Edition) -> ReportEdition:
    leaf = -1 if one.leaf_index is None else one.leaf_index
    return ReportEdition(one.number, one.verdict, one.is_late, one.tolerance, leaf)


handlers = (file_report, own_reports, own_report)
