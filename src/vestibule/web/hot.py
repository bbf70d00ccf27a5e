"""The two routes that carry the load, as plain ASGI: a person's message in, her live events out.

They stand before the framework in the same application and in the same OpenAPI document (docs/adr/0002).
"""

import asyncio
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec

from vestibule.inbox import messages
from vestibule.inbox.errors import BadBody, BadClientKey, BadReply, Blocked, InboxError, KeyReused, NotAMember
from vestibule.inbox.live import Subscription
from vestibule.people import sessions
from vestibule.people.accounts import Account
from vestibule.store.errors import BadId, StoreError
from vestibule.store.ids import decode
from vestibule.web.person.cookie import cookie_name
from vestibule.web.platform import Platform

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LARGEST_BODY = 64 * 1024
STATUS: dict[type[InboxError], int] = {
    NotAMember: 404,
    Blocked: 403,
    BadBody: 422,
    BadClientKey: 422,
    BadReply: 422,
    KeyReused: 409,
}


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to be sent; `key` makes repeating it harmless, `reply_to` is a message's `seq`."""

    body: str
    key: str
    reply_to: int | None = None


class Sent(msgspec.Struct, frozen=True):
    """A message that stands, durably."""

    seq: int
    sent_at: int


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457 problem details."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


_new_message = msgspec.json.Decoder(NewMessage)
_encoder = msgspec.json.Encoder()


class Wrong(Exception):  # noqa: N818  (carries an answer)
    """An answer that is not the one asked for."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = Problem(title, status, detail)


def _cookie(scope: Scope, name: str) -> str | None:
    for header, value in scope["headers"]:
        if header == b"cookie":
            text = value.decode("latin-1")
            # One cookie is the rule; SimpleCookie costs ten times as much.
            if text.startswith(f"{name}=") and ";" not in text:
                return str(text[len(name) + 1 :])
            try:
                morsel = SimpleCookie(text).get(name)
            except CookieError:
                return None
            return None if morsel is None else morsel.value
    return None


async def _person(platform: Platform, scope: Scope) -> Account:
    token = _cookie(scope, cookie_name(secure=platform.settings.secure))
    person = await sessions.person_of(platform.store, token, platform.clock()) if token else None
    if person is None:
        raise Wrong(401, "Not signed in", "expected the cookie of a live session; sign in first")
    return person


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Wrong(400, "Bad request", "the body ended early")
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Wrong(413, "Too large", f"expected a body of at most {LARGEST_BODY} bytes")
        if not event.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def _answer(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_message(platform: Platform, scope: Scope, receive: Receive, conversation: str) -> bytes:
    """Store a message of the signed-in person; the answer's bytes, once it is durable.

    Raises:
        Wrong: saying what was expected and got.
    """
    person = await _person(platform, scope)
    try:
        new = _new_message.decode(await _body(receive))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Wrong(400, "Bad request", f"body: expected JSON with body and key; {error}") from error
    try:
        message = await messages.send(
            platform.store,
            platform.live,
            conversation_id=decode(conversation),
            sender_id=person.user_id,
            client_key=new.key,
            body=new.body,
            reply_to=new.reply_to,
            now=platform.clock(),
        )
    except BadId as error:
        raise Wrong(404, "No such conversation", "there is no such conversation of yours") from error
    except InboxError as error:
        raise Wrong(STATUS.get(type(error), 400), "Not sent", str(error)) from error
    except StoreError as error:
        raise Wrong(503, "Not stored", "the message could not be stored; send it again") from error
    return _encoder.encode(Sent(message.seq, message.sent_at))


async def stream_events(platform: Platform, scope: Scope, receive: Receive, send: Send) -> None:
    """Stream the signed-in person's live events (server-sent events) until she goes away."""
    person = await _person(platform, scope)
    subscription = platform.live.subscribe(person.user_id)
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    gone = asyncio.create_task(_until_gone(receive, subscription))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"event: sync\ndata: {}\n\n", "more_body": True})
        async for chunk in subscription:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        subscription.close()


async def _until_gone(receive: Receive, subscription: Subscription) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.close()


def conversation_of(path: str) -> str | None:
    """Return the conversation in /api/conversations/{conversation}/messages, None for other paths."""
    if path.startswith("/api/conversations/") and path.endswith("/messages"):
        return path[len("/api/conversations/") : -len("/messages")]
    return None


class HotRoutes:
    """The hot routes before an application that answers everything else."""

    def __init__(self, app: Any, platform_of: Callable[[], Platform]) -> None:
        self._app = app
        self._platform_of = platform_of

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a hot route, or pass the request on."""
        if scope["type"] == "http":
            path, method = scope["path"], scope["method"]
            conversation = conversation_of(path) if method == "POST" else None
            try:
                if conversation is not None:
                    body = await send_message(self._platform_of(), scope, receive, conversation)
                    await _answer(send, 201, b"application/json", body)
                    return
                if path == "/api/events" and method == "GET":
                    await stream_events(self._platform_of(), scope, receive, send)
                    return
            except Wrong as wrong:
                status, body = wrong.problem.status, _encoder.encode(wrong.problem)
                await _answer(send, status, b"application/problem+json", body)
                return
        await self._app(scope, receive, send)
