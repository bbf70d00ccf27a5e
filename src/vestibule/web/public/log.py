"""The log in plain words: newest checkpoint, who vouches for it, what everybody can learn, how to check."""

import asyncio
import base64
from typing import Any

from litestar import Request, Response, get

from vestibule.web.given import GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.public.vouching import vouching


@get("/log", include_in_schema=False)
async def show_log(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[str]:
    """Show the log's state and how to verify it."""
    recorder = platform.recorder
    checkpoint = await recorder.checkpoint()
    vouches = await asyncio.to_thread(vouching, recorder.policy(), recorder.witnessed())
    return page(
        "public/log.html",
        person=await visitor_of(request, platform),
        here="log",
        checkpoint=checkpoint,
        root=base64.b64encode(checkpoint.root).decode(),
        note=await recorder.note(),
        epoch=await recorder.newest_epoch(),
        mode=recorder.witnessing.mode,
        vouching=vouches,
        policy=recorder.policy(),
        origin=platform.settings.origin,
    )


handlers = (show_log,)
