"""What time does to reports: one is owed when a fortnight is over, its partner is reminded, it is missing.

Everything is looked at again and again and done once. Touches the table `report_owed`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report import MISSING
from vestibule.partners import register
from vestibule.reports import editions, reading, terms
from vestibule.reports.editions import NO_FILE, Verdict
from vestibule.reports.parts import Reports
from vestibule.reports.reading import Period
from vestibule.store import Store
from vestibule.webhooks import telling
from vestibule.webhooks.topics import Topic

EVERY_SECONDS: Final = 600
DAYS_BEFORE: Final = (3, 0)
"""How many days before the last one in time a partner is reminded."""

REMINDED = "select reminded from report_owed where partner_id = :partner_id and first_day = :first_day"
REMIND = """
    update report_owed set reminded = :reminded
    where partner_id = :partner_id and first_day = :first_day and reminded < :reminded
"""

logger = logging.getLogger(__name__)


async def run(reports: Reports, clock: Callable[[], int]) -> None:
    """Look now and every ten minutes, until cancelled; what fails is tried again."""
    while True:
        await look(reports, clock())
        await asyncio.sleep(EVERY_SECONDS)


async def look(reports: Reports, now: int) -> None:
    """Do what is to be done by now (microseconds since 1970); one partner's trouble is no other's."""
    await _tried("what was filed", _finish(reports))
    for partner in await register.partners(reports.store):
        await _tried(partner.partner_id, _look_at(reports, partner.partner_id, now))


async def _look_at(reports: Reports, partner_id: str, now: int) -> None:
    day = now // MICROSECONDS_A_DAY
    await _open(reports, partner_id, day)
    for period in await reading.due_of(reports.store, partner_id):
        if day >= period.fortnight.due:
            await _miss(reports, period, now)
        else:
            await _remind(reports.store, period, now)


async def _finish(reports: Reports) -> None:
    """Put on record what is kept: the log could not be written when it was filed."""
    for edition in await editions.pending(reports.store):
        await editions.record(reports, edition)


async def _open(reports: Reports, partner_id: str, day: int) -> None:
    """See of each fortnight that is over whether anything was counted in it, so that a report is owed."""
    fortnight = await terms.next_to_look_at(reports.store, partner_id, reports.since)
    while fortnight.over_on <= day:
        table = await reports.count(partner_id, fortnight)
        await terms.look_at(reports.store, partner_id, fortnight, owed=bool(table))
        fortnight = Fortnight(fortnight.over_on)


async def _miss(reports: Reports, period: Period, now: int) -> None:
    """Say on record that nothing came in time; whoever files at this very moment is first, or is late."""
    partner_id, fortnight = period.partner_id, period.fortnight
    tolerance = await terms.tolerance_of(reports.store, partner_id)
    ours = await reports.count(partner_id, fortnight)
    kept = await editions.keep(
        reports.store,
        partner_id,
        fortnight,
        0,
        filed=NO_FILE,
        verdict=Verdict(MISSING, tolerance),
        ours=ours,
        theirs=None,
        now=now,
    )
    if kept:
        (edition,) = await editions.of(reports.store, partner_id, fortnight)
        await editions.record(reports, edition)


async def _remind(store: Store, period: Period, now: int) -> None:
    """Tell a partner's endpoint that a report is due; of several reminders that are due, the last alone."""
    left = period.last_day_in_time - now // MICROSECONDS_A_DAY
    number = sum(left <= days for days in DAYS_BEFORE)
    partner_id, first = period.partner_id, period.fortnight.first
    row = await store.read(lambda tx: tx.one(REMINDED, partner_id=partner_id, first_day=first))
    if row is None or number <= row[0]:
        return
    data = {"period": period.fortnight.label, "last_day": write_day(period.last_day_in_time)}
    await telling.tell(store, Topic.REPORT_DUE, partner_id, place=first, number=number, data=data, now=now)
    await store.write(lambda tx: tx.run(REMIND, partner_id=partner_id, first_day=first, reminded=number))


async def _tried(whose: str, work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:  # whatever one partner's files or the log have: the others are looked at
        logger.exception("reports of %s could not be looked at; this is tried again", whose)
