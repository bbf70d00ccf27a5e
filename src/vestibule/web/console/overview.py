"""The partners that somebody acts for, and how one of them stands."""

from litestar import Response, get
from litestar.params import FromQuery

from vestibule.partners import asked, members, register
from vestibule.reports import reading
from vestibule.web.console.door import GivenInside
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.public.partner_page import of_kind, rows_of, unused_of
from vestibule.webhooks import endpoints


@get("/console", include_in_schema=False)
async def show_partners(platform: GivenPlatform, person: GivenPerson) -> Response[str]:
    """List the partners that she acts for."""
    return page(
        "console/partners.html",
        person=person,
        partners=await members.partners_of(platform.store, person.user_id),
    )


@get("/")
async def show_overview(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """Show how a partner stands: what it may ask for, what it asked for, what the log counts of it."""
    store, partner_id = inside.platform.store, inside.partner_id
    record = await inside.platform.recorder.public_record(partner_id)
    privileges = await register.privileges_of(store, partner_id)
    held = [one for one in privileges if one.in_force(inside.today)]
    rows = rows_of(record)
    keys = await register.keys_of(store, partner_id)
    return inside.page(
        "overview",
        "overview",
        said=said,
        held=held,
        waiting=[
            one
            for one in await asked.of_partner(store, partner_id)
            if one.state in {asked.UNSIGNED, asked.OPEN}
        ],
        unused=unused_of(record, [one.scope for one in held], inside.today),
        lives=record.lives,
        rows=rows,
        refused=of_kind(rows, "refusal"),
        keys=[key for key in keys if key.in_force(inside.today)],
        endpoint=await endpoints.endpoint_of(store, partner_id),
        due=await reading.due_of(store, partner_id),
        members=await members.members_of(store, partner_id),
    )


handlers = (show_overview,)
