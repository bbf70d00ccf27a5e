"""Proving oneself again, before what a stolen session must not do (`people/stepping_up.py`)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from vestibule.connections.language import Language, marked
from vestibule.people import open_sessions, passkeys, stepping_up
from vestibule.people.accounts import Account
from vestibule.people.errors import PasskeyRefused, TooManyAttempts, WrongLogin
from vestibule.people.sessions import Session
from vestibule.web.given import GivenLanguage, GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import session_cookie, session_of, token_of
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.places import local_path, see_other
from vestibule.web.platform import Platform

SENTENCES = {
    WrongLogin: ("password", marked("That is not your password.")),
    TooManyAttempts: ("password", marked("Too many attempts did not succeed. Please wait a few minutes.")),
    PasskeyRefused: (
        "passkey",
        marked("That passkey proved nothing. Please try again, or use your password."),
    ),
}
ACCOUNT = "/account"


async def _prove_page(
    platform: Platform,
    person: Account,
    session: Session,
    language: Language,
    *,
    wanted: str,
    errors: dict[str, str],
    status: int = 200,
) -> Response[str]:
    has_passkeys = platform.party.usable and await passkeys.credentials_of(platform.store, person.user_id)
    return page(
        "person/prove.html",
        language=language,
        person=person,
        status=status,
        next=wanted,
        errors=errors,
        passkey_options=await stepping_up.request_options(
            platform.store, platform.party, person, session, platform.clock()
        )
        if has_passkeys
        else "",
    )


@get("/account/prove", include_in_schema=False)
async def prove_form(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    person: GivenPerson,
    language: GivenLanguage,
    next: FromQuery[str] = "",  # noqa: A002  (the query parameter's name)
) -> Response[Any]:
    """Ask for the password or a passkey, unless she gave one just now."""
    session = await session_of(request, platform)
    wanted = local_path(next, ACCOUNT)
    if session is None:
        return see_other("/signin")
    if stepping_up.is_proved(session, platform.clock()):
        return see_other(wanted)
    return await _prove_page(platform, person, session, language, wanted=wanted, errors={})


@post("/account/prove", include_in_schema=False, request_max_body_size=LARGEST)
async def prove(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[Any]:
    """Take the proof, and go on to what it was for with a new token."""
    form = await fields_of(request)
    session, token = await session_of(request, platform), token_of(request, platform)
    wanted = local_path(form.text("next"), ACCOUNT)
    if session is None or token is None:
        return see_other("/signin")
    try:
        await _proved(platform, person, session, form)
    except (WrongLogin, TooManyAttempts, PasskeyRefused) as error:
        field, sentence = SENTENCES[type(error)]
        status = 429 if isinstance(error, TooManyAttempts) else 422
        errors = {field: language.gettext(sentence)}
        return await _prove_page(
            platform, person, session, language, wanted=wanted, errors=errors, status=status
        )
    fresh = await open_sessions.renew(platform.store, token, platform.clock())
    if fresh is None:
        return see_other("/signin")
    answer = see_other(wanted)
    answer.set_cookie(session_cookie(fresh, secure=platform.settings.secure))
    return answer


async def _proved(platform: Platform, person: Account, session: Session, form: Fields) -> None:
    store, now = platform.store, platform.clock()
    if assertion := form.text("assertion"):
        await stepping_up.prove_passkey(store, platform.party, person, session, assertion, now=now)
    else:
        await stepping_up.prove_password(store, person, form.text("password"), now)


handlers = (prove_form, prove)
