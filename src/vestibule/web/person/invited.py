"""The invitations that a person made: what each is about, its link once more, and withdrawing it."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery

from vestibule.partners import register
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.sharing import invitations, made
from vestibule.sharing.errors import InvitationOver
from vestibule.sharing.invitations import Invitation
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Line:
    """One invitation.

    Attributes:
        name: what its form calls it.
        invitation: what it is about.
        app: the name of the app that it came through.
        link: what to hand over; empty where there is nothing to take any more.
        taker: who took it, if somebody did who is still here.
        expires_at: microseconds since 1970.
    """

    name: str
    invitation: Invitation
    app: str
    link: str
    taker: str
    expires_at: int


async def _lines(platform: Platform, person: Account) -> list[Line]:
    """List those that there is something to say of: not the withdrawn ones."""
    lines, now = [], platform.clock()
    for digest, expires_at in await made.of_person(platform.store, person.user_id, now):
        found = await invitations.find_hashed(platform.store, digest, now)
        if found is not None and not found.is_withdrawn:
            lines.append(await _line(platform, digest, found, expires_at))
    return lines


async def _line(platform: Platform, digest: bytes, found: Invitation, expires_at: int) -> Line:
    partner = await register.partner(platform.store, found.dialog.partner_id)
    taker = None if found.taken_by is None else await accounts.by_id(platform.store, found.taken_by)
    token = invitations.token_of(platform.gate.secret, found.dialog.dialog_hash)
    return Line(
        name=digest.hex(),
        invitation=found,
        app=found.dialog.partner_id if partner is None else partner.name,
        link=f"{platform.settings.origin}/i/{token}" if found.taken_by is None else "",
        taker="" if taker is None else taker.name,
        expires_at=expires_at,
    )


async def _page(platform: Platform, person: Account, *, said: str | None = None, wrong: str = "") -> Any:
    return page(
        "person/invited.html",
        person=person,
        status=422 if wrong else 200,
        said=said,
        here="friends",
        lines=await _lines(platform, person),
        wrong=wrong,
        now=platform.clock(),
    )


@get("/invitations", include_in_schema=False)
async def show(
    platform: GivenPlatform, person: GivenPerson, said: FromQuery[str | None] = None
) -> Response[str]:
    """List the invitations that count, and those that somebody took."""
    found: Response[str] = await _page(platform, person, said=said)
    return found


@post("/invitations/withdraw", include_in_schema=False, request_max_body_size=LARGEST)
async def withdraw(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Let nobody take one any more."""
    given = (await fields_of(request)).word("invitation")
    try:
        digest = bytes.fromhex(given)
    except ValueError as error:
        raise NotFoundException("no such invitation") from error
    try:
        await invitations.withdraw(platform.store, person.user_id, digest, platform.clock())
    except InvitationOver as error:
        wrong: Response[Any] = await _page(platform, person, wrong=f"Nothing was withdrawn: {error}.")
        return wrong
    return see_other("/invitations?said=invitation-withdrawn")


handlers = (show, withdraw)
