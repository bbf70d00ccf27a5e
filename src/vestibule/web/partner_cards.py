"""A partner has cards of its own pages registered."""

from typing import Any

import msgspec
from litestar import Request, post

from vestibule.gate.errors import BadRequest
from vestibule.gate.operations import registering_cards
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import ANY_REQUEST, signed_by


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the partner's, and its own word for the card."""

    page: str
    campaign: str = ""


class RegisteredCard(msgspec.Struct, frozen=True):
    """The id that stands for the card in a dialog's address and in a button, and the card as it was read."""

    id: str
    kind: str
    title: str
    picture: str
    link: str
    exp: int
    campaign: str = ""


@post(
    "/cards",
    status_code=200,
    summary="Register the card of a page of yours",
    response_description="The card as it was read from the page.",
    responses=ANY_REQUEST,
)
async def register_card(request: Request[Any, Any, Any], platform: GivenPlatform) -> RegisteredCard:
    """Fetch a page within your home origin once, read its Open Graph, and keep the card for 400 days.

    No token is needed. The same page and campaign again is the same id, brought up to date. A redirect is not
    followed; a tag that is missing is named.
    """
    signed = await signed_by(request, platform)
    try:
        asked = msgspec.json.decode(await request.body(), type=Page)
    except ValueError as error:
        raise BadRequest(f"body: {error}") from error
    kept = await registering_cards.register_card(
        platform.gate,
        platform.reaching,
        signed.partner_id,
        page=asked.page,
        campaign=asked.campaign,
        now=platform.clock(),
    )
    return msgspec.convert({"id": kept.card_id, **kept.claims}, RegisteredCard)
