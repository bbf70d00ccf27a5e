"""What a partner may do as the person besides reading: write, delete what it wrote, list her friends."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from vestibule.gate.errors import BadRequest, Conflict
from vestibule.gate.operations import deleting, listing_friends, writing
from vestibule.web import partner, partner_errors, partner_files, partner_receiving
from vestibule.web.errors import problem
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import LARGEST_BODY, REFUSABLE, Message, Problem, Receipts, proven_by

CONFLICT = ResponseSpec(
    Problem,
    description="The key stands for something else; nothing new was written or recorded.",
    media_type="application/problem+json",
    generate_examples=False,
)


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to be written as the person.

    `key` makes repeating it harmless: it stands in the body, because the signature covers that.
    """

    body: str
    key: str
    reply_to: str | None = None


class Written(msgspec.Struct, frozen=True):
    """The message that stands, and the receipt of the event that brought it about."""

    message: Message
    receipts: list[str]


class Friends(msgspec.Struct, frozen=True):
    """Friends by this partner's own ids: those who are connected with it themselves, and the others."""

    connected: list[str]
    others: list[str]
    next: str | None
    receipts: list[str]


@post(
    "/conversations/{conversation:str}/messages",
    summary="Write as the person",
    response_description="The message stands, and a receipt for the event.",
    responses={**REFUSABLE, 409: CONFLICT},
)
async def write_message(
    request: Request[Any, Any, Any], platform: GivenPlatform, conversation: FromPath[str]
) -> Written:
    """Write a message as the person: shown as hers, with this partner's name; recorded before it stands."""
    signed = await proven_by(request, platform)
    try:
        new = msgspec.json.decode(await request.body(), type=NewMessage)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"body: expected JSON with body and key; {error}") from error
    written = await writing.write_message(
        platform.gate,
        signed,
        conversation=conversation,
        body=new.body,
        key=new.key,
        reply_to=new.reply_to,
        now=platform.clock(),
    )
    return Written(msgspec.convert(written.message, Message), [leaf.receipt() for leaf in written.recorded])


@delete(
    "/conversations/{conversation:str}/messages/{message:str}",
    status_code=200,
    summary="Delete what this partner wrote",
    response_description="The words are gone. Receipts of the events that this partner may open.",
    responses=REFUSABLE,
)
async def delete_message(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    conversation: FromPath[str],
    message: FromPath[str],
) -> Receipts:
    """Delete a message that this partner wrote as the person. Its place stays, without the words."""
    signed = await proven_by(request, platform)
    receipts = await deleting.delete_message(
        platform.gate, signed, conversation=conversation, message=message, now=platform.clock()
    )
    return Receipts(list(receipts))


@get(
    "/friends",
    summary="List the person's friends",
    response_description="This partner's own ids of them, and a receipt for each event that this answer is.",
    responses=REFUSABLE,
)
async def friends(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(description="how many friends at most, 1 to 100")] = 100,
) -> Friends:
    """List friends in two groups, without names: each of them is told of it by an event of her own."""
    signed = await proven_by(request, platform)
    found = await listing_friends.list_friends(
        platform.gate, signed, after=after, limit=limit, now=platform.clock()
    )
    receipts = [leaf.receipt() for leaf in found.recorded]
    return Friends(list(found.connected), list(found.others), found.next, receipts)


def _conflict(_: Request[Any, Any, Any], error: Conflict) -> Response[Any]:
    return problem(409, "Conflict", str(error))


router = Router(
    "/v1",
    route_handlers=[
        *partner.handlers,
        write_message,
        delete_message,
        friends,
        partner_files.read_attachment,
        partner_receiving.recommendations,
    ],
    exception_handlers={**partner_errors.HANDLERS, Conflict: _conflict},
    response_headers={"cache-control": "no-store"},
    request_max_body_size=LARGEST_BODY,
    tags=["Partner API"],
)
"""The whole API, version 1."""
