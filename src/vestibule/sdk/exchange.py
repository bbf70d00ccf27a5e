"""One protocol, two ways to speak it: blocking, and awaited. What is said stands once, as generators.

An exchange yields each request, is sent the answer to it, and returns what came of it. It waits for nothing
itself: whoever runs it does, here over an httpx2 client of either kind.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Self

P = ParamSpec("P")
T = TypeVar("T")
Spoken = TypeVar("Spoken")
Spoken_co = TypeVar("Spoken_co", covariant=True)

Exchange: TypeAlias = Generator[httpx2.Request, httpx2.Response, T]
"""What is said to get a T. A request that finds no answer raises httpx2.RequestError where it was yielded."""


class Blocking(Generic[Spoken_co]):
    """Speaks a protocol, and waits for every answer. Not to be shared between threads."""

    def __init__(self, spoken: Spoken_co, http: httpx2.Client) -> None:
        self.spoken = spoken
        self.http = http

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Awaited(Generic[Spoken_co]):
    """Speaks a protocol on an event loop."""

    def __init__(self, spoken: Spoken_co, http: httpx2.AsyncClient) -> None:
        self.spoken = spoken
        self.http = http

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def blocking(
    exchange: Callable[Concatenate[Spoken, P], Exchange[T]],
) -> Callable[Concatenate[Blocking[Spoken], P], T]:
    """Make an exchange of a protocol a method that returns when it is over."""

    def method(self: Blocking[Spoken], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(exchange(self.spoken, *args, **kwargs), self.http)

    return update_wrapper(method, exchange)


def awaited(
    exchange: Callable[Concatenate[Spoken, P], Exchange[T]],
) -> Callable[Concatenate[Awaited[Spoken], P], Coroutine[Any, Any, T]]:
    """Make an exchange of a protocol a coroutine method."""

    async def method(self: Awaited[Spoken], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await arun(exchange(self.spoken, *args, **kwargs), self.http)

    return update_wrapper(method, exchange)


def run(exchange: Exchange[T], http: httpx2.Client) -> T:
    """Send an exchange's requests, and return what it returns."""
    try:
        request = next(exchange)
        while True:
            try:
                response = http.send(request)
            except httpx2.RequestError as error:
                request = exchange.throw(error)
            else:
                request = exchange.send(response)
    except StopIteration as over:
        value: T = over.value
        return value


async def arun(exchange: Exchange[T], http: httpx2.AsyncClient) -> T:
    """Send an exchange's requests, and return what it returns."""
    try:
        request = next(exchange)
        while True:
            try:
                response = await http.send(request)
            except httpx2.RequestError as error:
                request = exchange.throw(error)
            else:
                request = exchange.send(response)
    except StopIteration as over:
        value: T = over.value
        return value
