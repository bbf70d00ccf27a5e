"""Openings of one person, as lines and as the file she takes away. Reads the table `opening`."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vestibule.ledger import tags
from vestibule.ledger.opening import Private
from vestibule.recorder.lanes import Lanes
from vestibule.store import Store

OF_PERSON = """
    select partner_id, lane, counter, idx, r, private from opening
    where log_id = :log_id and subject = :subject
    order by partner_id, lane, counter limit 100000
"""
FILE_FORMAT = "vestibule-person/v1"


@dataclass(frozen=True, slots=True)
class Line:
    """One event about a person, opened.

    Attributes:
        at: microseconds since 1970.
        n: the true number of items.
        conversation: what the partner knows the conversation by, or nothing.
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


async def lines_of(
    store: Store, log_id: str, subject: bytes, partner_id: str | None = None
) -> tuple[Line, ...]:
    """List the events about a person in log order, of one partner or of all."""
    rows = await store.read(lambda tx: tx.all(OF_PERSON, log_id=log_id, subject=subject))
    lines = [
        _line(partner, lane, counter, index, private)
        for partner, lane, counter, index, _, private in rows
        if partner_id in (None, partner)
    ]
    return tuple(sorted(lines, key=lambda line: line.index))


def _line(partner: str, lane: str, counter: int, index: int, private: str) -> Line:
    opened = Private.parse(private.encode())
    return Line(
        index=index,
        partner=partner,
        kind=opened.kind,
        op=opened.op,
        lane=lane,
        counter=counter,
        at=opened.at,
        n=opened.n,
        conversation=opened.conversation,
    )


async def person_file(
    store: Store, lanes: Lanes, log_id: str, subject: bytes, partner_ids: Iterable[str]
) -> dict[str, Any]:
    """Make the file with which a person checks her whole history offline.

    It holds her subject and, for every partner on the register, also those that never touched her data,
    both lanes' VRF proofs and all openings. Whoever has it can link her leaves: it is for her alone.
    """
    rows = await store.read(lambda tx: tx.all(OF_PERSON, log_id=log_id, subject=subject))
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
