"""The chosen conversations, and in which of them there is something new. Data come only from the gate."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from vestibule.gate.operations import listing_conversations
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import REFUSABLE, proven_by
from vestibule.web.partner_http import UNCHANGED, answered, known_tags


class Conversation(msgspec.Struct, frozen=True):
    """A chosen conversation.

    `newest` is the id of the newest message that this connection can see, `withheld` says that some may be,
    because somebody there has not agreed.
    """

    id: str
    newest: str | None
    withheld: bool


class Conversations(msgspec.Struct, frozen=True):
    """An answer: in the order of the grant."""

    conversations: list[Conversation]
    next: str | None
    receipts: list[str]


@get(
    "/conversations",
    summary="List the chosen conversations",
    response_description="The conversations, and a receipt for each event that this answer is.",
    responses={**REFUSABLE, **UNCHANGED},
)
async def conversations(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(description="how many conversations at most, 1 to 100")] = 100,
) -> Response[Conversations]:
    """See which conversations have something new: those whose `newest` is not the last message you have."""
    signed = await proven_by(request, platform)
    found = await listing_conversations.list_conversations(
        platform.gate, signed, after=after, limit=limit, known=known_tags(request), now=platform.clock()
    )
    value = Conversations(
        [msgspec.convert(one, Conversation) for one in found.conversations],
        found.next,
        [leaf.receipt() for leaf in found.recorded],
    )
    return answered(request, value, found)
