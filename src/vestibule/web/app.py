"""The application: every audience's handlers, behind the cross-site check and the hot routes."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import quote

from litestar import Litestar, Request, Response
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Contact, Tag
from litestar.types import ControllerRouterHandler, Message, Scope

from vestibule.people import stepping_up
from vestibule.people.accounts import Account
from vestibule.people.sessions import Session
from vestibule.recorder.errors import LogUnavailable
from vestibule.web import (
    api_docs,
    clicking,
    console,
    dialog,
    errors,
    hot,
    inviting,
    logfiles,
    oauth,
    operator,
    partner_acting,
    partner_reports,
    partner_webhooks,
    person,
    public,
    staff,
)
from vestibule.web.cross_site import RefuseCrossSite
from vestibule.web.given import GivenPlatform, NotProved, NotSignedIn
from vestibule.web.oauth.proof import hand_on_nonce
from vestibule.web.person.cookie import session_of, visitor_of
from vestibule.web.person.forms import LARGEST
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform, running, system_clock
from vestibule.web.settings import Settings
from vestibule.web.speaking import language_of

VERSION = "0.1.0"
API_ABOUT = (
    "What a partner's app can do. Every request is signed (RFC 9421, docs/log.md); every answer that carries "
    "somebody's data is in the public log before it leaves, and comes with its receipts."
)


async def provide_platform(request: Request[Any, Any, Any]) -> Platform:
    """Hand the platform to a handler."""
    platform: Platform = request.app.state.platform
    return platform


async def provide_person(request: Request[Any, Any, Any], platform: GivenPlatform) -> Account:
    """Hand the signed-in person to a handler.

    Raises:
        NotSignedIn: if nobody is.
    """
    visitor = await visitor_of(request, platform)
    if visitor is None:
        raise NotSignedIn
    return visitor


async def provide_proved(request: Request[Any, Any, Any], platform: GivenPlatform) -> Session:
    """Hand the session of a person who has just proved herself to a handler.

    Raises:
        NotSignedIn: if nobody is signed in.
        NotProved: if she is, but has proved nothing lately.
    """
    session = await session_of(request, platform)
    if session is None:
        raise NotSignedIn
    if not stepping_up.is_proved(session, platform.clock()):
        raise NotProved
    return session


def _to_prove(request: Request[Any, Any, Any], _: NotProved) -> Response[Any]:
    # Every form that needs a proof is shown at the address it is sent to.
    return see_other(f"/account/prove?next={quote(request.scope['path'], safe='')}")


def _to_sign_in(request: Request[Any, Any, Any], _: NotSignedIn) -> Response[Any]:
    if request.method != "GET":
        return see_other("/signin?said=signed-out-meanwhile")
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return see_other(f"/signin?next={quote(path + ('?' + query if query else ''), safe='')}")


def _closed(request: Request[Any, Any, Any], error: LogUnavailable) -> Response[Any]:
    return errors.answer(request, 503, str(error), {"retry-after": "2"})


def _too_large(request: Request[Any, Any, Any], _: RequestEntityTooLarge) -> Response[Any]:
    limit = request.route_handler.resolve_request_max_body_size()
    return errors.answer(request, 413, f"body: expected at most {limit} bytes")


async def _hold(message: Message, _: Scope) -> None:
    """Let no browser take an answer for something else, nor show it inside another page."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers["x-content-type-options"] = "nosniff"
        headers["x-frame-options"] = "DENY"


def build(
    settings: Settings,
    clock: Callable[[], int] = system_clock,
    more_handlers: Sequence[ControllerRouterHandler] = (),
) -> RefuseCrossSite:
    """Build the ASGI application; the platform opens and closes with its lifespan.

    Args:
        settings: what the operator sets.
        clock: microseconds since 1970.
        more_handlers: what an operator adds to ours, such as a health page.
    """
    return build_around(running(settings, clock), settings.origin, more_handlers)


def build_around(
    opening: AbstractAsyncContextManager[Platform],
    origin: str,
    more_handlers: Sequence[ControllerRouterHandler] = (),
) -> RefuseCrossSite:
    """Build the ASGI application around a platform that its lifespan enters and leaves; else as `build`."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with opening as app.state.platform:
            yield

    app = Litestar(
        route_handlers=[
            *person.handlers,
            *public.handlers,
            *oauth.handlers,
            clicking.click,
            *inviting.handlers,
            *dialog.handlers,
            *staff.handlers,
            *api_docs.handlers,
            partner_acting.router,
            partner_webhooks.jwks,
            partner_reports.report_schema,
            *console.handlers,
            operator.router,
            logfiles.router,
            *more_handlers,
        ],
        dependencies={
            "platform": Provide(provide_platform),
            "language": Provide(language_of, sync_to_thread=False),
            "person": Provide(provide_person),
            "proved": Provide(provide_proved),
        },
        exception_handlers={
            **errors.exception_handlers(),
            NotSignedIn: _to_sign_in,
            NotProved: _to_prove,
            LogUnavailable: _closed,
            RequestEntityTooLarge: _too_large,
        },
        before_send=[_hold, hand_on_nonce],
        lifespan=[lifespan],
        openapi_config=OpenAPIConfig(
            title="Vestibule partner API",
            version=VERSION,
            description=API_ABOUT,
            path="/openapi",
            contact=Contact(name="The operator of this platform", url=f"{origin}/register"),
            tags=[
                Tag("Partner API", "Signed by a partner; about a person, with her token."),
                Tag("Person's own programs", "With a person's session."),
            ],
            render_plugins=[],
            use_handler_docstrings=True,
        ),
        request_max_body_size=LARGEST,
    )

    def platform_of() -> Platform:
        platform: Platform = app.state.platform
        return platform

    return RefuseCrossSite(hot.HotRoutes(app, platform_of), origin=origin)
