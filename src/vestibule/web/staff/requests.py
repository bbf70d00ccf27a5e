"""The queue of privileges that partners ask for: what each asks, and the operator's answer."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from vestibule.partners import answering, members, register
from vestibule.partners import asked as requests
from vestibule.partners.asked import PrivilegeRequest
from vestibule.partners.errors import RegisterError
from vestibule.store.errors import BadId
from vestibule.store.ids import decode
from vestibule.web.person import attached
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.staff.door import GivenActing, GivenInside, Inside

HERE = "requests"


async def _found(inside: Inside, partner_id: str, spelled: str) -> PrivilegeRequest:
    """Find a request that its partner has signed."""
    try:
        found = await requests.one(inside.platform.store, partner_id, decode(spelled))
    except BadId:
        found = None
    if found is None or found.state == requests.UNSIGNED:
        raise NotFoundException("no such request")
    return found


async def _page(inside: Inside, found: PrivilegeRequest, wrong: str = "", words: str = "") -> Response[str]:
    store = inside.platform.store
    return inside.page(
        "request",
        HERE,
        status=422 if wrong else 200,
        request=found,
        partner=await register.partner(store, found.partner_id),
        held=await register.privilege(store, found.partner_id, found.asked.scope),
        wrong=wrong,
        words=words,
    )


@get("/requests")
async def show_queue(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """List what waits for an answer, the oldest first."""
    waiting = await requests.open_requests(inside.platform.store)
    names = {one.partner_id: one.name for one in await register.partners(inside.platform.store)}
    return inside.page("requests", HERE, said=said, waiting=waiting, names=names)


@get("/requests/{partner_id:str}/{request_id:str}")
async def show_request(
    partner_id: FromPath[str], request_id: FromPath[str], inside: GivenInside
) -> Response[str]:
    """Show what a partner asks for."""
    return await _page(inside, await _found(inside, partner_id, request_id))


@post("/requests/{partner_id:str}/{request_id:str}", request_max_body_size=LARGEST)
async def answer(
    request: Request[Any, Any, Any],
    partner_id: FromPath[str],
    request_id: FromPath[str],
    acting: GivenActing,
) -> Response[Any]:
    """Grant or decline it."""
    found = await _found(acting, partner_id, request_id)
    form = await fields_of(request)
    words = form.word("words")
    try:
        said = await _decided(acting, found, form.word("decision"), words)
    except RegisterError as error:
        return await _page(acting, await _found(acting, partner_id, request_id), str(error), words)
    return see_other(f"/staff/requests?said={said}")


async def _decided(acting: Inside, found: PrivilegeRequest, decision: str, words: str) -> str:
    platform, now = acting.platform, acting.platform.clock()
    match decision:
        case "grant":
            await members.check_impartial(platform.store, found.partner_id, acting.person.user_id)
            await answering.grant(platform.store, platform.recorder, found, words, now)
            return "privilege-granted"
        case "decline":
            await answering.decline(platform.store, found, words, now)
            return "privilege-declined"
        case _:
            raise RegisterError(f"decision: expected grant or decline, got {decision[:40]!r}")


@get("/requests/{partner_id:str}/{request_id:str}/pictures/{number:int}")
async def picture(
    partner_id: FromPath[str], request_id: FromPath[str], number: FromPath[int], inside: GivenInside
) -> Response[bytes]:
    """Show a picture that was handed in."""
    pictures = (await _found(inside, partner_id, request_id)).asked.pictures
    if not 0 <= number < len(pictures):
        raise NotFoundException("no such picture")
    return await attached.given(inside.platform, pictures[number])


@get("/requests/{partner_id:str}/{request_id:str}/agreement")
async def agreement(
    partner_id: FromPath[str], request_id: FromPath[str], inside: GivenInside
) -> Response[bytes]:
    """Give the agreement that was handed in."""
    file = (await _found(inside, partner_id, request_id)).asked.agreement
    return await attached.given(inside.platform, file, attached.disposition(file.type, file.name))


handlers = (show_queue, show_request, answer, picture, agreement)
