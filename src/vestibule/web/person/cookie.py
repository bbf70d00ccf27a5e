"""The cookies of a person's browser: her session, whom it stands for, and that it has signed in before."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from vestibule.people import browsers, devices, sessions
from vestibule.people.accounts import Account
from vestibule.people.sessions import Session
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform

SECOND = 1_000_000


def cookie_name(*, secure: bool) -> str:
    """Name the cookie; on https with the prefix that only this host can set (RFC 6265bis)."""
    return "__Host-session" if secure else "session"


def device_cookie_name(*, secure: bool) -> str:
    """Name the cookie of a browser that has signed in before."""
    return "__Host-device" if secure else "device"


def _cookie(key: str, value: str, *, secure: bool, lifetime: int) -> Cookie:
    return Cookie(
        key=key,
        value=value,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=lifetime // SECOND,
    )


def session_cookie(token: str, *, secure: bool) -> Cookie:
    """Make the cookie that signs a browser in."""
    return _cookie(cookie_name(secure=secure), token, secure=secure, lifetime=sessions.LIFETIME)


def ended_cookie(*, secure: bool) -> Cookie:
    """Make the cookie that signs a browser out."""
    return _cookie(cookie_name(secure=secure), "", secure=secure, lifetime=0)


def token_of(request: Request[Any, Any, Any], platform: Platform) -> str | None:
    """Read the session token from a request's cookie."""
    return request.cookies.get(cookie_name(secure=platform.settings.secure))


def device_of(request: Request[Any, Any, Any], platform: Platform) -> str:
    """Read the device token from a request's cookie, "" without one."""
    return request.cookies.get(device_cookie_name(secure=platform.settings.secure), "")


def browser_of(request: Request[Any, Any, Any]) -> str:
    """Name a request's browser in plain words."""
    return browsers.named(request.headers.get("user-agent", ""))


async def visitor_of(request: Request[Any, Any, Any], platform: Platform) -> Account | None:
    """Return who is signed in, or None; for pages that are open to everybody."""
    token = token_of(request, platform)
    return None if token is None else await sessions.person_of(platform.store, token, platform.clock())


async def session_of(request: Request[Any, Any, Any], platform: Platform) -> Session | None:
    """Return a request's session as the store has it now, None if nobody is signed in."""
    token = token_of(request, platform)
    return None if token is None else await sessions.session_of(platform.store, token, platform.clock())


async def signed_in(
    request: Request[Any, Any, Any], platform: Platform, token: str, account: Account, path: str
) -> Response[Any]:
    """Go on to a page of ours with a new session, and remember the browser."""
    now, secure = platform.clock(), platform.settings.secure
    device = await devices.remember(platform.store, account.user_id, device_of(request, platform), now)
    answer = see_other(path)
    answer.set_cookie(session_cookie(token, secure=secure))
    answer.set_cookie(
        _cookie(device_cookie_name(secure=secure), device, secure=secure, lifetime=devices.LIFETIME)
    )
    return answer
