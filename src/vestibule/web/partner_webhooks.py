"""A partner's webhooks: where it wants to be told of what, what was sent, and sending it once more."""

import base64
from typing import Annotated, Any

import msgspec
from joserfc.jwk import OKPKey
from litestar import Request, Response, delete, get, post, put
from litestar.exceptions import NotFoundException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from vestibule.gate.errors import BadRequest
from vestibule.partners import register
from vestibule.store import ids
from vestibule.store.errors import BadId
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import ANY_REQUEST, Problem, signed_by
from vestibule.web.platform import Platform
from vestibule.webhooks import endpoints, signing, tries, waiting
from vestibule.webhooks.endpoints import Endpoint
from vestibule.webhooks.errors import WebhookError
from vestibule.webhooks.tries import Delivery

PREFIX = "msg_"
MOST_DELIVERIES = 100
NONE_SUCH = ResponseSpec(
    Problem,
    description="There is none such; the detail says what.",
    media_type="application/problem+json",
    generate_examples=False,
)


class NewEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send webhooks, and of which topics."""

    url: str
    topics: list[str]


class WebhookEndpoint(msgspec.Struct, frozen=True):
    """The endpoint as it stands. `disabled` says why nothing is sent to it, empty while something is.

    `keys` are the public keys that webhooks to this partner are signed by, `whpk_` and base64, newest first.
    """

    url: str
    topics: list[str]
    disabled: str
    failures: int
    keys: list[str]


class Try(msgspec.Struct, frozen=True):
    """One try: when (microseconds since 1970), the HTTP status (0 without an answer), and its beginning."""

    at: int
    status: int
    milliseconds: int
    answer: str


class WebhookDelivery(msgspec.Struct, frozen=True):
    """A webhook of the last 30 days: `due`, `accepted` or `given up`, and its tries, oldest first."""

    id: str
    topic: str
    state: str
    body: str
    tries: list[Try]


class Deliveries(msgspec.Struct, frozen=True):
    """The delivery log, newest first."""

    deliveries: list[WebhookDelivery]
    next: str | None


async def _asking(request: Request[Any, Any, Any], platform: Platform) -> str:
    signed = await signed_by(request, platform)
    platform.gate.rates.take(signed.partner_id, platform.clock())
    return signed.partner_id


def shown(platform: Platform, endpoint: Endpoint) -> WebhookEndpoint:
    """Show an endpoint to its partner."""
    keys = [signing.serialized(public) for public in public_keys(platform, endpoint.partner_id)]
    topics = [topic.value for topic in endpoint.topics]
    return WebhookEndpoint(endpoint.url, topics, endpoint.disabled, endpoint.failures, keys)


def public_keys(platform: Platform, partner_id: str) -> list[bytes]:
    """List the keys that webhooks to a partner are signed by now, newest first."""
    seeds = signing.in_force(platform.webhook_keys.seeds, platform.clock() // 1_000_000)
    return [seed.public_of(partner_id) for seed in seeds]


@put(
    "/webhooks",
    summary="Say where to send webhooks",
    response_description="The endpoint as it stands now, enabled.",
    responses=ANY_REQUEST,
)
async def configure(request: Request[Any, Any, Any], platform: GivenPlatform) -> WebhookEndpoint:
    """Set this partner's one endpoint, and enable it again if it was disabled. What waits goes there."""
    partner_id = await _asking(request, platform)
    try:
        new = msgspec.json.decode(await request.body(), type=NewEndpoint)
        endpoint = await endpoints.configure(
            platform.store,
            partner_id,
            url=new.url,
            topics=new.topics,
            loopback=platform.settings.sandbox,
            now=platform.clock(),
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"body: expected JSON with url and topics; {error}") from error
    except WebhookError as error:
        raise BadRequest(str(error)) from error
    return shown(platform, endpoint)


