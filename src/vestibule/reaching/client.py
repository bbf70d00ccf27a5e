"""An HTTP client that connects to addresses which were looked at, and to no other.

A name is resolved once for each connection, every address it has must be public, and the connection goes to
one of those: the name cannot mean another one in between (DNS rebinding). Host, TLS server name and the check
of the certificate stay those of the name. No proxy, no cookie; no redirect is followed, nothing decompressed.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from ssl import SSLContext
from typing import Final

import httpcore2
import httpx2

from vestibule.reaching.addresses import Address, check_public, checked, literal
from vestibule.reaching.errors import NotReached

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""Finds the addresses of a name, for a port; raises OSError."""

NO_ANSWER: Final = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError)
RESOLVING: Final = 16
"""Names resolved at once: each takes a thread for as long as its name server likes."""
IDLE_SECONDS: Final = 30.0
"""How long a connection is kept for the next request to the same name."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a request may take, and how much of the answer is read.

    Args:
        connect: seconds for name and connection, and as many for TLS.
        whole: seconds for everything, to the answer's last byte.
        most_bytes: the answer's body is read up to here.
    """

    connect: float = 5.0
    whole: float = 15.0
    most_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whichever status; a redirect too.

    Args:
        status: the HTTP status.
        fields: header fields, names in lower case; of a repeated one the last.
        body: its first bytes, as sent.
        whole: whether these are all.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes
    whole: bool


class Reaching:
    """The client. How many requests there are at once is the caller's to bound.

    Args:
        loopback: let addresses of this machine pass too; for a platform that is tried out on one machine.
        resolve: finds a name's addresses; the system's resolver by default.
        tls: whom to trust about certificates; the usual authorities by default.
    """

    def __init__(
        self, *, loopback: bool = False, resolve: Resolve | None = None, tls: SSLContext | None = None
    ) -> None:
        self._loopback = loopback
        self._tls = tls
        self._resolve = resolve or self._by_the_system
        self._threads = ThreadPoolExecutor(RESOLVING, "resolve")

    @cached_property
    def _pool(self) -> httpcore2.AsyncConnectionPool:
        """Made when it is first needed: to read the trusted authorities takes a tenth of a second."""
        return httpcore2.AsyncConnectionPool(
            ssl_context=self._tls or httpx2.create_ssl_context(trust_env=False),
            max_connections=None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Pinned(self._resolve, loopback=self._loopback),
        )

    async def get(self, url: str, fields: Mapping[str, str], limits: Limits) -> Answer:
        """Fetch, without any encoding of the content.

        Raises:
            NotReached: no answer, or the address may not be reached.
        """
        return await self._ask("GET", url, {"accept-encoding": "identity", **fields}, None, limits)

    async def post(self, url: str, fields: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send.

        Raises:
            NotReached: no answer, or the address may not be reached.
        """
        return await self._ask("POST", url, {"content-length": str(len(body)), **fields}, body, limits)

    async def close(self) -> None:
        """Drop all connections."""
        if "_pool" in self.__dict__:
            await self._pool.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(
        self, method: str, url: str, fields: Mapping[str, str], body: bytes | None, limits: Limits
    ) -> Answer:
        target = checked(url, loopback=self._loopback)
        headers = [("host", _authority(target)), *fields.items()]
        times = {"timeout": {"connect": limits.connect}}
        try:
            async with (
                asyncio.timeout(limits.whole),
                self._pool.stream(method, target, headers=headers, content=body, extensions=times) as answer,
            ):
                return await _read(answer, limits.most_bytes)
        except TimeoutError:
            raise NotReached(f"no whole answer within {limits.whole:g} s") from None
        except NO_ANSWER as error:
            raise NotReached(str(error) or type(error).__name__) from error

    async def _by_the_system(self, name: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _look_up, name, port)


class _Pinned(httpcore2.AsyncNetworkBackend):
    """How httpcore's pool makes each new connection."""

    def __init__(self, resolve: Resolve, *, loopback: bool) -> None:
        self._resolve = resolve
        self._loopback = loopback
        # The class has a stand-in for where anyio is missing, and pyright sees both.
        self._sockets: httpcore2.AsyncNetworkBackend = httpcore2.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve once, look at every address, and connect to the first of them that can be connected to."""
        try:
            async with asyncio.timeout(timeout):
                found = literal(host)
                addresses = await self._resolve(host, port) if found is None else [found]
                check_public(host, addresses, loopback=self._loopback)
                return await self._first(addresses, port, local_address, socket_options)
        except TimeoutError:
            raise NotReached(f"no connection to {host!r} within {timeout:g} s") from None

    async def _first(
        self,
        addresses: list[Address],
        port: int,
        local_address: str | None,
        options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.AsyncNetworkStream:
        failed: Exception = OSError("expected an address, got none")
        for address in addresses:
            try:
                return await self._sockets.connect_tcp(str(address), port, None, local_address, options)
            except httpcore2.ConnectError as error:
                failed = error
        raise failed


def _look_up(name: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [ip_address(entry[4][0]) for entry in found]


def _authority(target: httpcore2.URL) -> str:
    host = target.host.decode()
    host = f"[{host}]" if ":" in host else host
    return host if target.port is None else f"{host}:{target.port}"


async def _read(answer: httpcore2.Response, most: int) -> Answer:
    body = b""
    async for part in answer.aiter_stream():
        body += part
        if len(body) > most:
            break
    fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    return Answer(answer.status, fields, body[:most], whole=len(body) <= most)
