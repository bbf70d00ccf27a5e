"""What a person does about an app's connection on her Apps page besides ending it: suspend it, resume it."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from vestibule.connections import listing, suspending
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.language import Language
from vestibule.connections.listing import Connection
from vestibule.connections.states import By
from vestibule.gate import privileges
from vestibule.people.accounts import Account
from vestibule.web.given import GivenLanguage, GivenPerson, GivenPlatform
from vestibule.web.oauth.stopped import stopped
from vestibule.web.person.apps_words import suspended_sentences
from vestibule.web.person.forms import LARGEST
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform


async def refused(platform: Platform, person: Account, partner_id: str, language: Language) -> Response[str]:
    """Say why her connection with an app, as it stands now, cannot be changed by her."""
    connection = await listing.connection_with(platform.store, person.user_id, partner_id)
    if connection is None:
        why = language.gettext("You have no connection with this app: it may have ended meanwhile.")
    elif connection.suspended_by:
        why = " ".join(suspended_sentences(connection, language))
    else:
        why = language.gettext("It is not suspended.")
    nothing = language.gettext("Nothing was changed. Your Apps page shows how things stand.")
    return stopped(language, 409, language.gettext("That cannot be done now"), f"{why} {nothing}")


async def _connection(platform: Platform, person: Account, partner_id: str) -> Connection:
    connection = await listing.connection_with(platform.store, person.user_id, partner_id)
    if connection is None:
        raise ConnectionRefused("there is no connection with this partner")
    return connection


@post("/apps/{partner_id:str}/suspend", include_in_schema=False, request_max_body_size=LARGEST)
async def suspend(
    partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[Any]:
    """Suspend the connection, at once."""
    try:
        connection = await _connection(platform, person, partner_id)
        await suspending.suspend(
            platform.store,
            platform.outbox,
            user_id=person.user_id,
            connection_id=connection.connection_id,
            by=By.PERSON,
            now=platform.clock(),
        )
    except ConnectionRefused:
        return await refused(platform, person, partner_id, language)
    return see_other(f"/apps?said=suspended#{partner_id}")


@post("/apps/{partner_id:str}/resume", include_in_schema=False, request_max_body_size=LARGEST)
async def resume(
    partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[Any]:
    """Undo her own suspension, or the one that came for want of use."""
    try:
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
    except ConnectionRefused:
        return await refused(platform, person, partner_id, language)
    return see_other(f"/apps?said={'still-suspended' if resumed.suspended_by else 'resumed'}#{partner_id}")


handlers = (suspend, resume)