@get(
    "/webhooks",
    summary="Where webhooks are sent",
    response_description="The endpoint as it stands, and the keys that webhooks are signed by.",
    responses={**ANY_REQUEST, 404: NONE_SUCH},
)
async def configured(request: Request[Any, Any, Any], platform: GivenPlatform) -> WebhookEndpoint:
    """Look at this partner's endpoint."""
    endpoint = await endpoints.endpoint_of(platform.store, await _asking(request, platform))
    if endpoint is None:
        raise NotFoundException("no endpoint is configured")
    return shown(platform, endpoint)


@delete(
    "/webhooks",
    summary="Send no more webhooks",
    response_description="Nothing is sent any more, nor what waited.",
    responses=ANY_REQUEST,
)
async def remove(request: Request[Any, Any, Any], platform: GivenPlatform) -> None:
    """Remove this partner's endpoint, if there is one."""
    await endpoints.remove(platform.store, await _asking(request, platform))


@get(
    "/webhooks/deliveries",
    summary="What was sent, and what came of it",
    response_description="Webhooks of the last 30 days, newest first.",
    responses=ANY_REQUEST,
)
async def deliveries(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    before: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(description="how many webhooks at most, 1 to 100")] = 50,
) -> Deliveries:
    """Read the delivery log."""
    partner_id = await _asking(request, platform)
    if not 1 <= limit <= MOST_DELIVERIES:
        raise BadRequest(f"limit: expected 1 to {MOST_DELIVERIES}, got {limit}")
    start = tries.NEWEST if before is None else _read(before)
    found = await tries.log(platform.store, partner_id, before=start, limit=limit + 1)
    page = [_delivery(one) for one in found[:limit]]
    return Deliveries(page, page[-1].id if len(found) > limit else None)


@post(
    "/webhooks/deliveries/{delivery:str}/replay",
    status_code=202,
    summary="Send a webhook once more",
    response_description="It is sent again, under its own id.",
    responses={**ANY_REQUEST, 404: NONE_SUCH},
)
async def replay(request: Request[Any, Any, Any], platform: GivenPlatform, delivery: FromPath[str]) -> None:
    """Send a webhook of the last 30 days again, with all its tries before it; the log counts it once."""
    partner_id = await _asking(request, platform)
    if not await waiting.replay(platform.store, partner_id, _read(delivery), platform.clock()):
        raise NotFoundException("no such webhook was sent to this partner in the last 30 days")


@get("/webhooks/{partner:str}/jwks.json", include_in_schema=False)
async def jwks(partner: FromPath[str], platform: GivenPlatform) -> Response[Any]:
    """Publish the keys that webhooks to a partner are signed by (RFC 7517), newest first."""
    if await register.partner(platform.store, partner) is None:
        raise NotFoundException("no such partner")
    keys = [_jwk(public) for public in public_keys(platform, partner)]
    headers = {"cache-control": "public, max-age=3600", "access-control-allow-origin": "*"}
    return Response({"keys": keys}, media_type="application/jwk-set+json", headers=headers)


def _jwk(public: bytes) -> dict[str, str]:
    """Write a key as a JWK (RFC 8037), named by its thumbprint (RFC 7638)."""
    x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
    key = {"kty": "OKP", "crv": "Ed25519", "x": x}
    return {**key, "kid": OKPKey.import_key({**key}).thumbprint(), "use": "sig", "alg": "EdDSA"}


def _delivery(one: Delivery) -> WebhookDelivery:
    done = [Try(tried.tried_at, tried.status, tried.millis, tried.answer) for tried in one.tries]
    return WebhookDelivery(
        one.webhook.message_id, one.webhook.topic.value, one.webhook.state, one.webhook.body, done
    )


def _read(text: str) -> int:
    try:
        return ids.decode(text.removeprefix(PREFIX))
    except BadId as error:
        raise BadRequest(f"expected the id of a webhook, as msg_..., got {text[:60]!r}") from error


handlers = (configure, configured, remove, deliveries, replay)
