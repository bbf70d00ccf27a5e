"""DPoP at the rim (RFC 9449): the proof of a request, what it has to be about, and the next nonce."""

from typing import Any

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from vestibule.oauth import rfc9449
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.rfc9449 import Asked
from vestibule.web.platform import Platform

SECOND = 1_000_000


def proven_key(request: Request[Any, Any, Any], platform: Platform, token: str | None = None) -> str:
    """Return the thumbprint of the key that a request is proven with.

    Args:
        request: what came.
        platform: where it came to; its origin stands in `htu`, never the Host header.
        token: the access token in the request, None at the authorization server.

    Raises:
        OAuthError: without one valid and unused proof.
    """
    proofs = [value.decode("latin-1") for name, value in request.scope["headers"] if name == b"dpop"]
    if len(proofs) != 1:
        raise OAuthError(rfc9449.ERROR, f"DPoP: expected the field once, got it {len(proofs)} times")
    uri = platform.settings.origin + request.scope["raw_path"].decode("latin-1")
    asked = Asked(request.method, uri, token)
    now = platform.clock() // SECOND
    return rfc9449.thumbprint(proofs[0], asked, platform.dpop_nonces, platform.once, now)


def nonce_field(platform: Platform) -> dict[str, str]:
    """Return the DPoP-Nonce field of an answer (section 8.2)."""
    return {"dpop-nonce": platform.dpop_nonces.current(platform.clock() // SECOND)}


async def hand_on_nonce(message: Message, scope: Scope) -> None:
    """Bring the next nonce with every answer to a proof, so that none fails for its age (section 8.2)."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    if "dpop-nonce" not in headers and any(name == b"dpop" for name, _ in scope["headers"]):
        headers.update(nonce_field(scope["litestar_app"].state.platform))
