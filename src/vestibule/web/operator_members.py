"""The operator says who acts for a partner in the console, and who works for itself."""

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from vestibule.partners import members
from vestibule.people import staff
from vestibule.web.given import GivenPlatform


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person, by her handle, who acts for a partner, or no longer does."""

    partner: str
    handle: str
    member: bool


@post("/members", status_code=200)
async def set_member(data: JSONBody[Member], platform: GivenPlatform) -> Member:
    """Let a person act for a partner, or end that, from her next request on."""
    if data.member:
        await members.add(platform.store, data.partner, data.handle, platform.clock())
    else:
        await members.remove(platform.store, data.partner, data.handle)
    return data


class OfTheStaff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person, by her handle, who works for the operator, or no longer does."""

    handle: str
    staff: bool


@post("/staff", status_code=200)
async def set_staff(data: JSONBody[OfTheStaff], platform: GivenPlatform) -> OfTheStaff:
    """Let a person work for the operator, or end that, from her next request on."""
    if data.staff:
        await staff.add(platform.store, data.handle, platform.clock())
    else:
        await staff.remove(platform.store, data.handle)
    return data


handlers: tuple[HTTPRouteHandler, ...] = (set_member, set_staff)
