"""Deleting one's account."""

from typing import Any

from litestar import Request, Response, get, post

from vestibule.people import deleting
from vestibule.people.accounts import Account
from vestibule.web import leaving
from vestibule.web.given import GivenPerson, GivenPlatform, GivenProved
from vestibule.web.pages import page
from vestibule.web.person.cookie import ended_cookie
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other


def _delete_page(person: Account, errors: dict[str, str]) -> Response[str]:
    return page("person/delete.html", person=person, status=422 if errors else 200, errors=errors)


@get("/account/delete", include_in_schema=False)
async def ask_to_delete(
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[str]:
    """Say what deleting means, and ask for the handle."""
    return _delete_page(person, {})


@post("/account/delete", include_in_schema=False, request_max_body_size=LARGEST)
async def delete(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[Any]:
    """Delete the account: sessions and connections end before the answer, the rest follows by itself."""
    if (await fields_of(request)).word("handle") != person.handle:
        return _delete_page(
            person, {"handle": "Type your own handle, so that this does not happen by mistake."}
        )
    now = platform.clock()
    await deleting.delete(platform.store, person, now)
    platform.live.end(person.user_id)
    await leaving.part(platform.store, platform.outbox, person.user_id, now)
    answer = see_other("/?said=deleted")
    answer.set_cookie(ended_cookie(secure=platform.settings.secure))
    return answer


handlers = (ask_to_delete, delete)
