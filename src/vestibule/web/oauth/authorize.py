"""`/oauth/authorize`: what a signed-in person is shown, and where her decision leads."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post

from vestibule.oauth import rfc6749_authorize, rfc6749_parameters
from vestibule.oauth.errors import BadAuthorization, OAuthError
from vestibule.people.accounts import Account
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.oauth import consent
from vestibule.web.oauth.stopped import stopped
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.speaking import language_of

PATH = "/oauth/authorize"


def _stopped(request: Request[Any, Any, Any], error: BadAuthorization) -> Response[str]:
    language = language_of(request)
    return stopped(language, error.status, language.gettext(error.title), language.gettext(error.sentence))


def _check_hers(person: Account, parameters: Mapping[str, str]) -> None:
    """Refuse a person for trying what is not her own partner's.

    Raises:
        BadAuthorization: if it is another's.
    """
    if person.tried_by not in {"", parameters.get("client_id")}:
        raise BadAuthorization(*rfc6749_authorize.FOR_TRYING)


@get(PATH, include_in_schema=False, exception_handlers={BadAuthorization: _stopped})
async def ask(request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson) -> Response[Any]:
    """Show what a partner asks for; the first who sees it is the one it is asked of."""
    try:
        parameters = rfc6749_parameters.parse(request.scope["query_string"])
    except OAuthError as error:
        raise BadAuthorization(*rfc6749_authorize.UNKNOWN) from error
    _check_hers(person, parameters)
    asked = await rfc6749_authorize.opened(platform.store, parameters, person.user_id, platform.clock())
    return await consent.opened(request, platform, person, asked)


@post(
    PATH,
    include_in_schema=False,
    request_max_body_size=LARGEST,
    exception_handlers={BadAuthorization: _stopped},
)
async def answer(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Take what she chose; only a request that she opened herself is hers to decide on."""
    form = await fields_of(request)
    named = {name: form.text(name) for name in ("client_id", "request_uri")}
    _check_hers(person, named)
    asked = await rfc6749_authorize.found(platform.store, named, person.user_id, platform.clock())
    return await consent.answered(request, platform, person, asked, form)


handlers = (ask, answer)
