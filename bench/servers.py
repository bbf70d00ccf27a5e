"""The servers that are measured, each in a process of its own under the same uvicorn."""

import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import uvicorn
from litestar import Request, get

from bench.appending import Appending
from vestibule import listening
from vestibule.connections.grants import Scope
from vestibule.gate.decide import ask_for, decide
from vestibule.gate.operations import reading
from vestibule.gate.standing import standing_of
from vestibule.web import app, partner, serving
from vestibule.web.hot import NewMessage, Sent
from vestibule.web.platform import Platform
from vestibule.web.settings import Settings

_decoder = msgspec.json.Decoder(NewMessage)
_encoder = msgspec.json.Encoder()


async def raw(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Parse the same bytes and answer the same bytes as a send, with nothing between."""
    if scope["type"] != "http":
        return
    body = (await receive())["body"]
    new = _decoder.decode(body) if body else None
    answer = _encoder.encode(Sent(len(new.body) if new else 0, 1_795_462_524_242_602))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@get("/v1/bench/{conversation:str}/messages")
async def unrecorded(
    request: Request[Any, Any, Any], platform: Platform, conversation: str, limit: int = 50
) -> partner.Messages:
    """Do what a recorded read does, signature and decision included, but record nothing. Only here."""
    signed = await partner.signed_by(request, platform)
    gate, now = platform.gate, platform.clock()
    gate.rates.take(signed.partner_id, now)
    standing = await standing_of(platform.store, signed, Scope.MESSAGES_READ)
    chosen = reading.unsealed(gate, standing, conversation)
    refusal = decide(standing, ask_for(Scope.MESSAGES_READ, chosen, now), now)
    if refusal is not None or standing.connection is None or chosen is None:
        raise RuntimeError(f"the bench's own read is refused: {refusal}")
    found = await reading.find(gate, standing.connection, chosen, after=None, limit=limit)
    messages = [msgspec.convert(fields, partner.Message) for fields in found.rendered]
    return partner.Messages(messages, found.withheld, found.next, [])


async def redirect(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001  (ASGI's signature)
    """Answer as a click link does, without knowing anything."""
    if scope["type"] != "http":
        return
    headers = [(b"location", b"http://127.0.0.1:1/films/7"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _serve(application: Any, listener: socket.socket) -> None:
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
    )
    serving.calm_collector()
    uvicorn.Server(config).run(sockets=[listener])


def serve_raw(listener: socket.socket) -> None:
    _serve(raw, listener)


def serve_redirect(listener: socket.socket) -> None:
    _serve(redirect, listener)


def serve_vestibule(listener: socket.socket, data: Path) -> None:
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(
        data,
        origin,
        "bench.localhost/log",
        partner_rate=1e9,
        partner_burst=1_000_000_000,
        dialogs_an_hour=1_000_000_000,
    )
    _serve(app.build(settings, more_handlers=(unrecorded,)), listener)


def serve_appending(listener: socket.socket, data: Path) -> None:
    _serve(Appending(data), listener)


@contextmanager
def running(target: Any, *arguments: Any) -> Iterator[int]:
    """Run a server and give its port."""
    listener = listening.bind("127.0.0.1", 0)
    process = multiprocessing.get_context("fork").Process(target=target, args=(listener, *arguments))
    process.start()
    port: int = listener.getsockname()[1]
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.join()
        listener.close()


def _wait(port: int) -> None:
    # The socket listens already, so that the first request simply waits until the server is up.
    httpx2.get(f"http://127.0.0.1:{port}/log/checkpoint", timeout=60)
