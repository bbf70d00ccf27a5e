"""The way to the platform: requests that are sent once more where it wants its nonce in their proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from vestibule.sdk.dpop import NONCE_FIELD, wants_nonce
from vestibule.sdk.errors import BadAnswer, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from vestibule.sdk.exchange import Exchange

TIMEOUT = 30.0
"""Seconds; an answer waits for the log, and for its witnesses."""
SHOWN = 80


class Wire:
    """Makes requests, and remembers the newest nonce of the server that answers them.

    Attributes:
        build: `build_request` of the HTTP client that will send them.
    """

    def __init__(self, build: Callable[..., httpx2.Request]) -> None:
        self.build = build
        self._nonce: str | None = None

    def send(self, request: httpx2.Request) -> Exchange[httpx2.Response]:
        """Send a request as it is.

        Raises:
            Unreachable: if no answer came.
            BadAnswer: if one came that cannot be read.
        """
        try:
            return (yield request)
        except httpx2.DecodingError as error:
            raise BadAnswer(f"{request.url}: {error}") from error
        except httpx2.RequestError as error:
            raise Unreachable(f"{request.url}: {error}") from error

    def prove(self, make: Callable[[str | None], httpx2.Request]) -> Exchange[httpx2.Response]:
        """Send a proven request (RFC 9449 sections 8 and 9).

        Args:
            make: writes the request anew, with a proof that carries this nonce.

        Returns:
            the answer; its `request` is the one it answers.
        """
        response = yield from self._with_nonce(make)
        if response.is_success:
            return response
        if wants_nonce(response.status_code, response.headers, json_object(response)):
            return (yield from self._with_nonce(make))
        return response

    def _with_nonce(self, make: Callable[[str | None], httpx2.Request]) -> Exchange[httpx2.Response]:
        response = yield from self.send(make(self._nonce))
        self._nonce = response.headers.get(NONCE_FIELD, self._nonce)
        return response


def json_object(response: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object in an answer, an empty one where an error carries none.

    Raises:
        BadAnswer: if a success carries none.
    """
    try:
        value = response.json()
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    if response.is_success:
        raise BadAnswer(f"{response.url}: expected a JSON object, got {response.content[:SHOWN]!r}")
    return {}
