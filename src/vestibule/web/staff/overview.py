"""The staff's first page: what waits."""

from litestar import Response, get

from vestibule.partners import asked, register
from vestibule.sharing import reports
from vestibule.web.staff.door import GivenInside


@get("/")
async def show_overview(inside: GivenInside) -> Response[str]:
    """Show what there is to do."""
    store = inside.platform.store
    return inside.page(
        "overview",
        "overview",
        waiting=await asked.open_requests(store),
        reported=await reports.open_reports(store),
        suspended=[one for one in await register.partners(store) if one.suspended_by is not None],
    )


handlers = (show_overview,)
