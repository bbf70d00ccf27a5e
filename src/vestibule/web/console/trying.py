"""Persons for trying: making one, with the password shown this once, and removing one."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from vestibule.partners import trying
from vestibule.partners.errors import RegisterError
from vestibule.partners.trying import Made
from vestibule.people import deleting
from vestibule.people.accounts import Account
from vestibule.web import leaving
from vestibule.web.console.door import GivenChanging, GivenInside, Inside
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform


async def _page(
    inside: Inside, *, said: str | None = None, made: Made | None = None, wrong: str = ""
) -> Response[str]:
    return inside.page(
        "people",
        "people",
        status=422 if wrong else 200,
        said=said,
        people=await trying.people_of(inside.platform.store, inside.partner_id),
        most=len(trying.NAMES),
        made=made,
        wrong=wrong,
    )


@get("/people")
async def show_people(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """List the persons for trying."""
    return await _page(inside, said=said)


@post("/people", request_max_body_size=LARGEST)
async def change_people(request: Request[Any, Any, Any], changing: GivenChanging) -> Response[Any]:
    """Make a person for trying, or remove one."""
    form, platform = await fields_of(request), changing.platform
    try:
        if form.text("do") != "remove":
            made = await trying.make(platform.store, platform.outbox, changing.partner_id, platform.clock())
            return await _page(changing, made=made)
        await _remove(platform, await trying.one(platform.store, changing.partner_id, form.word("handle")))
    except RegisterError as error:
        return await _page(changing, wrong=str(error))
    return see_other(changing.at("people?said=person-removed"))


async def _remove(platform: Platform, person: Account) -> None:
    """Delete the account, as its person could herself."""
    now = platform.clock()
    await deleting.delete(platform.store, person, now)
    platform.live.end(person.user_id)
    await leaving.part(platform.store, platform.outbox, person.user_id, now)
    await trying.forget(platform.store, person.tried_by, person.handle)


handlers = (show_people, change_people)
