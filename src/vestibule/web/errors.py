"""What a client gets when something is wrong: problem details (RFC 9457) for programs, pages for people.

No rules of its own: rooms raise, this module words the answer. Unexpected errors tell nothing of the inside.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from vestibule.connections.language import ENGLISH, marked
from vestibule.store.errors import BadId
from vestibule.web import pages
from vestibule.web.speaking import language_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.types import ExceptionHandlersMap

    from vestibule.connections.language import Language

LOGGER = logging.getLogger("vestibule.web")
PROGRAMS = (
    *("/api/", "/v1/", "/operator/", "/.well-known/"),
    *("/oauth/par", "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/types/"),
)
"""Where clients are programs: their errors are problem details."""

WORDS: Mapping[int, tuple[str, str]] = {
    400: (
        marked("That did not arrive as expected"),
        marked("Something in the request could not be read, so nothing was done. Go back and try again."),
    ),
    403: (
        marked("Not from here"),
        marked("This request did not come from one of our own pages, so nothing was done."),
    ),
    404: (marked("No such door"), marked("There is nothing at this address, or it is not yours to open.")),
    405: (marked("Not this way"), marked("This address does not answer to that kind of request.")),
    413: (
        marked("Too large"),
        marked("What was sent is larger than this page takes. Nothing of it was kept."),
    ),
    429: (marked("Too many at once"), marked("Please wait a moment and try again.")),
    500: (
        marked("Something broke"),
        marked("The fault is ours. Nothing half-done was kept. Please try again in a moment."),
    ),
    503: (
        marked("Closed for a moment"),
        marked("The public log cannot be written just now, so nothing is released. Please try again soon."),
    ),
}


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    kind: str = "about:blank",
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response[dict[str, Any]]:
    """Answer with problem details.

    Args:
        status: the HTTP status.
        title: what kind of problem it is, the same each time.
        detail: what is wrong with this request.
        kind: the problem's `type`, a URI reference.
        headers: more headers, such as `retry-after`.
        members: extension members (RFC 9457, section 3.2), for instance `receipts`.
    """
    return Response(
        {"type": kind, "title": title, "status": status, "detail": detail, **members},
        status_code=status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **(headers or {})},
    )


def error_page(
    status: int, headers: Mapping[str, str] | None = None, language: Language = ENGLISH
) -> Response[str]:
    """Answer a person with a page that stands alone; its words depend on the status only."""
    title, sentence = WORDS.get(
        status, WORDS[500] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else WORDS[400]
    )
    answer = pages.page(
        "error.html",
        status=status,
        language=language,
        title=language.gettext(title),
        sentence=language.gettext(sentence),
    )
    answer.headers.update(headers or {})
    return answer


def for_programs(path: str) -> bool:
    """Say whether the clients of a path are programs."""
    return path.startswith(PROGRAMS)


def answer(
    request: Request[Any, Any, Any], status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response[Any]:
    """Word an error for whoever asks, in her language if it is a person."""
    if for_programs(request.scope["path"]):
        return problem(status, HTTPStatus(status).phrase, detail, headers=headers)
    return error_page(status, headers, language_of(request))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return answer(request, error.status_code, error.detail, error.headers)


def _bad_id(request: Request[Any, Any, Any], _: BadId) -> Response[Any]:
    return answer(request, HTTPStatus.NOT_FOUND, "no such resource")


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    LOGGER.error("unexpected error at %s %s", request.method, request.scope["path"], exc_info=error)
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "an unexpected error; nothing was done")


def exception_handlers() -> ExceptionHandlersMap:
    """List the handlers for the application."""
    return {HTTPException: _http, BadId: _bad_id, Exception: _unexpected}
