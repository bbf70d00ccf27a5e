"""Receipts for everybody: a C2SP tlog-proof of any published leaf, an event's without its private half."""

import re
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.web.given import GivenPlatform

INDEX = re.compile(r"0|[1-9][0-9]{0,14}")
HEADERS = {
    # A receipt holds for ever; one that is asked for later leads to a newer checkpoint.
    "cache-control": "public, max-age=60",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
}


@get("/log/receipt/{index:str}", include_in_schema=False)
async def public_receipt(index: FromPath[str], platform: GivenPlatform) -> Response[Any]:
    """Serve a leaf's receipt against the newest checkpoint."""
    text = await platform.recorder.public_receipt(int(index)) if INDEX.fullmatch(index) else None
    if text is None:
        raise NotFoundException("no such leaf")
    name = f'attachment; filename="leaf-{index}.tlog-proof"'
    return Response(text, media_type="text/plain", headers={**HEADERS, "content-disposition": name})


handlers = (public_receipt,)
