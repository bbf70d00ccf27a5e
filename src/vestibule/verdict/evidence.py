"""Evidence that a partner asked: its signed requests in a person's openings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vestibule.ledger import request as signing
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.tags import SHARED
from vestibule.verdict.errors import BadPersonFile
from vestibule.verdict.lane import check_lane

if TYPE_CHECKING:
    from vestibule.ledger.request import SignedRequest
    from vestibule.verdict.company import Company
    from vestibule.verdict.lane import Opened
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile

ASKS = {"messages.read": ("GET", ("v1", "conversations", "*", "messages"))}
"""Method and path of the requests that ask for a scope; any other request is no evidence of a read."""
SERVED = frozenset({"access", "exposure"})
"""Events that carry the request behind an answer: one about her data, or one with her words in it."""


def signed_reads(view: LogView, company: Company, scope: str, person: PersonFile) -> tuple[Opened, ...]:
    """List the reads of this person's data that the company asked for in its own signature.

    Raises:
        BadPersonFile: if the file contradicts the log, or a request in it is not what it must be.
    """
    found: list[Opened] = []
    used: dict[bytes, int] = {}
    for partner in company.partners:
        if partner not in person.partners:
            continue
        for one in check_lane(view, person, partner, SHARED).opened:
            request = one.private.request
            if one.event.kind not in SERVED or one.event.op != scope or request is None:
                continue
            _check(view, one, request)
            _check_messages(one)
            if (first := used.setdefault(request.signature, one.index)) != one.index:
                raise BadPersonFile(
                    f"opening of leaf {one.index}: expected a request of its own, got that of leaf {first}"
                )
            found.append(one)
    return tuple(found)


def _check(view: LogView, one: Opened, request: SignedRequest) -> None:
    where = f"opening of leaf {one.index}"
    event = one.event
    key = view.history.key_at(event.partner, request.key_id, one.index, event.day)
    if key is None:
        raise BadPersonFile(f"{where}: expected a key of {event.partner} in force, got {request.key_id!r}")
    try:
        signing.verify(request, key)
    except LedgerError as error:
        raise BadPersonFile(f"{where}: the request is not {event.partner}'s: {error}") from error
    if not _asks_for(request, event.op):
        raise BadPersonFile(
            f"{where}: expected a request for {event.op}, got {request.method} {request.target_uri:.200}"
        )
    if abs((day := request.created // SECONDS_A_DAY) - event.day) > 1:
        raise BadPersonFile(f"{where}: expected a request of day {event.day}, got one of day {day}")


def _asks_for(request: SignedRequest, scope: str) -> bool:
    if scope not in ASKS:
        return False
    method, wanted = ASKS[scope]
    path = urlsplit(request.target_uri).path.split("/")[1:]
    alike = len(path) == len(wanted) and all(
        want in {"*", got} for want, got in zip(wanted, path, strict=True)
    )
    return alike and request.method == method


def _check_messages(one: Opened) -> None:
    if len(one.private.messages) != one.private.n:
        raise BadPersonFile(
            f"opening of leaf {one.index}: expected digests of {one.private.n} messages, "
            f"got {len(one.private.messages)}"
        )
