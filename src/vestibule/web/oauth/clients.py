"""What clients call: `/oauth/par`, `/oauth/token`, `/oauth/revoke`, `/oauth/introspect`.

Each request is authenticated by its client assertion (RFC 7523), and by nothing else; it counts against the
partner's rate, as those to the gate do.
"""

from typing import Any

from litestar import Request, Response, Router, post

from vestibule.connections import tokens
from vestibule.connections.listing import Connection
from vestibule.gate.errors import TooManyRequests
from vestibule.gate.operations import reading
from vestibule.oauth import (
    rfc6749_parameters,
    rfc6749_token,
    rfc7009,
    rfc7523,
    rfc7662,
    rfc9126,
    rfc9396,
)
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.rfc6749_parameters import need
from vestibule.partners.register import Partner
from vestibule.web.given import GivenPlatform
from vestibule.web.noting import NoteRequests
from vestibule.web.oauth.proof import SECOND, nonce_field, proven_key
from vestibule.web.platform import Platform

LARGEST = 32 * 1024

Client = tuple[Partner, dict[str, str]]
"""Who was authenticated, and what it sent."""


async def _client(request: Request[Any, Any, Any], platform: Platform) -> Client:
    body = await request.body()
    if request.content_type[0] != rfc6749_parameters.FORM:
        raise OAuthError("invalid_request", f"content-type: expected {rfc6749_parameters.FORM}")
    parameters = rfc6749_parameters.parse(body)
    origin, now = platform.settings.origin, platform.clock() // SECOND
    if "authorization" in request.headers:
        raise OAuthError("invalid_client", "authorization: expected none; authenticate by private_key_jwt")
    partner = await rfc7523.authenticate(platform.store, platform.once, parameters, origin, now)
    request.state.partner_id = partner.partner_id
    platform.gate.rates.take(partner.partner_id, platform.clock())
    return partner, parameters


@post("/par")
async def par(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Keep an authorization request (RFC 9126)."""
    client, parameters = await _client(request, platform)
    jkt = proven_key(request, platform) if "dpop" in request.headers else None
    request_uri = await rfc9126.push(platform.store, client, parameters, jkt, platform.clock())
    kept = {"request_uri": request_uri, "expires_in": rfc9126.EXPIRES_SECONDS}
    return _answer(platform, kept, status=201)


@post("/token")
async def token(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Exchange a code or a refresh token for an access token (RFC 6749 section 5.1)."""
    client, parameters = await _client(request, platform)
    jkt, now = proven_key(request, platform), platform.clock()
    issued = await rfc6749_token.exchange(platform.store, client.partner_id, parameters, jkt, now)
    answer = {
        "access_token": issued.access_token,
        "token_type": "DPoP",
        "expires_in": tokens.LIFETIME_MICROSECONDS // SECOND,
        "authorization_details": _granted(platform, issued.connection),
        "person": await reading.person_ref(platform.gate, issued.connection),
    }
    refresh = {} if issued.refresh_token is None else {"refresh_token": issued.refresh_token}
    return _answer(platform, answer | refresh)


@post("/revoke")
async def revoke(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """End a token (RFC 7009)."""
    client, parameters = await _client(request, platform)
    await rfc7009.revoke(platform.store, client.partner_id, need(parameters, "token"))
    return _answer(platform, {})


@post("/introspect")
async def introspect(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Say what a token is (RFC 7662)."""
    client, parameters = await _client(request, platform)
    active = await rfc7662.introspect(
        platform.store, client.partner_id, need(parameters, "token"), platform.clock()
    )
    if active is None:
        return _answer(platform, {"active": False})
    told = {
        "active": True,
        "iss": platform.settings.origin,
        "client_id": client.partner_id,
        "sub": await reading.person_ref(platform.gate, active.connection),
        "token_type": "DPoP",
        "cnf": {"jkt": active.token.jkt},
        "iat": active.token.issued_at // SECOND,
        "exp": active.token.expires_at // SECOND,
        "authorization_details": _granted(platform, active.connection),
    }
    return _answer(platform, told)


def _granted(platform: Platform, connection: Connection) -> list[dict[str, Any]]:
    return rfc9396.granted(connection.grant, reading.ids_of(platform.gate, connection))


def _answer(platform: Platform, body: dict[str, Any], status: int = 200, **headers: str) -> Response[Any]:
    """Answer a client, with the nonce that its next proof has to carry (RFC 9449 section 8.2)."""
    fields = {"cache-control": "no-store", **nonce_field(platform), **headers}
    return Response(body, status_code=status, headers=fields)


def _error(request: Request[Any, Any, Any], error: OAuthError) -> Response[Any]:
    """Answer an error (RFC 6749 section 5.2): 400, and 401 to whoever used the Authorization field."""
    told = {"error": error.error, "error_description": error.description}
    platform: Platform = request.app.state.platform
    if error.error == "invalid_client" and "authorization" in request.headers:
        return _answer(platform, told, 401, **{"www-authenticate": 'Basic realm="private_key_jwt only"'})
    return _answer(platform, told, 400)


def _too_many(request: Request[Any, Any, Any], error: TooManyRequests) -> Response[Any]:
    told = {"error": "temporarily_unavailable", "error_description": str(error)}
    return _answer(request.app.state.platform, told, 429, **{"retry-after": str(error.retry_after)})


router = Router(
    "/oauth",
    route_handlers=[par, token, revoke, introspect],
    exception_handlers={OAuthError: _error, TooManyRequests: _too_many},
    middleware=[NoteRequests()],
    request_max_body_size=LARGEST,
    include_in_schema=False,
)
