"""The register: which partners there are, what each may ask people for, and what the log counts of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.connections.wording import live_connections
from vestibule.partners import register
from vestibule.partners.register import Partner, Privilege
from vestibule.web.given import GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.platform import Platform

DAY = 86_400_000_000
Totals = Mapping[tuple[str, str, str, str], tuple[int, int]]

KINDS = {
    "grant": "A person let it",
    "end": "A person's connection ended",
    "access": "Read through a connection",
    "exposure": "Carried something of another member",
    "send": "Sent through it",
    "delete": "Deleted through it",
    "refusal": "Asked and was refused",
    "notify": "Was told by webhook",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A partner with what it may ask for, and whether that still counts."""

    partner: Partner
    held: tuple[Privilege, ...]
    over: tuple[Privilege, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One row of a partner's public counts."""

    words: str
    kind: str
    op: str
    basis: str
    events: int
    items: int


def counts_of(totals: Totals, partner_id: str) -> tuple[Count, ...]:
    """List a partner's counts, in the order of `KINDS`."""
    order = list(KINDS)
    rows = [
        Count(KINDS.get(kind, kind), kind, op, basis, events, items)
        for (partner, kind, op, basis), (events, items) in totals.items()
        if partner == partner_id
    ]
    return tuple(
        sorted(
            rows,
            key=lambda row: (order.index(row.kind) if row.kind in order else len(order), row.op, row.basis),
        )
    )


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
        "public/register.html", person=await visitor_of(request, platform), here="register", entries=entries
    )


@get("/register/{partner_id:str}", include_in_schema=False)
async def show_partner(
    partner_id: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform
) -> Response[str]:
    """Show one partner's privileges, keys and counts."""
    partner = await register.partner(platform.store, partner_id)
    if partner is None:
        raise NotFoundException("no such partner")
    totals = await platform.recorder.totals()
    entry = await _entry(platform, partner)
    return page(
        "public/partner.html",
        person=await visitor_of(request, platform),
        here="register",
        entry=entry,
        partner=partner,
        keys=await register.keys_of(platform.store, partner_id),
        counts=counts_of(totals, partner_id),
        live={
            privilege.scope: live_connections(totals, partner_id, privilege.scope) for privilege in entry.held
        },
        checkpoint=await platform.recorder.checkpoint(),
        origin=platform.settings.origin,
    )


handlers = (show_register, show_partner)
