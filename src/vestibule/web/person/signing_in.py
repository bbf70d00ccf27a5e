"""The front door: landing page, signing up, in (by passkey, password or recovery code) and out."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from vestibule.people import accounts, passkey_sign_in, recovery, sessions
from vestibule.people.errors import (
    BadHandle,
    BadName,
    HandleTaken,
    PasskeyRefused,
    PeopleError,
    TooManyAttempts,
    WeakPassword,
    WrongLogin,
)
from vestibule.people.memory import memory_of
from vestibule.web.given import GivenPlatform
from vestibule.web.handed import opens_popup
from vestibule.web.pages import page
from vestibule.web.person.cookie import (
    browser_of,
    device_of,
    ended_cookie,
    signed_in,
    token_of,
    visitor_of,
)
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.network import network_of
from vestibule.web.person.places import local_path, see_other
from vestibule.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a field, in words for the person."""

    field: str
    sentence: str


COMPLAINTS = {
    BadHandle: Complaint("handle", "Use 3 to 30 small letters a to z, digits and the underscore."),
    HandleTaken: Complaint("handle", "Somebody already has this handle. Please choose another."),
    BadName: Complaint("name", "Give a name of 1 to 80 letters, without control characters."),
    WeakPassword: Complaint("password", "Use at least 10 characters. A few words in a row are good."),
    WrongLogin: Complaint("password", "Handle and password do not fit together."),
    TooManyAttempts: Complaint(
        "password",
        "Too many attempts did not succeed. Please wait a few minutes, or use a passkey or a recovery code.",
    ),
    PasskeyRefused: Complaint(
        "passkey", "That passkey did not sign you in. Please try again, or use your password."
    ),
}
CROWDED = "Many accounts were asked for from your network just now. Please try again in an hour."
WRONG_CODE = "Handle and code do not fit together, or the code was used before."


def _complaint(error: PeopleError) -> dict[str, str]:
    complaint = COMPLAINTS[type(error)]
    return {complaint.field: complaint.sentence}


@get("/", include_in_schema=False)
async def front_door(
    request: Request[Any, Any, Any], platform: GivenPlatform, said: FromQuery[str | None] = None
) -> Response[Any]:
    """Show what this place is, or go on to the inbox."""
    if await visitor_of(request, platform) is not None:
        return see_other("/inbox")
    return page("person/landing.html", said=said)


def _sign_up_page(form: Fields, errors: dict[str, str], status: int = 200) -> Response[str]:
    wanted = form.text("next")
    return page(
        "person/signup.html",
        status=status,
        keeps_opener=opens_popup(wanted),
        form=form,
        errors=errors,
        next=wanted,
    )


@get("/signup", include_in_schema=False)
async def sign_up_form(next: FromQuery[str] = "") -> Response[str]:  # noqa: A002  (the query parameter's name)
    """Show the sign-up form."""
    return _sign_up_page(Fields({"next": [next]}), {})


