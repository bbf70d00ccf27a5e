"""What a partner's program is told instead of an answer; every 401 leads it on (RFC 9728 section 5)."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from vestibule.connections.errors import ConnectionRefused
from vestibule.gate.decide import DEAD
from vestibule.gate.errors import BadRequest, Refused, TooManyRequests
from vestibule.oauth import rfc9728
from vestibule.oauth.errors import OAuthError
from vestibule.partners.errors import RegisterError, RequestRefused
from vestibule.reports.errors import EditionTaken, ReportRefused
from vestibule.web.errors import problem
from vestibule.web.oauth.proof import nonce_field

MISSING: Mapping[str, tuple[str, str]] = {
    "no_privilege": ("privilege", "/console/{partner}/privileges"),
    "partner_suspended": ("standing", "/register/{partner}"),
    "privilege_changed": ("scope", "/oauth/par"),
    "missing_scope": ("scope", "/oauth/par"),
    "not_selected": ("selection", "/oauth/par"),
    "grant_expired": ("connection", "/oauth/par"),
    "connection_ended": ("connection", "/oauth/par"),
    "connection_suspended": ("connection", "/apps/{partner}"),
    "dead_token": ("token", "/oauth/token"),
}
"""What a refusal's code says is missing, and where that can be asked for; other codes miss nothing."""


class NoToken(Exception):  # noqa: N818  (what is the case)
    """A request about a person carries no token that could be one."""


def _refused(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
    """Answer what is on record: 401 where another token can help, else 403."""
    told: dict[str, Any] = {"code": error.code, "receipts": [leaf.receipt() for leaf in error.recorded]}
    if error.code in MISSING:
        missing, where = MISSING[error.code]
        origin = request.app.state.platform.settings.origin
        told |= {
            "missing": missing,
            "scope": error.op,
            "where": origin + where.format(partner=error.partner_id),
        }
    if error.code not in DEAD:
        return problem(403, "Not permitted", error.sentence, **told)
    headers = _challenge(request, OAuthError("invalid_token", error.sentence))
    return problem(401, "No live token", error.sentence, headers=headers, **told)


def _unsigned(request: Request[Any, Any, Any], error: RequestRefused) -> Response[Any]:
    headers = _challenge(request)
    headers["www-authenticate"] += ", Signature"
    return problem(401, "Not signed by a partner", str(error), headers=headers)


def _unproven(request: Request[Any, Any, Any], error: OAuthError) -> Response[Any]:
    return problem(401, "Not proven", error.description, headers=_challenge(request, error))


def _without_token(request: Request[Any, Any, Any], error: NoToken) -> Response[Any]:
    return problem(401, "No token", str(error), headers=_challenge(request))


def _challenge(request: Request[Any, Any, Any], error: OAuthError | None = None) -> dict[str, str]:
    """Write the fields that lead a client from a 401 to a token and to its next proof."""
    platform = request.app.state.platform
    return {"www-authenticate": rfc9728.challenge(platform.settings.origin, error), **nonce_field(platform)}


def _too_many(_: Request[Any, Any, Any], error: TooManyRequests) -> Response[Any]:
    return problem(429, "Too many requests", str(error), headers={"retry-after": str(error.retry_after)})


def _not_now(_: Request[Any, Any, Any], error: ConnectionRefused) -> Response[Any]:
    return problem(409, "Not as things stand", str(error))


def _taken(_: Request[Any, Any, Any], error: EditionTaken) -> Response[Any]:
    return problem(409, "Not the next edition", str(error))


def _bad(_: Request[Any, Any, Any], error: ValueError) -> Response[Any]:
    return problem(400, "Bad request", str(error))


HANDLERS: ExceptionHandlersMap = {
    Refused: _refused,
    RequestRefused: _unsigned,
    NoToken: _without_token,
    OAuthError: _unproven,
    TooManyRequests: _too_many,
    BadRequest: _bad,
    RegisterError: _bad,
    ConnectionRefused: _not_now,
    ReportRefused: _bad,
    EditionTaken: _taken,
}
