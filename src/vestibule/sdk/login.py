"""The login of one partner at one platform, in two kinds: `Login` waits, `AsyncLogin` is awaited.

What they do is in `flow`, once for both; its methods say what goes in and what comes out.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx2

from vestibule.sdk.exchange import Awaited, Blocking, awaited, blocking
from vestibule.sdk.flow import Flow
from vestibule.sdk.wire import TIMEOUT, Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from vestibule.sdk.keys import Keys


class Login(Blocking[Flow]):
    """One partner's login at one platform. Not to be shared between threads."""

    def __init__(
        self,
        issuer: str,
        keys: Keys,
        *,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a login; nothing is sent yet.

        Args:
            issuer: the platform's issuer identifier, its origin.
            keys: this partner's.
            http: another HTTP client than a plain one.
            clock: seconds since 1970.
        """
        http = http or httpx2.Client(timeout=TIMEOUT)
        super().__init__(Flow(issuer, keys, wire=Wire(http.build_request), clock=clock), http)

    @classmethod
    def discovered(cls, url: str, keys: Keys, *, http: httpx2.Client | None = None) -> Self:
        """Find the login of an API by any address of it, see `Flow.discover`."""
        login = cls("", keys, http=http)
        login._find(url)
        return login

    _find = blocking(Flow.discover)
    server = blocking(Flow.server)
    begin = blocking(Flow.begin)
    finish = blocking(Flow.finish)
    fresh = blocking(Flow.fresh)
    refresh = blocking(Flow.refresh)
    revoke = blocking(Flow.revoke)
    introspect = blocking(Flow.introspect)


class AsyncLogin(Awaited[Flow]):
    """One partner's login at one platform, on an event loop."""

    def __init__(
        self,
        issuer: str,
        keys: Keys,
        *,
        http: httpx2.AsyncClient | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a login; nothing is sent yet. The arguments are those of `Login`."""
        http = http or httpx2.AsyncClient(timeout=TIMEOUT)
        super().__init__(Flow(issuer, keys, wire=Wire(http.build_request), clock=clock), http)

    @classmethod
    async def discovered(cls, url: str, keys: Keys, *, http: httpx2.AsyncClient | None = None) -> Self:
        """Find the login of an API by any address of it, see `Flow.discover`."""
        login = cls("", keys, http=http)
        await login._find(url)
        return login

    _find = awaited(Flow.discover)
    server = awaited(Flow.server)
    begin = awaited(Flow.begin)
    finish = awaited(Flow.finish)
    fresh = awaited(Flow.fresh)
    refresh = awaited(Flow.refresh)
    revoke = awaited(Flow.revoke)
    introspect = awaited(Flow.introspect)