@post("/signup", include_in_schema=False, request_max_body_size=LARGEST)
async def sign_up(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Create an account and sign in."""
    form = await fields_of(request)
    try:
        _count_sign_up(request, platform)
    except TooManyAttempts as error:
        answer = _sign_up_page(form, {"name": CROWDED}, status=429)
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    try:
        account = await accounts.sign_up(
            platform.store,
            handle=form.word("handle"),
            name=form.word("name"),
            password=form.text("password"),
            now=platform.clock(),
            kid=form.word("kid") == "yes",
        )
    except (BadHandle, HandleTaken, BadName, WeakPassword) as error:
        return _sign_up_page(form, _complaint(error), status=422)
    # No sign-in: the password was chosen just now, and a throttle that is shut for others is not for her.
    token = await sessions.begin(
        platform.store, account, platform.clock(), means="sign-up", browser=browser_of(request)
    )
    return await signed_in(request, platform, token, account, local_path(form.text("next")))


def _count_sign_up(request: Request[Any, Any, Any], platform: Platform) -> None:
    """Count a sign-up against the network that it comes from, before anything in it is looked at.

    Raises:
        TooManyAttempts: whatever was filled in, so that this says nothing of which handles there are.
    """
    network = network_of(request, platform.settings.proxies)
    if network is not None:
        memory_of(platform.store).signing_up.admit(network, platform.clock())


def _sign_in_page(
    platform: Platform, form: Fields, errors: dict[str, str], *, status: int = 200, said: str | None = None
) -> Response[str]:
    usable = platform.party.usable
    return page(
        "person/signin.html",
        status=status,
        said=said,
        keeps_opener=opens_popup(form.text("next")),
        here="signin",
        form=form,
        errors=errors,
        next=form.text("next"),
        passkey_options=passkey_sign_in.options(platform.party, platform.clock()) if usable else "",
    )


@get("/signin", include_in_schema=False)
async def sign_in_form(
    platform: GivenPlatform,
    next: FromQuery[str] = "",  # noqa: A002  (the query parameter's name)
    said: FromQuery[str | None] = None,
) -> Response[str]:
    """Show the ways to sign in."""
    return _sign_in_page(platform, Fields({"next": [next]}), {}, said=said)


@post("/signin", include_in_schema=False, request_max_body_size=LARGEST)
async def sign_in(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Sign in by password and go on to where the person wanted to be."""
    form = await fields_of(request)
    try:
        token, account = await sessions.sign_in(
            platform.store,
            handle=form.word("handle"),
            password=form.text("password"),
            now=platform.clock(),
            browser=browser_of(request),
            device=device_of(request, platform),
        )
    except TooManyAttempts as error:
        answer = _sign_in_page(platform, form, _complaint(error), status=429)
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    except WrongLogin as error:
        return _sign_in_page(platform, form, _complaint(error), status=422)
    return await signed_in(request, platform, token, account, local_path(form.text("next")))


@post("/signin/passkey", include_in_schema=False, request_max_body_size=LARGEST)
async def sign_in_with_passkey(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Sign in by passkey and go on to where the person wanted to be."""
    form = await fields_of(request)
    try:
        token, account = await passkey_sign_in.sign_in(
            platform.store,
            platform.party,
            answer=form.text("assertion"),
            now=platform.clock(),
            browser=browser_of(request),
        )
    except (PasskeyRefused, WrongLogin) as error:
        return _sign_in_page(platform, form, _complaint(error), status=422)
    return await signed_in(request, platform, token, account, local_path(form.text("next")))


def _recovery_page(form: Fields, errors: dict[str, str], status: int = 200) -> Response[str]:
    return page("person/recover.html", status=status, form=form, errors=errors)


@get("/recover", include_in_schema=False)
async def recovery_form() -> Response[str]:
    """Show where a recovery code is typed."""
    return _recovery_page(Fields({}), {})


@post("/recover", include_in_schema=False, request_max_body_size=LARGEST)
async def recover(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Sign in by a recovery code, and ask for a new password or a passkey."""
    form = await fields_of(request)
    try:
        token, account = await recovery.sign_in(
            platform.store,
            handle=form.word("handle"),
            code=form.text("code"),
            now=platform.clock(),
            browser=browser_of(request),
        )
    except WrongLogin:
        return _recovery_page(form, {"code": WRONG_CODE}, status=422)
    return await signed_in(request, platform, token, account, "/account/password?said=recovered")


@post("/signout", include_in_schema=False, request_max_body_size=LARGEST)
async def sign_out(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """End the session."""
    token = token_of(request, platform)
    if token is not None:
        await sessions.sign_out(platform.store, token)
    answer = see_other("/signin?said=signed-out")
    answer.set_cookie(ended_cookie(secure=platform.settings.secure))
    return answer


handlers = (
    front_door,
    sign_up_form,
    sign_up,
    sign_in_form,
    sign_in,
    sign_in_with_passkey,
    recovery_form,
    recover,
    sign_out,
)
