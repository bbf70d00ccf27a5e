"""The operator's side of a partner as a whole: suspending it, and disclosing what ties it to the platform."""

from typing import Any

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import disclosing, suspending
from vestibule.web.given import GivenPlatform


class PartnerSuspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner to be suspended as a whole, or not any more."""

    partner: str
    suspended: bool


class PartnerStanding(msgspec.Struct, frozen=True):
    """Whether the operator has suspended a partner."""

    partner: str
    suspended: bool


class Relationship(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tie to be disclosed: days since 1970, `document` the hex SHA-256 of the document that shows it."""

    partner: str
    kind: str
    band: str
    from_day: int
    document: str
    until_day: int | None = None


@post("/partner-suspensions", status_code=200)
async def suspend_partner(data: JSONBody[PartnerSuspension], platform: GivenPlatform) -> PartnerStanding:
    """Suspend a partner as a whole, at once; lifting it is in the public log before it counts."""
    if data.suspended:
        await suspending.suspend(platform.store, data.partner, suspending.OPERATOR)
    else:
        await suspending.lift(platform.store, platform.recorder, data.partner, suspending.OPERATOR)
    return PartnerStanding(data.partner, data.suspended)


@post("/relationships")
async def disclose_relationship(data: JSONBody[Relationship], platform: GivenPlatform) -> dict[str, Any]:
    """Put on the register what ties a partner and the platform."""
    recorded = await disclosing.disclose(
        platform.store,
        platform.recorder,
        partner_id=data.partner,
        kind=data.kind,
        band=data.band,
        from_day=data.from_day,
        until_day=data.until_day,
        document=data.document,
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return {"indexes": [leaf.index for leaf in recorded]}


handlers: tuple[HTTPRouteHandler, ...] = (suspend_partner, disclose_relationship)
