"""What clients read before they do anything: metadata, and the schemas of what can be asked for."""

from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.oauth import rfc8414, rfc9396, rfc9728
from vestibule.web.given import GivenPlatform

HEADERS = {"cache-control": "no-store", "access-control-allow-origin": "*"}


@get("/.well-known/oauth-authorization-server", include_in_schema=False)
async def authorization_server(platform: GivenPlatform) -> Response[dict[str, Any]]:
    """Describe the authorization server (RFC 8414)."""
    return Response(rfc8414.metadata(platform.settings.origin), headers=HEADERS)


@get([rfc9728.PATH, f"{rfc9728.PATH}/v1"], include_in_schema=False)
async def protected_resource(platform: GivenPlatform) -> Response[dict[str, Any]]:
    """Describe the partner API (RFC 9728)."""
    return Response(rfc9728.metadata(platform.settings.origin), headers=HEADERS)


@get("/oauth/types/{name:str}", include_in_schema=False)
async def details_type(platform: GivenPlatform, name: FromPath[str]) -> Response[dict[str, Any]]:
    """Describe one type of `authorization_details` (RFC 9396) as JSON Schema."""
    kind = name.removesuffix(".json")
    if kind == name or kind not in rfc9396.ACTIONS:
        raise NotFoundException("no such type")
    document = rfc9396.schema(kind, platform.settings.origin)
    return Response(document, media_type="application/schema+json", headers=HEADERS)


handlers = (authorization_server, protected_resource, details_type)
