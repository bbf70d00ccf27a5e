"""Changing what an app can do, from the Apps page: the consent page over what stands."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, post
from litestar.params import FromPath

from vestibule.connections import listing
from vestibule.oauth import changing
from vestibule.web.given import GivenLanguage, GivenPerson, GivenPlatform
from vestibule.web.person.apps_acting import refused
from vestibule.web.person.forms import LARGEST
from vestibule.web.person.places import see_other


@post("/apps/{partner_id:str}/change", include_in_schema=False, request_max_body_size=LARGEST)
async def change(
    partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[Any]:
    """Begin a change of a connection; nothing changes before she agrees to it."""
    connection = await listing.connection_with(platform.store, person.user_id, partner_id)
    if connection is None:
        return await refused(platform, person, partner_id, language)
    request_uri = await changing.begin(platform.store, person.user_id, connection.grant, platform.clock())
    named = {"client_id": partner_id, "request_uri": request_uri}
    return see_other(f"/oauth/authorize?{urlencode(named)}")


handlers = (change,)
