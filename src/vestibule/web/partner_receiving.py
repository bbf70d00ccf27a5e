"""What was recommended to the person, for the partner through which it was."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from vestibule.gate.operations import receiving
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import REFUSABLE, proven_by
from vestibule.web.partner_http import UNCHANGED, answered, known_tags


class RecommendedCard(msgspec.Struct, frozen=True):
    """The partner's own card, as it signed it."""

    kind: str
    title: str
    picture: str
    link: str


class Recommendation(msgspec.Struct, frozen=True):
    """What was recommended, and the UTC day it came on (days since 1970); nothing tells by whom."""

    id: str
    card: RecommendedCard
    day: int


class Recommendations(msgspec.Struct, frozen=True):
    """An answer: oldest first, since the person let this partner know."""

    recommendations: list[Recommendation]
    next: str | None
    receipts: list[str]


@get(
    "/recommendations",
    summary="What was recommended to the person",
    response_description="Cards of this partner that friends sent her by its dialog, and a receipt.",
    responses={**REFUSABLE, **UNCHANGED},
)
async def recommendations(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    after: Annotated[str | None, QueryParameter(description="the id of the last that you have")] = None,
    limit: Annotated[int, QueryParameter(description="how many at most, 1 to 100")] = 100,
) -> Response[Recommendations]:
    """List what was recommended to the person through this partner, without sender and note."""
    signed = await proven_by(request, platform)
    received = await receiving.list_recommendations(
        platform.gate, signed, after=after, limit=limit, known=known_tags(request), now=platform.clock()
    )
    value = Recommendations(
        [msgspec.convert(one, Recommendation) for one in received.recommendations],
        received.next,
        [leaf.receipt() for leaf in received.recorded],
    )
    return answered(request, value, received)
