"""The way to the platform: requests that are sent once more where it wants its nonce in their proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from vestibule.sdk.dpop import NONCE_FIELD, wants_nonce
from vestibule.sdk.errors import BadAnswer, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 30.0
"""Seconds; an answer waits for the log, and for its witnesses."""
SHOWN = 80


class Wire:
    """An HTTP client and the newest nonce of the server it talks with. Not to be shared between threads."""

    def __init__(self, http: httpx2.Client | None = None) -> None:
        self.http = http or httpx2.Client(timeout=TIMEOUT)
        self._nonce: str | None = None

    def send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request as it is.

        Raises:
            Unreachable: if no answer came.
        """
        try:
            return self.http.send(request)
        except httpx2.TransportError as error:
            raise Unreachable(f"{request.url}: {error}") from error

    def prove(self, make: Callable[[str | None], httpx2.Request]) -> httpx2.Response:
        """Send a proven request (RFC 9449 sections 8 and 9).

        Args:
            make: writes the request anew, with a proof that carries this nonce.

        Returns:
            the answer; its `request` is the one it answers.
        """
        response = self._with_nonce(make)
        if wants_nonce(response.status_code, response.headers, json_object(response)):
            return self._with_nonce(make)
        return response

    def _with_nonce(self, make: Callable[[str | None], httpx2.Request]) -> httpx2.Response:
        response = self.send(make(self._nonce))
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
