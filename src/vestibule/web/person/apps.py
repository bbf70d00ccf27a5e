"""The Apps page: what each app may see, what it saw and when, a receipt for every line; and ending it."""

import json
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from vestibule.connections import agreements, ending, receipts
from vestibule.connections.receipts import Controller
from vestibule.ledger import tags
from vestibule.ledger.replay import OPERATOR
from vestibule.oauth import waiting
from vestibule.partners import register
from vestibule.people import stepping_up
from vestibule.store.ids import decode
from vestibule.web.given import GivenLanguage, GivenPerson, GivenPlatform, GivenProved
from vestibule.web.oauth.addresses import address_of
from vestibule.web.pages import page, security_headers
from vestibule.web.person import apps_shown, apps_words
from vestibule.web.person.cookie import session_of
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import LAST_NUMBER, see_other
from vestibule.web.platform import Platform


async def _partner(platform: Platform, partner_id: str) -> register.Partner:
    partner = await register.partner(platform.store, partner_id)
    if partner is None:
        raise NotFoundException("no such partner")
    return partner


@get("/apps", include_in_schema=False)
async def show_apps(
    platform: GivenPlatform, person: GivenPerson, language: GivenLanguage, said: FromQuery[str | None] = None
) -> Response[str]:
    """Show every app on the register, first those that have to do with this person."""
    lines = await apps_shown.lines_of(platform.store, platform.recorder.log_id, person, None)
    apps = await apps_shown.apps_of(platform.store, person, lines, language)
    return page(
        "person/apps.html",
        language=language,
        person=person,
        said=said,
        here="apps",
        apps=[app for app in apps if app.concerns_her],
        others=[app for app in apps if not app.concerns_her],
        opened_by_staff=len([line for line in lines if line.partner == OPERATOR]),
        waiting=[
            (asked.partner, address_of(asked))
            for asked in await waiting.of_person(platform.store, person.user_id, platform.clock())
        ],
        origin=platform.settings.origin,
    )


@get("/apps/{partner_id:str}", include_in_schema=False)
async def show_app(
    partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[str]:
    """Show what is recorded between one app and this person, the newest lines of it."""
    partner = await _partner(platform, partner_id)
    lines = await apps_shown.lines_of(platform.store, platform.recorder.log_id, person, partner_id)
    app = next(
        app
        for app in await apps_shown.apps_of(platform.store, person, lines, language)
        if app.partner.partner_id == partner_id
    )
    return page(
        "person/app.html",
        language=language,
        person=person,
        here="apps",
        app=app,
        partner=partner,
        agreed=await apps_shown.agreed_with(platform.store, person, partner_id),
        lines=[(line, apps_words.sentence(line, language)) for line in reversed(lines[-apps_shown.NEWEST :])],
        known_as=tags.partner_person_id(await platform.recorder.lane_key(partner_id, person.subject)),
        origin=platform.settings.origin,
    )


@get("/apps/operator", include_in_schema=False)
async def show_staff(platform: GivenPlatform, person: GivenPerson, language: GivenLanguage) -> Response[str]:
    """Show when the operator's staff opened a conversation of hers, and why."""
    lines = await apps_shown.lines_of(platform.store, platform.recorder.log_id, person, OPERATOR)
    return page(
        "person/staff.html",
        language=language,
        person=person,
        here="apps",
        opened=[
            await apps_shown.opened_by_staff(platform.store, person, line)
            for line in reversed(lines[-apps_shown.NEWEST :])
        ],
        more=len(lines) > apps_shown.NEWEST,
        origin=platform.settings.origin,
    )


@get("/apps/receipt/{index:int}", include_in_schema=False)
async def receipt(index: FromPath[int], platform: GivenPlatform, person: GivenPerson) -> Response[bytes]:
    """Hand over the receipt of one line: a C2SP tlog-proof with its opening, for this person alone."""
    known = 0 <= index <= LAST_NUMBER
    found = await platform.recorder.receipt(index, person.subject) if known else None
    if found is None:
        raise NotFoundException("no such receipt of yours")
    return _download(found, f"receipt-{index}.tlog-proof", "text/plain")


@get("/apps/person-file", include_in_schema=False)
async def person_file(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Hand over the file with which she checks her whole history offline, if she proved herself lately."""
    if not stepping_up.is_proved(await session_of(request, platform), platform.clock()):
        return see_other("/account/file")
    partner_ids = [*(one.partner_id for one in await register.partners(platform.store)), OPERATOR]
    found = await platform.recorder.person_file(person.subject, partner_ids)
    return _download(json.dumps(found, indent=1), f"vestibule-{person.handle}.json", "application/json")


@get("/apps/{partner_id:str}/agreed/{connection:str}/{issued:int}", include_in_schema=False)
async def consent_receipt(
    *,
    partner_id: FromPath[str],
    connection: FromPath[str],
    issued: FromPath[int],
    platform: GivenPlatform,
    person: GivenPerson,
    proved: GivenProved,  # noqa: ARG001  (that there is one)
) -> Response[bytes]:
    """Hand over the consent receipt of one time that she agreed: a signed record, for this person alone."""
    partner = await _partner(platform, partner_id)
    known = 0 <= issued <= LAST_NUMBER
    found = known and await receipts.consent_receipt(
        platform.store,
        platform.recorder,
        person=person,
        controller=Controller(
            partner.partner_id, partner.legal_entity, partner.home_origin, partner.leaf_index
        ),
        connection_id=decode(connection),
        issued=issued,
    )
    if not found:
        raise NotFoundException("no such agreement of yours, or its grant is not in the log yet")
    return _download(found, f"consent-{partner.partner_id}.jwt", "application/jwt")


def _download(text: str, name: str, media_type: str) -> Response[bytes]:
    headers = security_headers() | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type=media_type, headers=headers)


@post("/apps/{partner_id:str}/end", include_in_schema=False, request_max_body_size=LARGEST)
async def end(partner_id: FromPath[str], platform: GivenPlatform, person: GivenPerson) -> Response[Any]:
    """End the person's connections with an app, at once."""
    partner = await _partner(platform, partner_id)
    await ending.end(platform.store, platform.outbox, person.user_id, partner.partner_id, platform.clock())
    return see_other("/apps?said=ended")


@post("/apps/{partner_id:str}/words", include_in_schema=False, request_max_body_size=LARGEST)
async def words(
    partner_id: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Let an app see one's words where others have let it read, or keep them back."""
    partner = await _partner(platform, partner_id)
    agreed = 1 if (await fields_of(request)).word("agreed") == "1" else 0
    await agreements.set_agreed(platform.store, person.user_id, partner.partner_id, agreed, platform.clock())
    return see_other(f"/apps?said={'agreed' if agreed else 'withheld'}#{partner.partner_id}")


handlers = (show_apps, show_app, show_staff, receipt, consent_receipt, person_file, end, words)
