"""What is agreed with a partner about its reports, and which it owes. Touches `report_terms`, `report_owed`.

A partner owes a report of each fortnight in which the platform counted anything for it.
"""

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.report import MOST_PERCENT
from vestibule.partners import register
from vestibule.reports.errors import ReportRefused
from vestibule.store import Store, Tx

REGISTERED = "select created_at from partner where partner_id = :partner_id"
ONE = "select tolerance, looked_to from report_terms where partner_id = :partner_id"
SET_TOLERANCE = """
    insert into report_terms (partner_id, tolerance, looked_to) values (:partner_id, :tolerance, 0)
    on conflict (partner_id) do update set tolerance = excluded.tolerance
"""
LOOKED_TO = """
    insert into report_terms (partner_id, tolerance, looked_to) values (:partner_id, 0, :looked_to)
    on conflict (partner_id) do update set looked_to = excluded.looked_to
    where report_terms.looked_to < excluded.looked_to
"""
OWE = """
    insert into report_owed (partner_id, first_day, reminded) values (:partner_id, :first_day, 0)
    on conflict (partner_id, first_day) do nothing
"""


async def tolerance_of(store: Store, partner_id: str) -> int:
    """Say by how many percent a partner's counts may differ from ours and yet agree."""
    row = await store.read(lambda tx: tx.one(ONE, partner_id=partner_id))
    return 0 if row is None else int(row[0])


async def agree(store: Store, partner_id: str, tolerance: int) -> None:
    """Set a partner's tolerance, for what is filed from now on.

    Raises:
        RegisterError: if there is no such partner.
        ReportRefused: if it is no percentage.
    """
    await register.registered(store, partner_id)
    if not 0 <= tolerance <= MOST_PERCENT:
        raise ReportRefused(f"tolerance: expected 0 to {MOST_PERCENT} percent, got {tolerance}")
    await store.write(lambda tx: tx.run(SET_TOLERANCE, partner_id=partner_id, tolerance=tolerance))


async def first_of(store: Store, partner_id: str, since: int) -> Fortnight:
    """Return the first fortnight of which a partner can file: it was here, and everything was counted.

    Args:
        store: where the register is.
        partner_id: whose.
        since: the UTC day from which on everything is counted.

    Raises:
        RegisterError: if there is no such partner.
    """
    await register.registered(store, partner_id)
    row = await store.read(lambda tx: tx.one(REGISTERED, partner_id=partner_id))
    here = Fortnight.of((row[0] if row else 0) // MICROSECONDS_A_DAY)
    if since <= here.first:
        return here
    counted = Fortnight.of(since)
    return counted if counted.first == since else Fortnight(counted.over_on)


async def next_to_look_at(store: Store, partner_id: str, since: int) -> Fortnight:
    """Return the first fortnight of which it is not known yet whether the partner owes a report.

    Raises:
        RegisterError: if there is no such partner.
    """
    row = await store.read(lambda tx: tx.one(ONE, partner_id=partner_id))
    first = await first_of(store, partner_id, since)
    return first if row is None or row[1] <= first.first else Fortnight(row[1])


async def look_at(store: Store, partner_id: str, fortnight: Fortnight, *, owed: bool) -> None:
    """Remember whether a partner owes a report of a fortnight; once remembered, it stays."""

    async def work(tx: Tx) -> None:
        if owed:
            await tx.run(OWE, partner_id=partner_id, first_day=fortnight.first)
        await tx.run(LOOKED_TO, partner_id=partner_id, looked_to=fortnight.over_on)

    await store.write(work)
