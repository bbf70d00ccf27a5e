"""The page behind an invitation's link: what is recommended and by whom, and a way in."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from vestibule.gate.operations import inviting
from vestibule.partners import register
from vestibule.people.accounts import Account
from vestibule.sharing import invitations
from vestibule.sharing.errors import InvitationOver
from vestibule.store.ids import encode
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.person.forms import LARGEST
from vestibule.web.person.places import see_other


def _over(error: InvitationOver, person: Account | None) -> Response[str]:
    return page(
        "error.html", person=person, status=410, title="Nothing behind this door", sentence=str(error)
    )


@get("/i/{token:str}", include_in_schema=False)
async def show(
    request: Request[Any, Any, Any], platform: GivenPlatform, token: FromPath[str]
) -> Response[str]:
    """Show what is recommended; looking takes nothing."""
    visitor = await visitor_of(request, platform)
    try:
        invitation = await invitations.find(platform.store, token, platform.clock())
        invitation.check_left_for(visitor.user_id if visitor else None)
        sender = await inviting.sender_of(platform.gate, invitation)
    except InvitationOver as error:
        return _over(error, visitor)
    return page(
        "dialog/invitation.html",
        person=visitor,
        sender=sender,
        partner=await register.partner(platform.store, invitation.dialog.partner_id),
        card=invitation.dialog.card,
        token=token,
    )


@post("/i/{token:str}", include_in_schema=False, request_max_body_size=LARGEST)
async def accept(platform: GivenPlatform, person: GivenPerson, token: FromPath[str]) -> Response[Any]:
    """Become friends with the sender, and find the card in the inbox."""
    try:
        conversation_id = await inviting.accept(platform.gate, token, person, platform.clock())
    except InvitationOver as error:
        return _over(error, person)
    return see_other(f"/c/{encode(conversation_id)}#newest")


handlers: tuple[HTTPRouteHandler, ...] = (show, accept)
