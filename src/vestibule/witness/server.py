"""The HTTP rim of a witness (C2SP tlog-witness): one write, one read, no framework."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import uvicorn

from vestibule.listening import Server
from vestibule.tlog.add_checkpoint import ADD_CHECKPOINT, cosigned_path
from vestibule.witness.decision import KnownLogs, Refusal
from vestibule.witness.errors import StateError
from vestibule.witness.witness import Witness

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 64 * 1024
"""Room for 63 hashes and 16 signatures of 3.3 KB."""

TEXT = b"text/plain; charset=utf-8"
SIZE = b"text/x.tlog.size"


def build(witness: Witness, logs: KnownLogs) -> Application:
    """Return the ASGI application of a witness."""
    origins = {cosigned_path(origin): origin for origin in logs}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        try:
            if path == ADD_CHECKPOINT:
                answer = await _add(witness, receive) if method == "POST" else _wrong_method("POST")
            elif path in origins:
                answer = _last(witness, origins[path]) if method in ("GET", "HEAD") else _wrong_method("GET")
            else:
                answer = _refused(404, f"expected {ADD_CHECKPOINT} or the checkpoint of a known log")
        except StateError as error:
            answer = _refused(503, str(error))
        await _answer(send, *answer)

    return application


def serve(application: Application, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Args:
        application: what `build` returned.
        listener: where to listen.
        announce: called once the server listens.
    """
    config = uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        loop="asyncio",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    asyncio.run(Server(config, announce).serve(sockets=[listener]))


Answer: TypeAlias = tuple[int, bytes, str]
"""Status, content type, body."""


async def _add(witness: Witness, receive: Receive) -> Answer:
    body = await _body(receive)
    if body is None:
        return _refused(413, f"expected a body of up to {LARGEST_BODY} bytes")
    answer = await witness.add_checkpoint(body)
    if isinstance(answer, Refusal):
        return answer.status, SIZE if answer.stale else TEXT, f"{answer.reason}\n"
    return 200, TEXT, answer


def _last(witness: Witness, origin: str) -> Answer:
    note = witness.cosigned(origin)
    return _refused(404, "nothing was cosigned for this log yet") if note is None else (200, TEXT, note)


def _refused(status: int, reason: str) -> Answer:
    return status, TEXT, f"{reason}\n"


def _wrong_method(expected: str) -> Answer:
    return _refused(405, f"expected {expected}")


async def _body(receive: Receive) -> bytes | None:
    """Return the request's body, or nothing if it is too large or the sender is gone."""
    body = bytearray()
    while True:
        event = await receive()
        body += event.get("body", b"")
        if event["type"] == "http.disconnect" or len(body) > LARGEST_BODY:
            return None
        if not event.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, kind: bytes, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    # What was cosigned is public, and pages of other origins compare it.
    headers.append((b"access-control-allow-origin", b"*"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
