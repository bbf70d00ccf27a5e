"""The session cookie, and whom it stands for."""

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from vestibule.people import sessions
from vestibule.people.accounts import Account
from vestibule.web.platform import Platform

SECOND = 1_000_000


def cookie_name(*, secure: bool) -> str:
    """Name the cookie; on https with the prefix that only this host can set (RFC 6265bis)."""
    return "__Host-session" if secure else "session"


def session_cookie(token: str, *, secure: bool) -> Cookie:
    """Make the cookie that signs a browser in."""
    return Cookie(
        key=cookie_name(secure=secure),
        value=token,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=sessions.LIFETIME // SECOND,
    )


def ended_cookie(*, secure: bool) -> Cookie:
    """Make the cookie that signs a browser out."""
    return Cookie(
        key=cookie_name(secure=secure),
        value="",
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=0,
    )


def token_of(request: Request[Any, Any, Any], platform: Platform) -> str | None:
    """Read the session token from a request's cookie."""
    return request.cookies.get(cookie_name(secure=platform.settings.secure))


async def visitor_of(request: Request[Any, Any, Any], platform: Platform) -> Account | None:
    """Return who is signed in, or None; for pages that are open to everybody."""
    token = token_of(request, platform)
    return None if token is None else await sessions.person_of(platform.store, token, platform.clock())
