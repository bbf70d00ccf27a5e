"""What became of the partner's requests, and how much it used, by the log's own totals."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from vestibule.partners import request_log
from vestibule.web.console.door import GivenInside
from vestibule.web.console.usage import drawings
from vestibule.web.public.charts import charted_days
from vestibule.web.public.partner_page import daily_rows

PAGE = 50
LIVE_SECONDS = 5


@get("/requests")
async def show_requests(
    inside: GivenInside,
    before: Annotated[int, QueryParameter(ge=1, le=request_log.NEWEST)] = request_log.NEWEST,
    refused: FromQuery[bool] = False,  # noqa: FBT002  (the query parameter's name)
    live: FromQuery[bool] = False,  # noqa: FBT002  (likewise)
) -> Response[str]:
    """List requests of the last seven days, the newest first, up to the one just answered."""
    store = inside.platform.store
    await inside.platform.request_log.flush(store)
    lines = await request_log.newest(
        store,
        inside.partner_id,
        now=inside.platform.clock(),
        before=before,
        refused=refused,
        limit=PAGE + 1,
    )
    return inside.page(
        "requests",
        "requests",
        lines=lines[:PAGE],
        next=lines[PAGE - 1].number if len(lines) > PAGE else None,
        first=before == request_log.NEWEST,
        refused=refused,
        live=live,
        seconds=LIVE_SECONDS,
        most=request_log.MOST,
    )


@get("/usage")
async def show_usage(inside: GivenInside) -> Response[str]:
    """Draw what the log counts of the partner, by day, with the numbers under it."""
    record = await inside.platform.recorder.public_record(inside.partner_id)
    days = charted_days(record.register[0][1].day, inside.today)
    return inside.page(
        "usage",
        "usage",
        days=days,
        drawings=drawings(record, days),
        daily=daily_rows(record, days),
        size=record.size,
    )


handlers = (show_requests, show_usage)
