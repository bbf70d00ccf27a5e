"""The log's public files (C2SP tlog-tiles), served as they stand in the folder, and the operator's policy."""

import asyncio
from typing import Any

from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.store.errors import BlobError
from vestibule.web.given import GivenPlatform

IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable", "access-control-allow-origin": "*"}
FRESH = {"cache-control": "public, max-age=1", "access-control-allow-origin": "*"}
TEXT = "text/plain"


@get("/checkpoint")
async def checkpoint(platform: GivenPlatform) -> Response[str]:
    """Serve the newest checkpoint, with the cosignatures that it has so far."""
    return Response(await platform.recorder.note(), media_type=TEXT, headers=FRESH)


@get("/checkpoint.witnessed")
async def witnessed(platform: GivenPlatform) -> Response[str]:
    """Serve the newest checkpoint with the quorum of the operator's policy."""
    note = platform.recorder.witnessed()
    if note is None:
        raise NotFoundException("no checkpoint has a quorum of cosignatures yet")
    return Response(note, media_type=TEXT, headers=FRESH)


@get("/policy")
async def policy(platform: GivenPlatform) -> Response[str]:
    """Serve a policy of this log's key and witnesses: the operator's choice, not a stranger's."""
    return Response(platform.recorder.policy(), media_type=TEXT, headers=FRESH)


@get("/tile/{path:path}")
async def tile(platform: GivenPlatform, path: FromPath[str]) -> Response[Any]:
    """Serve a tile or an entry bundle."""
    try:
        data = await asyncio.to_thread(platform.log_blobs.get, f"tile/{path.strip('/')}")
    except BlobError:
        data = None
    if data is None:
        raise NotFoundException("no such tile")
    return Response(data, media_type="application/octet-stream", headers=IMMUTABLE)


router = Router("/log", route_handlers=[checkpoint, witnessed, policy, tile], include_in_schema=False)
