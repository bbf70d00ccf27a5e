"""The operator's side of engagement reports: what is agreed on, and what an auditor needs to check one."""

import base64
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from vestibule.ledger.engagement import canonical
from vestibule.ledger.errors import FortnightError
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import editions, terms
from vestibule.reports.editions import Edition
from vestibule.reports.errors import ReportRefused
from vestibule.web.errors import problem
from vestibule.web.given import GivenPlatform
from vestibule.web.platform import Platform


class Tolerance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many percent of the larger count a partner's reports may differ and yet agree, from now on."""

    partner: str
    tolerance: int


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose report of which fortnight."""

    partner: str
    period: str


class Side(msgspec.Struct, frozen=True):
    """A table as CSV, and the random key in base64 under which the leaf holds it."""

    key: str
    table: str


class AuditedEdition(msgspec.Struct, frozen=True):
    """An edition with both tables; `theirs` is null where nothing came, `leaf` until it is on record."""

    edition: int
    verdict: str
    leaf: int | None
    ours: Side
    theirs: Side | None


class ForAuditor(msgspec.Struct, frozen=True):
    """Everything that an auditor needs to hold a partner's and the platform's table to the log."""

    partner: str
    period: str
    editions: list[AuditedEdition]


@post("/report-tolerances", status_code=200)
async def agree_tolerance(data: JSONBody[Tolerance], platform: GivenPlatform) -> Tolerance:
    """Set what was agreed with a partner; it stands in the leaf of each report."""
    await terms.agree(platform.store, data.partner, data.tolerance)
    return data


@post("/report-keys", status_code=200)
async def report_keys(data: JSONBody[Asked], platform: GivenPlatform) -> ForAuditor:
    """Give both tables of each edition with their keys: for an auditor, and for nobody else."""
    try:
        fortnight = Fortnight.parse(data.period)
    except FortnightError as error:
        raise ReportRefused(str(error)) from error
    found = await editions.of(platform.store, data.partner, fortnight)
    if not found:
        raise ReportRefused(
            f"period: expected one that {data.partner[:80]!r} has a report of, got {data.period}"
        )
    return ForAuditor(data.partner, fortnight.label, [await _audited(platform, one) for one in found])


async def _audited(platform: Platform, one: Edition) -> AuditedEdition:
    both = await editions.tables(platform.store, one)
    ours = Side(_b64(one.our_key), canonical(both.ours).decode())
    theirs = Side(_b64(one.their_key), canonical(both.theirs).decode()) if one.number else None
    return AuditedEdition(one.number, one.verdict, one.leaf_index, ours, theirs)


def _b64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def refused(_: Request[Any, Any, Any], error: ReportRefused) -> Response[Any]:
    """Word what is wrong with a request about reports."""
    return problem(400, "Not for a report", str(error))


handlers: tuple[HTTPRouteHandler, ...] = (agree_tolerance, report_keys)
