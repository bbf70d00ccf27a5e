"""What the log holds of a partner, for itself: its receipts once more, and its counts by day."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from vestibule.gate.operations import own_record
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import ANY_REQUEST, signed_by
from vestibule.web.partner_http import next_link


class OwnReceipts(msgspec.Struct, frozen=True):
    """C2SP tlog-proofs in the order of the log; `next` is the index of the last leaf, None at the end."""

    receipts: list[str]
    next: int | None


Pair = Annotated[list[int], msgspec.Meta(min_length=2, max_length=2)]


class DayCounts(msgspec.Struct, frozen=True):
    """One UTC day (days since 1970): `kind/op`, such as `access/messages.read`, to [events, items]."""

    day: int
    counts: dict[str, Pair]


class Counters(msgspec.Struct, frozen=True):
    """What everybody can count of this partner in the log's first `size` leaves."""

    size: int
    days: list[DayCounts]


@get(
    "/receipts",
    summary="Your receipts once more",
    response_description="Receipts of your events, in the order of the log, against a newer checkpoint.",
    responses=ANY_REQUEST,
)
async def receipts(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    after: Annotated[int, QueryParameter(description="index of the last leaf that you have, or -1")] = -1,
    limit: Annotated[int, QueryParameter(description="how many at most, 1 to 100")] = 50,
) -> Response[OwnReceipts]:
    """List the receipts of all your events but those in lanes that are a person's alone. No token is needed.

    Where an answer was overtaken and never left, its receipt proves the leaf and opens nothing.
    """
    signed = await signed_by(request, platform)
    found = await own_record.own_receipts(
        platform.gate, signed, after=after, limit=limit, now=platform.clock()
    )
    further = found[-1].index if len(found) == limit else None
    value = OwnReceipts([leaf.receipt() for leaf in found], further)
    return Response(value, headers=next_link(request, further))


@get(
    "/counters",
    summary="Your counts, as the log has them",
    response_description="Events and items of each day, by kind and operation.",
    responses=ANY_REQUEST,
)
async def counters(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    first: Annotated[
        int | None,
        QueryParameter(name="from", description="first UTC day; without it, a fortnight"),
    ] = None,
    last: Annotated[
        int | None, QueryParameter(name="to", description="last UTC day (since 1970); without it, today")
    ] = None,
) -> Counters:
    """Compare your own counters with these before you put them on record. No token is needed."""
    signed = await signed_by(request, platform)
    found = await own_record.own_counters(platform.gate, signed, first=first, last=last, now=platform.clock())
    return Counters(found.size, [_day(day, counts) for day, counts in found.days])


def _day(day: int, counts: own_record.Counts) -> DayCounts:
    return DayCounts(day, {what: list(count) for what, count in counts.items()})


handlers = (receipts, counters)
