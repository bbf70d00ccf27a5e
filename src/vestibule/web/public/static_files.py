"""Static files, from the package."""

from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from vestibule.web.pages import STATIC

YEAR = 31_536_000

handlers = (
    create_static_files_router(
        path="/static",
        directories=[STATIC],
        # Addresses carry a digest of the content (pages.static), so a changed file has another address.
        cache_control=CacheControlHeader(public=True, max_age=YEAR, immutable=True),
    ),
)
