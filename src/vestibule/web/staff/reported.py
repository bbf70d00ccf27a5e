"""Recommendations that recipients reported: card, reason and words, and never who it was."""

import json
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from vestibule.sharing import reports
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.staff.door import GivenActing, GivenInside

HERE = "reported"


@dataclass(frozen=True, slots=True)
class Reported:
    """What was said of one recommendation."""

    partner_id: str
    event_index: int
    title: str
    reason: str
    words: str
    reported_at: int


@get("/reported")
async def show_reported(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """List the oldest reports that nobody has settled."""
    found = [
        Reported(
            one.partner_id,
            one.event_index,
            str(json.loads(one.card).get("title", "")),
            reports.REASONS.get(one.reason, one.reason),
            one.words,
            one.reported_at,
        )
        for one in await reports.open_reports(inside.platform.store)
    ]
    return inside.page("reported", HERE, said=said, reported=found)


@post("/reported", request_max_body_size=LARGEST)
async def settle(request: Request[Any, Any, Any], acting: GivenActing) -> Response[Any]:
    """Take what was said of a recommendation out of the queue."""
    event_index = (await fields_of(request)).word("event_index")
    for one in await reports.open_reports(acting.platform.store):
        if str(one.event_index) == event_index:
            await reports.settle(acting.platform.store, one)
    return see_other("/staff/reported?said=report-settled")


handlers = (show_reported, settle)
