"""Openings of one person, as lines and as the file she takes away. Reads the table `opening`."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from vestibule.ledger import tags
from vestibule.ledger.agreement import AGREED
from vestibule.ledger.opening import Private
from vestibule.recorder.lanes import Lanes
from vestibule.store import Row, Store, Tx

PAGE = 2000
OF_PERSON = """
    select partner_id, lane, counter, idx, r, private from opening
    where log_id = :log_id and subject = :subject
        and (partner_id, lane, counter) > (:partner_id, :lane, cast(:counter as bigint))
    order by partner_id, lane, counter limit 2000
"""
NEWEST = """
    select idx, private from opening
    where log_id = :log_id and subject = :subject and partner_id = :partner_id and lane = :lane
    order by counter desc limit :limit
"""
NEXT_PARTNER = """
    select partner_id from opening
    where log_id = :log_id and subject = :subject and partner_id > :after
    order by partner_id, lane, counter limit 1
"""
FILE_FORMAT = "vestibule-person/v1"


@dataclass(frozen=True, slots=True)
class Line:
    """One event about a person, opened.

    Attributes:
        at: microseconds since 1970.
        n: the true number of items.
        conversation: what the partner knows the conversation by, or nothing.
        why: why it was written, where the opening says so.
        agreed: of a grant, what its opening says of how she agreed to it.
    """

    index: int
    partner: str
    kind: str
    op: str
    lane: str
    counter: int
    at: int
    n: int
    conversation: str
    why: str = ""
    agreed: str = ""


async def lines_of(
    store: Store, log_id: str, subject: bytes, partner_id: str | None = None, *, limit: int = 500
) -> tuple[Line, ...]:
    """List the newest events about a person in log order.

    Args:
        store: where openings are.
        log_id: the log.
        subject: the person.
        partner_id: with one partner, None for all.
        limit: how many at most, for each partner and lane.
    """

    async def work(tx: Tx) -> list[Line]:
        partners = [partner_id] if partner_id is not None else await _partners(tx, log_id, subject)
        return [
            _line(partner, lane, index, private)
            for partner in partners
            for lane in (tags.SHARED, tags.OWN)
            for index, private in await tx.all(
                NEWEST, log_id=log_id, subject=subject, partner_id=partner, lane=lane, limit=limit
            )
        ]

    return tuple(sorted(await store.read(work), key=lambda line: line.index))


async def _partners(tx: Tx, log_id: str, subject: bytes) -> list[str]:
    """Find whose openings a person has, one index step a partner."""
    found: list[str] = []
    while row := await tx.one(NEXT_PARTNER, log_id=log_id, subject=subject, after=found[-1] if found else ""):
        found.append(row[0])
    return found


def _line(partner: str, lane: str, index: int, private: str) -> Line:
    opened = Private.parse(private.encode())
    return Line(
        index=index,
        partner=partner,
        kind=opened.kind,
        op=opened.op,
        lane=lane,
        counter=opened.counter,
        at=opened.at,
        n=opened.n,
        conversation=opened.conversation,
        why=opened.extra.get("why", ""),
        agreed=opened.extra.get(AGREED, ""),
    )


async def _every_opening(store: Store, log_id: str, subject: bytes) -> list[Row]:
    """Read all openings of a person, however many: a file that leaves one out proves nothing."""
    rows: list[Row] = []
    while True:
        last = rows[-1] if rows else ("", "", -1)
        page = await store.read(partial(_page, log_id, subject, last))
        rows += page
        if len(page) < PAGE:
            return rows


async def _page(log_id: str, subject: bytes, last: Row, tx: Tx) -> list[Row]:
    return await tx.all(
        OF_PERSON, log_id=log_id, subject=subject, partner_id=last[0], lane=last[1], counter=last[2]
    )


async def person_file(
    store: Store, lanes: Lanes, log_id: str, subject: bytes, partner_ids: Iterable[str]
) -> dict[str, Any]:
    """Make the file with which a person checks her whole history offline.

    It holds her subject and, for every partner on the register, also those that never touched her data,
    both lanes' VRF proofs and all openings. Whoever has it can link her leaves: it is for her alone.
    """
    rows = await _every_opening(store, log_id, subject)
    openings: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for partner, lane, _, index, r, private in rows:
        opening = {"index": index, "r": base64.b64encode(r).decode(), "private": private}
        openings.setdefault((partner, lane), []).append(opening)
    partners = []
    for partner in partner_ids:
        proofs = {lane: lanes.prove((partner, lane, subject)) for lane in (tags.SHARED, tags.OWN)}
        partners.append(
            {
                "partner": partner,
                "lanes": {
                    lane: {
                        "proof": base64.b64encode(proof).decode(),
                        "openings": openings.get((partner, lane), []),
                    }
                    for lane, proof in proofs.items()
                },
            }
        )
    return {"format": FILE_FORMAT, "origin": log_id, "subject": subject.hex(), "partners": partners}
