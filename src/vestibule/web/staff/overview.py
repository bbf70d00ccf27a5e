"""The staff's first page."""

from litestar import Response, get

from vestibule.web.staff.door import GivenInside


@get("/")
async def show_overview(inside: GivenInside) -> Response[str]:
    """Show what there is to do."""
    return inside.page("overview", "overview")


handlers = (show_overview,)
