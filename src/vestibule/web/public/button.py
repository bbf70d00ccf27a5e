"""The button for partners' pages: the one script of ours that pages of others may load."""

import base64
import hashlib
from typing import Final

from litestar import Response, get
from litestar.params import FromQuery

from vestibule.web.pages import STATIC, static

NAME: Final = "recommend-button.js"
SOURCE: Final = (STATIC / NAME).read_bytes()
ADDRESS: Final = static(NAME)
"""With the version that may be kept for good; without it the newest is served, and asked for again soon."""
INTEGRITY: Final = f"sha384-{base64.b64encode(hashlib.sha384(SOURCE).digest()).decode()}"
"""What a partner's page says in `integrity` (Subresource Integrity, section 3.1)."""
FOR_GOOD: Final = "public, max-age=31536000, immutable"
FOR_NOW: Final = "public, max-age=300"


@get(f"/static/{NAME}", include_in_schema=False, sync_to_thread=False)
def button(v: FromQuery[str] = "") -> Response[bytes]:
    """Serve the button to every origin: modules are fetched by CORS, with no cookies of ours."""
    return Response(
        SOURCE,
        media_type="text/javascript; charset=utf-8",
        headers={
            "access-control-allow-origin": "*",
            "cache-control": FOR_GOOD if ADDRESS.endswith(f"?v={v}") else FOR_NOW,
            "cross-origin-resource-policy": "cross-origin",
        },
    )


handlers = (button,)
