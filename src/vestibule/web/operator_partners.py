"""The operator's side of a partner as a whole: suspending it, its keys, and what ties it to the platform."""

import base64
from typing import Any

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import disclosing, rotating, suspending
from vestibule.partners.errors import RegisterError
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


class PartnersKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further key of a partner; `public` in base64."""

    partner: str
    key_id: str
    public: str


class PartnersKeyEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last day of a partner's key, a UTC day number."""

    partner: str
    key_id: str
    until_day: int


@post("/partner-suspensions", status_code=200)
async def suspend_partner(data: JSONBody[PartnerSuspension], platform: GivenPlatform) -> PartnerStanding:
    """Suspend a partner as a whole, at once; lifting it is in the public log before it counts."""
    if data.suspended:
        await suspending.suspend(platform.store, data.partner, suspending.OPERATOR)
    else:
        await suspending.lift(platform.store, platform.recorder, data.partner, suspending.OPERATOR)
    return PartnerStanding(data.partner, data.suspended)


@post("/keys")
async def add_key(data: JSONBody[PartnersKey], platform: GivenPlatform) -> dict[str, Any]:
    """Register a key for a partner that can sign with none of its own any more."""
    try:
        public = base64.b64decode(data.public, validate=True)
    except ValueError as error:
        raise RegisterError(f"public: expected base64, got {data.public[:60]!r}") from error
    recorded = await rotating.add_key(
        platform.store,
        platform.recorder,
        partner_id=data.partner,
        key_id=data.key_id,
        public=public,
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return {"indexes": [leaf.index for leaf in recorded]}


@post("/key-ends")
async def end_key(data: JSONBody[PartnersKeyEnd], platform: GivenPlatform) -> dict[str, Any]:
    """End a partner's key, such as one that somebody else has."""
    recorded = await rotating.end_key(
        platform.store,
        platform.recorder,
        partner_id=data.partner,
        key_id=data.key_id,
        until_day=data.until_day,
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return {"indexes": [leaf.index for leaf in recorded]}


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


handlers: tuple[HTTPRouteHandler, ...] = (suspend_partner, add_key, end_key, disclose_relationship)
