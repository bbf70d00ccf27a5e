"""The partner's own entry on the register: its keys, its addresses, and suspending itself as a whole."""

import base64
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from vestibule.partners import register, rotating, suspending
from vestibule.partners.errors import RegisterError
from vestibule.web.console.door import GivenChanging, GivenInside, Inside
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.places import see_other

FIRST_DAY = date(1970, 1, 1)
NOTHING = Fields({})


async def _keys_page(
    inside: Inside, *, said: str | None = None, form: Fields = NOTHING, wrong: str = ""
) -> Response[str]:
    keys = await register.keys_of(inside.platform.store, inside.partner_id)
    return inside.page(
        "keys",
        "keys",
        status=422 if wrong else 200,
        said=said,
        keys=keys,
        new_id=form.word("key_id") or _unused(inside.partner_id, {key.key_id for key in keys}),
        public=form.word("public"),
        wrong=wrong,
    )


def _unused(partner_id: str, taken: set[str]) -> str:
    """Suggest the id of a further key."""
    number = len(taken) + 1
    while f"{partner_id}:{number}" in taken:
        number += 1
    return f"{partner_id}:{number}"


@get("/keys")
async def show_keys(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """List the partner's keys, and how one follows another."""
    return await _keys_page(inside, said=said)


@post("/keys", request_max_body_size=LARGEST)
async def change_keys(request: Request[Any, Any, Any], changing: GivenChanging) -> Response[Any]:
    """Register a further key, or end one."""
    form = await fields_of(request)
    ends = form.text("do") == "end"
    try:
        await (_end(changing, form) if ends else _add(changing, form))
    except RegisterError as error:
        return await _keys_page(changing, form=NOTHING if ends else form, wrong=str(error))
    return see_other(changing.at(f"keys?said=key-{'ended' if ends else 'added'}"))


async def _add(changing: Inside, form: Fields) -> None:
    spelled = form.word("public")
    try:
        public = base64.b64decode(spelled, validate=True)
    except ValueError as error:
        raise RegisterError(
            f"public: expected what `vestibule keygen` prints, got {spelled[:60]!r}"
        ) from error
    await rotating.add_key(
        changing.platform.store,
        changing.platform.recorder,
        partner_id=changing.partner_id,
        key_id=form.word("key_id"),
        public=public,
        day=changing.today,
    )


async def _end(changing: Inside, form: Fields) -> None:
    spelled = form.word("until")
    try:
        until_day = changing.today - 1 if form.text("now") else (date.fromisoformat(spelled) - FIRST_DAY).days
    except ValueError as error:
        raise RegisterError(f"until: expected a day as 2027-12-31, got {spelled[:40]!r}") from error
    await rotating.end_key(
        changing.platform.store,
        changing.platform.recorder,
        partner_id=changing.partner_id,
        key_id=form.word("key_id"),
        until_day=until_day,
        day=changing.today,
    )


def _addresses_page(
    inside: Inside, *, said: str | None = None, given: str | None = None, wrong: str = ""
) -> Response[str]:
    return inside.page(
        "addresses",
        "addresses",
        status=422 if wrong else 200,
        said=said,
        given="\n".join(inside.partner.redirect_uris) if given is None else given,
        wrong=wrong,
    )


@get("/addresses")
async def show_addresses(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """Show the origin that cards lead to, and the addresses that people come back to."""
    return _addresses_page(inside, said=said)


@post("/addresses", request_max_body_size=LARGEST)
async def change_addresses(request: Request[Any, Any, Any], changing: GivenChanging) -> Response[Any]:
    """Replace the addresses that people come back to."""
    given = (await fields_of(request)).text("uris")
    uris = list(dict.fromkeys(line.strip() for line in given.split("\n") if line.strip()))
    try:
        await rotating.set_redirect_uris(changing.platform.store, changing.partner_id, uris)
    except RegisterError as error:
        return _addresses_page(changing, given=given, wrong=str(error))
    return see_other(changing.at("addresses?said=addresses-changed"))


def _suspension_page(inside: Inside, *, said: str | None = None, wrong: str = "") -> Response[str]:
    return inside.page("suspension", "suspension", status=422 if wrong else 200, said=said, wrong=wrong)


@get("/suspension")
async def show_suspension(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """Say what suspending oneself does, and whether one is."""
    return _suspension_page(inside, said=said)


@post("/suspension", request_max_body_size=LARGEST)
async def change_suspension(request: Request[Any, Any, Any], changing: GivenChanging) -> Response[Any]:
    """Suspend the partner as a whole, at once, or undo what it did itself."""
    store, partner_id = changing.platform.store, changing.partner_id
    lifts = (await fields_of(request)).text("do") == "lift"
    try:
        if lifts:
            await suspending.lift(store, changing.platform.recorder, partner_id, suspending.PARTNER)
        else:
            await suspending.suspend(store, partner_id, suspending.PARTNER)
    except RegisterError as error:
        return _suspension_page(changing, wrong=str(error))
    return see_other(changing.at(f"suspension?said=partner-{'lifted' if lifts else 'suspended'}"))


handlers = (
    show_keys,
    change_keys,
    show_addresses,
    change_addresses,
    show_suspension,
    change_suspension,
)
