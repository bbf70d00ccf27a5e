"""Static files, from the package."""

from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from vestibule.web.pages import STATIC, static_folder

YEAR = 31_536_000

FOR_GOOD = CacheControlHeader(public=True, max_age=YEAR, immutable=True)
"""Addresses carry a digest of the content (`pages.static`), so a changed file has another address."""

handlers = (
    create_static_files_router(path="/static", directories=[STATIC], cache_control=FOR_GOOD),
    create_static_files_router(
        path=static_folder("verify")[0], directories=[STATIC / "verify"], cache_control=FOR_GOOD
    ),
)
