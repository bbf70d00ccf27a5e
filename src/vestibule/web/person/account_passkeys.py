"""Adding a passkey, and removing one: two pages of the account."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.people import adding_passkeys, passkeys
from vestibule.people.accounts import Account
from vestibule.people.errors import BadName, PasskeyRefused, PeopleError, TooManyPasskeys
from vestibule.people.passkeys import Passkey
from vestibule.people.sessions import Session
from vestibule.web.given import GivenPerson, GivenPlatform, GivenProved
from vestibule.web.pages import page
from vestibule.web.person.cookie import browser_of
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform

SENTENCES: dict[type[PeopleError], tuple[str, str]] = {
    BadName: ("name", "Give a name of 1 to 80 letters, without control characters."),
    PasskeyRefused: ("passkey", "No passkey was added. Please try again."),
    TooManyPasskeys: (
        "passkey",
        f"You have {passkeys.MOST} passkeys, and no more are kept. Remove one first.",
    ),
}


async def _new_page(
    platform: Platform, person: Account, session: Session, name: str, errors: dict[str, str]
) -> Response[str]:
    if not platform.party.usable:
        raise NotFoundException("no passkeys at this address")
    options = await adding_passkeys.creation_options(
        platform.store, platform.party, person, session.session_hash, platform.clock()
    )
    return page(
        "person/new_passkey.html",
        person=person,
        status=422 if errors else 200,
        name=name,
        errors=errors,
        passkey_creation=options,
    )


@get("/account/passkeys/new", include_in_schema=False)
async def new_passkey(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson, proved: GivenProved
) -> Response[str]:
    """Offer to add a passkey."""
    return await _new_page(platform, person, proved, browser_of(request), {})


@post("/account/passkeys/new", include_in_schema=False, request_max_body_size=LARGEST)
async def add_passkey(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson, proved: GivenProved
) -> Response[Any]:
    """Add the passkey that the browser has made."""
    form = await fields_of(request)
    try:
        await adding_passkeys.add(
            platform.store,
            platform.party,
            person,
            answer=form.text("assertion"),
            name=form.text("name"),
            asker=proved.session_hash,
            now=platform.clock(),
        )
    except (BadName, PasskeyRefused, TooManyPasskeys) as error:
        field, sentence = SENTENCES[type(error)]
        return await _new_page(platform, person, proved, form.text("name"), {field: sentence})
    return see_other("/account?said=passkey-added")


async def _one(platform: Platform, person: Account, spelled: str) -> Passkey:
    held = await passkeys.credentials_of(platform.store, person.user_id)
    found = next((one for one in held if one.credential_id.hex() == spelled), None)
    if found is None:
        raise NotFoundException("no such passkey of yours")
    return found


@get("/account/passkeys/{credential:str}/remove", include_in_schema=False)
async def ask_to_remove(
    credential: FromPath[str],
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[str]:
    """Ask whether a passkey shall be removed."""
    passkey = await _one(platform, person, credential)
    return page("person/remove_passkey.html", person=person, passkey=passkey)


@post("/account/passkeys/{credential:str}/remove", include_in_schema=False, request_max_body_size=LARGEST)
async def remove_passkey(
    credential: FromPath[str],
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[Any]:
    """Remove a passkey, at once."""
    passkey = await _one(platform, person, credential)
    await adding_passkeys.remove(platform.store, person, passkey.credential_id)
    return see_other("/account?said=passkey-removed")


handlers = (new_passkey, add_passkey, ask_to_remove, remove_passkey)
