"""The click link: counts a visit and leads to the partner's registered origin, and nowhere else."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from vestibule.gate.operations import sending
from vestibule.inbox import conversations
from vestibule.partners import register
from vestibule.partners.register import Partner
from vestibule.people.accounts import Account
from vestibule.sharing import card as cards
from vestibule.sharing import clicks
from vestibule.sharing.clicks import ClickLink
from vestibule.sharing.errors import BadCard
from vestibule.sharing.visit import Visit
from vestibule.web.given import GivenPlatform
from vestibule.web.oauth.deciding import see_other_origin
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.platform import Platform


@route("/r/{token:str}", http_method=["GET", "HEAD"], include_in_schema=False)
async def click(
    request: Request[Any, Any, Any], platform: GivenPlatform, token: FromPath[str]
) -> Response[Any]:
    """Lead on; a recipient's first click of the day takes a one-time value along."""
    link = await clicks.find(platform.store, token)
    partner = await register.partner(platform.store, link.partner_id) if link else None
    visitor = await visitor_of(request, platform)
    if link is None or partner is None:
        return page(
            "error.html",
            person=visitor,
            status=404,
            title="No such door",
            sentence="This link leads nowhere any more.",
        )
    closed = _closed(link, partner)
    if closed:
        await _count(request, platform, link, visitor, closed="the door is closed")
        title = f"{partner.name} cannot be reached from here"
        return page("error.html", person=visitor, status=403, title=title, sentence=closed)
    value = await _count(request, platform, link, visitor)
    return see_other_origin(link.leads_to(value))


def _closed(link: ClickLink, partner: Partner) -> str:
    """Say why a link leads nowhere now; empty if it leads on."""
    if partner.suspended_by is not None:
        return (
            f"{partner.name} is suspended, and until that is over links to it lead nowhere. The register "
            "says who suspended it. The message itself stays in your inbox."
        )
    try:
        cards.check_link(link.target, partner.home_origin)
    except BadCard:
        return (
            f"{partner.name} has moved since this was recommended, and we lead only to where it is "
            "registered. The message itself stays in your inbox."
        )
    return ""


async def _count(
    request: Request[Any, Any, Any],
    platform: Platform,
    link: ClickLink,
    visitor: Account | None,
    *,
    closed: str = "",
) -> str:
    clicked_by = visitor.user_id if visitor else None
    visit = Visit.of(request.method, request.headers, clicked_by)
    members = await conversations.members(platform.store, link.conversation_id)
    reason = visit.not_counted_because(sender_id=link.sender_id, members=members) or closed
    kind = link.recipient_kind
    if not kind and visitor is not None:
        kind = await sending.kind_of(platform.store, visitor.user_id, link.partner_id)
    return await clicks.count(
        platform.store,
        link,
        clicked_by=clicked_by,
        reason=reason,
        recipient_kind=kind,
        now=platform.clock(),
    )
