"""Refuses requests that change something and were caused by another site: our protection against CSRF.

One ASGI middleware, no tokens in forms. Browsers say with `Sec-Fetch-Site` (all since 2023) or `Origin` who
caused a request, and pages cannot forge either (words.filippo.io/csrf; Go 1.25 `CrossOriginProtection`).
A client that sends neither header is not a browser, and nobody else's cookies are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request
from litestar.enums import ScopeType

from vestibule.web import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.types import ASGIApp, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})
"""`none` is the person herself: typed address, bookmark, resent form. `same-site` is not enough: a partner's
app on the same host but another port is same-site, and a stranger."""


def caused_by_another_site(method: str, headers: Mapping[bytes, bytes], origin: str) -> bool:
    """Decide whether another site caused a request that may change something.

    Args:
        method: the HTTP method.
        headers: the request's headers, names in lower case.
        origin: the platform's own origin.
    """
    if method in SAFE:
        return False
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site.decode("latin-1") not in OWN
    claimed = headers.get(b"origin")
    return claimed is not None and claimed.decode("latin-1") != origin


class RefuseCrossSite:
    """ASGI middleware that answers 403 before anything else sees the request."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != ScopeType.HTTP or not caused_by_another_site(
            scope["method"], dict(scope["headers"]), self._origin
        ):
            await self._app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        refusal = errors.answer(request, 403, "cross-site request refused")
        await refusal.to_asgi_response(None, request)(scope, receive, send)
