"""Takes note of what became of partners' requests, for the request log in their console."""

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from vestibule.partners.request_log import Answered

if TYPE_CHECKING:
    from vestibule.web.platform import Platform

LARGEST_PROBLEM = 64 * 1024
"""Bytes of an error's body that are read again."""
WRONG = HTTPStatus.BAD_REQUEST


class NoteRequests(ASGIMiddleware):
    """Notes every request that a registered partner certainly sent and that was answered."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, and look at its answer."""
        platform: Platform = scope["litestar_app"].state.platform
        begun, seen = platform.clock(), _Seen(send)
        await next_app(scope, receive, seen.send)
        state: dict[str, Any] = scope.get("state", {})
        partner_id = state.get("partner_id")
        if partner_id is None or not seen.status:
            return
        code, reason = _told(bytes(seen.body)) if seen.status >= WRONG else ("", "")
        platform.request_log.note(
            partner_id,
            Answered(
                at=begun,
                method=str(scope.get("method", "")),
                path=str(scope["path"]),
                key_id=state.get("key_id", ""),
                status=seen.status,
                millis=(platform.clock() - begun) // 1000,
                code=code,
                reason=reason,
            ),
        )


class _Seen:
    """An answer on its way out: its status, and the body if it is an error."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body" and self.status >= WRONG:
            self.body += message.get("body", b"")[: LARGEST_PROBLEM - len(self.body)]
        await self._send(message)


def _told(body: bytes) -> tuple[str, str]:
    """Read code and sentence of problem details (RFC 9457), or of an OAuth error (RFC 6749 section 5.2)."""
    try:
        said = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(said, dict):
        return "", ""
    code = said.get("code") or said.get("error") or said.get("title") or ""
    return str(code), str(said.get("detail") or said.get("error_description") or "")
