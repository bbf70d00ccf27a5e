"""The operator's queue of reported recommendations. Who reported is not in it: reason and words suffice."""

import json
from typing import Any

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from vestibule.partners.errors import RegisterError
from vestibule.sharing import reports
from vestibule.sharing.reports import Report
from vestibule.web.given import GivenPlatform


class Reported(msgspec.Struct, frozen=True):
    """A reported recommendation: its `send` event in the log, its card, and what a recipient says of it."""

    partner: str
    event_index: int
    card: dict[str, Any]
    reason: str
    words: str
    reported_at: int


class Settled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reports that are done with: all open ones of a `send` event."""

    event_index: int


@get("/reports")
async def list_reports(platform: GivenPlatform) -> list[Reported]:
    """List the oldest 200 open reports."""
    return [_shown(report) for report in await reports.open_reports(platform.store)]


@post("/report-settlements", status_code=200)
async def settle_reports(data: JSONBody[Settled], platform: GivenPlatform) -> dict[str, int]:
    """Take the open reports of a recommendation out of the queue."""
    found = [one for one in await reports.open_reports(platform.store) if one.event_index == data.event_index]
    if not found:
        raise RegisterError(f"event_index: expected one of an open report, got {data.event_index}")
    for report in found:
        await reports.settle(platform.store, report)
    return {"settled": len(found)}


def _shown(report: Report) -> Reported:
    return Reported(
        report.partner_id,
        report.event_index,
        json.loads(report.card),
        report.reason,
        report.words,
        report.reported_at,
    )


handlers: tuple[HTTPRouteHandler, ...] = (list_reports, settle_reports)
