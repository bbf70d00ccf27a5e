"""What a partner may do as the person besides reading: write, delete what it wrote, list her friends."""

import re
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from vestibule.gate.errors import BadRequest, KeyReused
from vestibule.gate.operations import deleting, listing_friends, writing
from vestibule.web import (
    partner,
    partner_cards,
    partner_conversations,
    partner_errors,
    partner_files,
    partner_receiving,
    partner_record,
    partner_register,
    partner_reports,
    partner_webhooks,
)
from vestibule.web.errors import problem
from vestibule.web.given import GivenPlatform
from vestibule.web.noting import NoteRequests
from vestibule.web.partner import LARGEST_BODY, REFUSABLE, Message, Problem, Receipts, proven_by
from vestibule.web.partner_http import UNCHANGED, AnswersToPartners, answered, known_tags

KEY_REUSED = ResponseSpec(
    Problem,
    description="The key stands for another message; nothing new was written, deleted or recorded.",
    media_type="application/problem+json",
    generate_examples=False,
)


KEY_FIELD = "idempotency-key"
KEY = re.compile(r'"([!#-\[\]-~]{1,120})"')
"""A string (RFC 9651, section 3.3.3) that needs no escape."""


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to be written as the person."""

    body: str
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
    responses={**REFUSABLE, 422: KEY_REUSED},
)
async def write_message(
    request: Request[Any, Any, Any], platform: GivenPlatform, conversation: FromPath[str]
) -> Written:
    """Write a message as the person: shown as hers, with this partner's name; recorded before it stands."""
    signed = await proven_by(request, platform)
    try:
        new = msgspec.json.decode(await request.body(), type=NewMessage)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"body: expected JSON with body; {error}") from error
    written = await writing.write_message(
        platform.gate,
        signed,
        conversation=conversation,
        body=new.body,
        key=_key(request),
        reply_to=new.reply_to,
        now=platform.clock(),
    )
    return Written(msgspec.convert(written.message, Message), [leaf.receipt() for leaf in written.recorded])


@delete(
    "/conversations/{conversation:str}/messages/{message:str}",
    status_code=200,
    summary="Delete what this partner wrote",
    response_description="The words are gone. Receipts of the events that this partner may open.",
    responses={**REFUSABLE, 422: KEY_REUSED},
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
        platform.gate,
        signed,
        conversation=conversation,
        message=message,
        key=_key(request) if KEY_FIELD in request.headers else None,
        now=platform.clock(),
    )
    return Receipts(list(receipts))


@get(
    "/friends",
    summary="List the person's friends",
    response_description="This partner's own ids of them, and a receipt for each event that this answer is.",
    responses={**REFUSABLE, **UNCHANGED},
)
async def friends(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(description="how many friends at most, 1 to 100")] = 100,
) -> Response[Friends]:
    """List friends in two groups, without names: each of them is told of it by an event of her own."""
    signed = await proven_by(request, platform)
    found = await listing_friends.list_friends(
        platform.gate, signed, after=after, limit=limit, known=known_tags(request), now=platform.clock()
    )
    receipts = [leaf.receipt() for leaf in found.recorded]
    value = Friends(list(found.connected), list(found.others), found.next, receipts)
    return answered(request, value, found)


def _key(request: Request[Any, Any, Any]) -> str:
    """Read the Idempotency-Key field (draft-ietf-httpapi-idempotency-key-header-07, section 2).

    Raises:
        BadRequest: without one, or if it is none that we take.
    """
    given = request.headers.get(KEY_FIELD)
    found = None if given is None else KEY.fullmatch(given)
    if found is None:
        raise BadRequest(
            'Idempotency-Key: expected a new key in quotes for each message, such as "8e03978e-40d5", of 1 '
            f"to 120 visible characters; got {'none' if given is None else repr(given[:130])}"
        )
    return found[1]


def _key_reused(_: Request[Any, Any, Any], error: KeyReused) -> Response[Any]:
    return problem(422, "Key already used", str(error))


router = Router(
    "/v1",
    route_handlers=[
        *partner.handlers,
        write_message,
        delete_message,
        friends,
        partner_files.read_attachment,
        *partner_register.handlers,
        partner_receiving.recommendations,
        *partner_record.handlers,
        partner_conversations.conversations,
        *partner_webhooks.handlers,
        partner_cards.register_card,
        *partner_reports.handlers,
    ],
    exception_handlers={**partner_errors.HANDLERS, KeyReused: _key_reused},
    middleware=[AnswersToPartners(), NoteRequests()],
    response_headers={"cache-control": "no-store"},
    request_max_body_size=LARGEST_BODY,
    tags=["Partner API"],
)
"""The whole API, version 1."""
