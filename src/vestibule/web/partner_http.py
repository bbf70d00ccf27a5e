"""What HTTP itself can say about the partner API's answers: what is next, what is known, how much is left.

Pages by Link (RFC 8288), entity tags (RFC 9110, section 8.8.3), gzip, and the partner's rate
(draft-ietf-httpapi-ratelimit-headers-11).
"""

import asyncio
import gzip
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.datastructures import MutableScopeHeaders
from litestar.middleware import ASGIMiddleware
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from vestibule.gate.tagging import ANY

TAG = re.compile(r'(?:W/)?"([!#-~]*)"')
NOT = re.compile(r"q=0(?:\.0{0,3})?")
"""The weight of a coding that is not wanted (RFC 9110, section 12.4.2)."""
SMALLEST = 1024
"""Bytes from which on an answer is compressed."""
LARGE = 64 * 1024
"""Bytes from which on that happens beside the event loop."""
UNCHANGED = {
    304: ResponseSpec(
        None,
        description="What If-None-Match names is still so. A read all the same, and on record: its receipts "
        "are where Link (describedby) leads.",
    )
}

T = TypeVar("T")


class Leaf(Protocol):
    """A recorded event."""

    @property
    def index(self) -> int:
        """Where it stands in the log."""
        ...


class Paged(Protocol):
    """What the gate releases of a list."""

    @property
    def next(self) -> str | None:
        """Where to go on, None at the end."""
        ...

    @property
    def tag(self) -> str:
        """The entity tag of the answer."""
        ...

    @property
    def unchanged(self) -> bool:
        """Whether the partner has it already."""
        ...

    @property
    def recorded(self) -> Sequence[Leaf]:
        """The events."""
        ...


def known_tags(request: Request[Any, Any, Any]) -> frozenset[str]:
    """Read If-None-Match; what is no tag names nothing that anybody has."""
    given = request.headers.get("if-none-match", "")
    return frozenset({ANY}) if given.strip() == ANY else frozenset(TAG.findall(given))


def answered(request: Request[Any, Any, Any], value: T, released: Paged) -> Response[T]:
    """Answer with a page of a list, or that it is as it was.

    The tag is a weak one: the receipts are new ones each time.
    """
    headers = {"etag": f'W/"{released.tag}"'}
    if released.unchanged:
        first = min(leaf.index for leaf in released.recorded)
        receipts = {"after": first - 1, "limit": len(released.recorded)}
        headers["link"] = f'<{_origin(request)}/v1/receipts?{urlencode(receipts)}>; rel="describedby"'
        nothing: Any = None
        return Response(nothing, status_code=304, headers=headers)
    return Response(value, headers={**headers, **next_link(request, released.next)})


def next_link(request: Request[Any, Any, Any], after: str | int | None) -> dict[str, str]:
    """Write the Link field that leads to the next page; nothing at the end."""
    if after is None:
        return {}
    path = request.scope["raw_path"].decode("latin-1")
    query = urlencode({**request.query_params.dict(), "after": after}, doseq=True)
    return {"link": f'<{_origin(request)}{path}?{query}>; rel="next"'}


def _origin(request: Request[Any, Any, Any]) -> str:
    origin: str = request.app.state.platform.settings.origin
    return origin


class AnswersToPartners(ASGIMiddleware):
    """Says to every partner how much it may still ask for, and compresses what is long."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, and change the answer on its way out."""
        answer = _Answer(scope, send)
        await next_app(scope, receive, answer.send)


class _Answer:
    """An answer on its way out; its head waits for the body, which decides about both."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._head: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
        elif message["type"] != "http.response.body" or self._head is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._head)

    async def _finish(self, head: Message) -> None:
        headers = MutableScopeHeaders.from_message(head)
        for name, value in _rate(self._scope).items():
            headers[name] = value
        body = bytes(self._body)
        if len(body) >= SMALLEST:
            headers["vary"] = "Accept-Encoding"
            if _accepts_gzip(self._scope):
                body = await _compressed(body)
                headers["content-encoding"], headers["content-length"] = "gzip", str(len(body))
        await self._send(head)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


async def _compressed(body: bytes) -> bytes:
    if len(body) < LARGE:
        return gzip.compress(body, compresslevel=5, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, 5, mtime=0)


def _accepts_gzip(scope: Scope) -> bool:
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    codings = (one.partition(";") for one in accepted.decode("latin-1").lower().split(","))
    return any(name.strip() == "gzip" and not NOT.fullmatch(q.strip()) for name, _, q in codings)


def _rate(scope: Scope) -> Mapping[str, str]:
    """Say how a partner that signed stands; `"partner"` names the policy."""
    state: Mapping[str, Any] = scope.get("state", {})
    partner_id = state.get("partner_id")
    if partner_id is None:
        return {}
    platform = scope["litestar_app"].state.platform
    allowance = platform.gate.rates.allowance(partner_id, platform.clock())
    return {
        "ratelimit-policy": f'"partner";q={allowance.quota};w={allowance.window}',
        "ratelimit": f'"partner";r={allowance.remaining};t={allowance.reset}',
    }
