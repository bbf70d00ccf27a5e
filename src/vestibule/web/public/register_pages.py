"""The register: which partners there are, what each may ask people for, and what the log counts of it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_308_PERMANENT_REDIRECT

from vestibule.ledger.leaf import RelationshipLeaf, SuspensionLeaf
from vestibule.partners import register
from vestibule.partners.register import Partner, Privilege
from vestibule.web.given import GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.platform import Platform
from vestibule.web.public import charts, concluding
from vestibule.web.public.partner_page import daily_rows, of_kind, rows_of, unused_of
from vestibule.web.public.spans import spans_of
from vestibule.web.public.vouching import vouching

DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A partner with what it may ask for, and whether that still counts."""

    partner: Partner
    held: tuple[Privilege, ...]
    over: tuple[Privilege, ...]


async def _entry(platform: Platform, partner: Partner) -> Entry:
    today = platform.clock() // DAY
    privileges = await register.privileges_of(platform.store, partner.partner_id)
    return Entry(
        partner,
        held=tuple(privilege for privilege in privileges if privilege.in_force(today)),
        over=tuple(privilege for privilege in privileges if not privilege.in_force(today)),
    )


@get("/register", include_in_schema=False)
async def show_register(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[str]:
    """List the partners."""
    entries = [await _entry(platform, partner) for partner in await register.partners(platform.store)]
    return page(
        "public/register.html",
        person=await visitor_of(request, platform),
        here="register",
        entries=entries,
        unused={entry.partner.partner_id: await _unused(platform, entry) for entry in entries},
    )


async def _unused(platform: Platform, entry: Entry) -> frozenset[str]:
    record = await platform.recorder.public_record(entry.partner.partner_id)
    scopes = [privilege.scope for privilege in entry.held]
    return frozenset(one.scope for one in unused_of(record, scopes, platform.clock() // DAY))


@get("/register/{partner_id:str}", include_in_schema=False)
async def show_partner(
    partner_id: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform
) -> Response[str]:
    """Show one partner's privileges over time, its keys, and what the log counts of it, whole and by day."""
    partner = await register.partner(platform.store, partner_id)
    if partner is None:
        raise NotFoundException("no such partner")
    today = platform.clock() // DAY
    record = await platform.recorder.public_record(partner_id)
    spans = spans_of(record.register)
    rows = rows_of(record)
    read = of_kind(rows, "access")
    vouches = await asyncio.to_thread(vouching, platform.recorder.policy(), platform.recorder.witnessed())
    entry = await _entry(platform, partner)
    registered = record.register[0][1].day
    days = charts.charted_days(registered, today)
    return page(
        "public/partner.html",
        person=await visitor_of(request, platform),
        here="register",
        partner=partner,
        entry=entry,
        ids=concluding.ids_of_entity(partner, await register.partners(platform.store)),
        unused=unused_of(record, [privilege.scope for privilege in entry.held], today),
        spans=spans,
        suspensions=[one for one in record.register if isinstance(one[1], SuspensionLeaf)],
        relationships=[one for one in record.register if isinstance(one[1], RelationshipLeaf)],
        timeline=charts.timeline(spans, today),
        today=today,
        lives=record.lives,
        rows=rows,
        read=read,
        refused=of_kind(rows, "refusal"),
        registered=registered,
        days=days,
        daily=daily_rows(record, days),
        charts=[(row, charts.columns(record.daily, row.kind, row.op, row.basis, days)) for row in rows],
        counted=record.reconciliations,
        counted_through=concluding.is_counted_through(record),
        provable=tuple(concluding.provable(partner, record, spans, read)),
        not_provable=tuple(concluding.not_provable(partner, attested=vouches.attested)),
        keys=await register.keys_of(platform.store, partner_id),
        size=record.size,
        origin=platform.settings.origin,
    )


@get("/partners", include_in_schema=False)
async def lead_to_register() -> Redirect:
    """Lead to the register from the other address that people try."""
    return Redirect("/register", status_code=HTTP_308_PERMANENT_REDIRECT)


@get("/partners/{partner_id:str}", include_in_schema=False)
async def lead_to_partner(partner_id: FromPath[str], platform: GivenPlatform) -> Redirect:
    """Lead to a partner's page on the register."""
    partner = await register.partner(platform.store, partner_id)
    if partner is None:
        raise NotFoundException("no such partner")
    return Redirect(f"/register/{partner.partner_id}", status_code=HTTP_308_PERMANENT_REDIRECT)


handlers = (show_register, show_partner, lead_to_register, lead_to_partner)
