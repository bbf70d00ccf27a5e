"""The bytes of files that came with messages a partner may read. Data come only from `gate.operations`."""

import base64
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath

from vestibule.gate.operations import attachments
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import REFUSABLE, Attachment, proven_by


class Bytes(Attachment, frozen=True):
    """A file whole: `data` is its bytes in base64."""

    data: str
    receipts: list[str]


@get(
    "/conversations/{conversation:str}/attachments/{attachment:str}",
    summary="Take the bytes of a file",
    response_description="The file, and a receipt for each event that this answer is.",
    responses=REFUSABLE,
)
async def read_attachment(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    conversation: FromPath[str],
    attachment: FromPath[str],
) -> Bytes:
    """Take one file of a message that this connection can see. Recorded in the log before it leaves."""
    signed = await proven_by(request, platform)
    found = await attachments.read_attachment(
        platform.gate,
        platform.blobs,
        signed,
        conversation=conversation,
        attachment=attachment,
        now=platform.clock(),
    )
    return msgspec.convert(
        {
            **found.shown,
            "data": base64.b64encode(found.data).decode(),
            "receipts": [leaf.receipt() for leaf in found.recorded],
        },
        Bytes,
    )
