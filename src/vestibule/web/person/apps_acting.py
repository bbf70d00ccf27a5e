"""What a person does about an app's connection on her Apps page besides ending it: suspend it, resume it."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from vestibule.connections import listing, suspending
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.listing import Connection
from vestibule.connections.states import By
from vestibule.gate import privileges
from vestibule.people.accounts import Account
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.oauth.stopped import stopped
from vestibule.web.person.forms import LARGEST
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform
from vestibule.web.speaking import language_of


def _refused(request: Request[Any, Any, Any], _: ConnectionRefused) -> Response[str]:
    language = language_of(request)
    return stopped(
        language,
        409,
        language.gettext("That cannot be done now"),
        language.gettext(
            "The connection has ended meanwhile, or somebody else has suspended it. Nothing was changed. "
            "Your Apps page shows how things stand."
        ),
    )


REFUSED: ExceptionHandlersMap = {ConnectionRefused: _refused}


async def _connection(platform: Platform, person: Account, partner_id: str) -> Connection:
    connection = await listing.connection_with(platform.store, person.user_id, partner_id)
    if connection is None:
        raise ConnectionRefused("you have no connection with this app: it may have ended meanwhile")
    return connection


@post(
    "/apps/{partner_id:str}/suspend",
    include_in_schema=False,
    request_max_body_size=LARGEST,
    exception_handlers=REFUSED,
)
async def suspend(partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson) -> Response[Any]:
    """Suspend the connection, at once."""
    connection = await _connection(platform, person, partner_id)
    await suspending.suspend(
        platform.store,
        platform.outbox,
        user_id=person.user_id,
        connection_id=connection.connection_id,
        by=By.PERSON,
        now=platform.clock(),
    )
    return see_other(f"/apps?said=suspended#{partner_id}")


@post(
    "/apps/{partner_id:str}/resume",
    include_in_schema=False,
    request_max_body_size=LARGEST,
    exception_handlers=REFUSED,
)
async def resume(partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson) -> Response[Any]:
    """Undo her own suspension, or the one that came for want of use."""
    connection = await _connection(platform, person, partner_id)
    resumed = await suspending.resume(
        platform.store,
        platform.outbox,
        platform.recorder,
        person=person,
        connection_id=connection.connection_id,
        by=By.PERSON,
        privilege_until=await privileges.last_day_of(platform.store, connection.grant, platform.clock()),
        now=platform.clock(),
    )
    return see_other(f"/apps?said={'still-suspended' if resumed.suspended_by else 'resumed'}#{partner_id}")


handlers = (suspend, resume)
