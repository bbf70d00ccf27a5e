"""What stands behind "via Marquee" at a recommendation: what the app learned, muting, reporting."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, PathParameter

from vestibule.gate.operations import receiving, sending
from vestibule.inbox import messages
from vestibule.inbox.message import Message
from vestibule.partners import register
from vestibule.partners.register import Partner
from vestibule.people.accounts import Account
from vestibule.sharing import mutes, reports, sent
from vestibule.sharing.engagement import Event, Happened, person_key
from vestibule.sharing.errors import BadReport
from vestibule.sharing.reports import Report
from vestibule.store import Store
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person import talk
from vestibule.web.person.conversation import member_of
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import LAST_NUMBER, see_other
from vestibule.web.platform import Platform

Number = Annotated[int, PathParameter(ge=1, le=LAST_NUMBER)]


@dataclass(frozen=True, slots=True)
class Found:
    """A recommendation that a member sees, and the partner it came through."""

    conversation_id: int
    message: Message
    card: str
    event_index: int
    partner: Partner


async def _found(platform: Platform, person: Account, spelled: str, seq: int) -> Found:
    """Find a recommendation; whoever is not in the conversation is not told whether there is one."""
    conversation_id = await member_of(platform, person, spelled)
    message = (await messages.numbered(platform.store, conversation_id, [seq])).get(seq)
    if (
        message is None
        or message.card is None
        or message.via_partner is None
        or message.event_index is None
        or (partner := await register.partner(platform.store, message.via_partner)) is None
    ):
        raise NotFoundException("no such recommendation")
    return Found(conversation_id, message, message.card, message.event_index, partner)


async def _page(
    platform: Platform, person: Account, found: Found, *, said: str | None = None, wrong: str = ""
) -> Response[str]:
    partner_id = found.partner.partner_id
    return page(
        "person/via.html",
        person=person,
        said=said,
        status=422 if wrong else 200,
        here="inbox",
        conversation_id=found.conversation_id,
        message=found.message,
        mine=found.message.sender_id == person.user_id,
        card=talk.card_of(found.card),
        partner=found.partner,
        event_index=found.event_index,
        told=await receiving.told(platform.store, person.user_id, partner_id) is not None,
        muted=partner_id in await mutes.muted_by(platform.store, person.user_id),
        reasons=reports.REASONS,
        longest=reports.LONGEST_WORDS,
        wrong=wrong,
    )


@get("/c/{conversation:str}/{seq:int}/via", include_in_schema=False)
async def show(
    conversation: FromPath[str],
    seq: Number,
    platform: GivenPlatform,
    person: GivenPerson,
    said: FromQuery[str | None] = None,
) -> Response[str]:
    """Say what the app learned of a recommendation; offer to mute it, and to report."""
    return await _page(platform, person, await _found(platform, person, conversation, seq), said=said)


@post("/c/{conversation:str}/{seq:int}/via", include_in_schema=False, request_max_body_size=LARGEST)
async def act(
    request: Request[Any, Any, Any],
    conversation: FromPath[str],
    seq: Number,
    platform: GivenPlatform,
    person: GivenPerson,
) -> Response[Any]:
    """Mute the partner, lift that, or report the recommendation."""
    form = await fields_of(request)
    found = await _found(platform, person, conversation, seq)
    store, partner_id, now = platform.store, found.partner.partner_id, platform.clock()
    match form.word("decision"):
        case "mute":
            await mutes.mute(store, person.user_id, await _event(store, "mute", found, person, now))
            said = "muted"
        case "unmute":
            await mutes.unmute(store, person.user_id, partner_id)
            said = "unmuted"
        case _:
            try:
                report = _report(found, person, form.word("reason"), form.word("words"), now)
                await reports.add(store, report, await _event(store, "report", found, person, now))
            except BadReport as error:
                return await _page(platform, person, found, wrong=str(error))
            said = "reported"
    return see_other(f"/c/{conversation}/{seq}/via?said={said}")


def _report(found: Found, person: Account, reason: str, words: str, now: int) -> Report:
    if found.message.sender_id == person.user_id:
        raise BadReport("this is your own recommendation")
    return Report(
        found.partner.partner_id,
        found.conversation_id,
        found.message.seq,
        person.user_id,
        found.event_index,
        found.card,
        reason,
        words,
        now,
    )


async def _event(store: Store, kind: Happened, found: Found, person: Account, now: int) -> Event:
    partner_id = found.partner.partner_id
    campaign, placement = await sent.placed(store, partner_id, found.event_index)
    return Event(
        kind,
        partner_id,
        now,
        placement,
        campaign,
        await sending.kind_of(store, person.user_id, partner_id),
        person=await person_key(store, person.user_id, now),
    )


handlers = (show, act)
