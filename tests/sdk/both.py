"""What is awaited, made to wait: so that one set of tests is about both kinds of client and login."""

import asyncio
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.sdk.partner import keys
from tests.sdk.small_authority import ISSUER
from tests.sdk.small_platform import BASE
from vestibule.sdk.client import AsyncClient, Client
from vestibule.sdk.login import AsyncLogin, Login
from vestibule.sdk.receipts import Receipts

Handler = Callable[[httpx2.Request], httpx2.Response]

KINDS = ("waiting", "awaited")


class Waited:
    """An `AsyncClient` or `AsyncLogin` with blocking methods, on an event loop of its own."""

    def __init__(self, awaited: Any) -> None:
        self.awaited = awaited
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.awaited, name)
        return self._waiting(value) if inspect.iscoroutinefunction(value) else value

    def close(self) -> None:
        self._runner.run(self.awaited.close())
        self._runner.close()

    def _waiting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **fields: self._runner.run(method(*args, **fields))


def client_of(kind: str, answer: Handler, policy: bytes, folder: Path, now: float) -> Any:
    """Open a client of a kind, for somebody who answers; `closed` closes its receipts, too."""
    transport, kept = httpx2.MockTransport(answer), Receipts(folder)
    if kind == "waiting":
        waiting = httpx2.Client(transport=transport)
        return Client(BASE, keys(), policy, kept, http=waiting, clock=lambda: now)
    awaited = httpx2.AsyncClient(transport=transport)
    return Waited(AsyncClient(BASE, keys(), policy, kept, http=awaited, clock=lambda: now))


def closed(client: Any) -> None:
    client.close()
    client.spoken.kept.close()


def login_of(kind: str, answer: Handler, *, clock: Callable[[], float] = time.time) -> Any:
    """Open a login of a kind, for somebody who answers."""
    transport = httpx2.MockTransport(answer)
    if kind == "waiting":
        return Login(ISSUER, keys(), http=httpx2.Client(transport=transport), clock=clock)
    return Waited(AsyncLogin(ISSUER, keys(), http=httpx2.AsyncClient(transport=transport), clock=clock))
