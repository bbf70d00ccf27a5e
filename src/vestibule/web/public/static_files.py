"""Static files, from the package."""

from typing import Any

from litestar import Response
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from vestibule.web.pages import STATIC, content_security_policy, static_folder

YEAR = 31_536_000
FOR_GOOD = CacheControlHeader(public=True, max_age=YEAR, immutable=True)
"""Addresses carry a digest of the content (`pages.static`), so a changed file has another address."""


async def confine(response: Response[Any]) -> Response[Any]:
    """Set a policy: a worker has that of its own script, not its page's (CSP Level 3, section 4.2.1)."""
    response.headers["content-security-policy"] = content_security_policy()
    return response


handlers = (
    create_static_files_router(path="/static", directories=[STATIC], cache_control=FOR_GOOD),
    create_static_files_router(
        path=static_folder("verify")[0],
        directories=[STATIC / "verify"],
        cache_control=FOR_GOOD,
        after_request=confine,
    ),
)
