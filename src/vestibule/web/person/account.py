"""The account page: passkeys, password, recovery codes, where one is signed in, one's own file."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery

from vestibule.connections import ending
from vestibule.partners import members
from vestibule.people import changing_password, ending_all, open_sessions, passkeys, recovery, staff
from vestibule.people.accounts import Account
from vestibule.people.ending_all import Kept
from vestibule.people.errors import WeakPassword, WrongLogin
from vestibule.web.given import GivenPerson, GivenPlatform, GivenProved
from vestibule.web.pages import page
from vestibule.web.person.cookie import device_of, session_of, token_of
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform


@get("/account", include_in_schema=False)
async def show_account(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    person: GivenPerson,
    said: FromQuery[str | None] = None,
) -> Response[str]:
    """Show what opens this account, and where it is open."""
    store, user_id = platform.store, person.user_id
    this = await session_of(request, platform)
    return page(
        "person/account.html",
        person=person,
        said=said,
        here="account",
        passkeys=await passkeys.credentials_of(store, user_id),
        passkeys_usable=platform.party.usable,
        codes_left=await recovery.left(store, user_id),
        sessions=await open_sessions.sessions_of(store, user_id, platform.clock()),
        this=this.session_hash if this else b"",
        acts=bool(await members.partners_of(store, user_id)),
        works_here=await staff.is_staff(store, user_id),
    )


@post("/account/sessions/end", include_in_schema=False, request_max_body_size=LARGEST)
async def end_session(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Sign one browser out."""
    try:
        session_hash = bytes.fromhex((await fields_of(request)).text("session"))
    except ValueError:
        raise NotFoundException("no such session of yours") from None
    await open_sessions.end_one(platform.store, person.user_id, session_hash)
    platform.live.end(person.user_id)
    return see_other("/account?said=session-ended#sessions")


@post("/account/sessions/end-others", include_in_schema=False, request_max_body_size=LARGEST)
async def end_other_sessions(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Sign every other browser out."""
    await open_sessions.end_others(platform.store, person.user_id, token_of(request, platform) or "")
    platform.live.end(person.user_id)
    return see_other("/account?said=sessions-ended#sessions")


async def _password_page(
    platform: Platform, person: Account, errors: dict[str, str], said: str | None = None
) -> Response[str]:
    return page(
        "person/password.html",
        person=person,
        said=said,
        status=422 if errors else 200,
        errors=errors,
        passkeys=await passkeys.credentials_of(platform.store, person.user_id),
        codes_left=await recovery.left(platform.store, person.user_id),
    )


@get("/account/password", include_in_schema=False)
async def password_form(
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
    said: FromQuery[str | None] = None,
) -> Response[str]:
    """Ask for a new password."""
    return await _password_page(platform, person, {}, said)


@post("/account/password", include_in_schema=False, request_max_body_size=LARGEST)
async def change_password(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[Any]:
    """Change the password, and end everything else if she wants it."""
    form = await fields_of(request)
    everything, password = form.text("everything") == "1", form.text("password")
    try:
        if everything:
            kept = Kept(token_of(request, platform) or "", device_of(request, platform), _ticked(form))
            await ending_all.end_all_but(platform.store, person, password, kept)
        else:
            await changing_password.change(platform.store, person, password)
    except WeakPassword:
        wrong = {"password": "Use at least 10 characters. A few words in a row are good."}
        return await _password_page(platform, person, wrong)
    if not everything:
        return see_other("/account?said=password-changed")
    platform.live.end(person.user_id)
    await ending.end_all(platform.store, platform.outbox, person.user_id, platform.clock())
    return see_other("/account?said=everything-ended")


def _ticked(form: Fields) -> frozenset[bytes]:
    """Read which passkeys she says are hers; what is no id is nobody's."""
    found = set()
    for spelled in form.all("keep"):
        try:
            found.add(bytes.fromhex(spelled))
        except ValueError:
            continue
    return frozenset(found)


@get("/account/codes", include_in_schema=False)
async def codes_form(
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[str]:
    """Say what recovery codes are, and offer to make some."""
    left = await recovery.left(platform.store, person.user_id)
    return page("person/codes.html", person=person, codes=(), left=left)


@post("/account/codes", include_in_schema=False, request_max_body_size=LARGEST)
async def make_codes(platform: GivenPlatform, person: GivenPerson, proved: GivenProved) -> Response[Any]:
    """Make recovery codes anew and show them, this once."""
    try:
        codes = await recovery.make(platform.store, person, proved.session_hash)
    except WrongLogin:
        return see_other("/signin")
    return page("person/codes.html", person=person, codes=codes, left=len(codes))


@get("/account/file", include_in_schema=False)
async def own_file(
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[str]:
    """Offer her own file."""
    return page("person/file.html", person=person)


handlers = (
    show_account,
    end_session,
    end_other_sessions,
    password_form,
    change_password,
    codes_form,
    make_codes,
    own_file,
)
