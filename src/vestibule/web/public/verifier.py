"""The page that checks the log by itself, in the visitor's browser; its code is `static/verify`."""

from typing import Any

from litestar import Request, Response, get

from vestibule.web.given import GivenPlatform
from vestibule.web.pages import STATIC, page, static_folder
from vestibule.web.person.cookie import visitor_of

CURVE = STATIC / "verify" / "vendor" / "PINNED"
"""There if the install had a network (tools/vendor.py)."""


@get("/verify", include_in_schema=False)
async def show_verifier(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[str]:
    """Show the form; everything else happens in the browser."""
    code, digest = static_folder("verify")
    return page(
        "public/verify.html",
        person=await visitor_of(request, platform),
        here="log",
        origin=platform.settings.origin,
        curve=CURVE.exists(),
        code=code,
        digest=digest,
    )


handlers = (show_verifier,)
