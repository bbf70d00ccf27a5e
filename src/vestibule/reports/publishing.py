"""Settles once for each edition what anybody may be shown of it. Touches the table `report_shown`.

That happens soon after an edition is on record, in the order of the editions, and never again: what was shown
stays as it is, whatever becomes of the events or of the threshold.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import editions, shown_file
from vestibule.reports.editions import Edition
from vestibule.reports.own_counts import CountOwn
from vestibule.reports.showing import Counts, Kept, Place, Shown, show
from vestibule.store import Store, StoreError, Tx

EVERY_SECONDS: Final = 15

ALL = """
    select first_day, edition, shown, kept from report_shown where partner_id = :partner_id
    order by first_day, edition limit 10000
"""
RECOVER_UNSHOWN = """
    select report.partner_id, report.first_day from report
    left join report_shown on report_shown.partner_id = report.partner_id
        and report_shown.first_day = report.first_day and report_shown.edition = report.edition
    where report.leaf_index is not null and report_shown.edition is null
    order by report.first_day, report.partner_id limit 1000
"""
ADD = """
    insert into report_shown (partner_id, first_day, edition, shown, kept)
    values (:partner_id, :first_day, :edition, :shown, :kept)
    on conflict (partner_id, first_day, edition) do nothing
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """What is shown of an edition."""

    fortnight: Fortnight
    edition: int
    shown: Shown
    kept: Kept


async def run(store: Store, count: CountOwn, threshold: int) -> None:
    """Look now and every 15 seconds, until cancelled; what fails is tried again."""
    while True:
        try:
            await look(store, count, threshold)
        except StoreError:
            logger.exception("what is shown of reports could not be looked up; this is tried again")
        await asyncio.sleep(EVERY_SECONDS)


async def look(store: Store, count: CountOwn, threshold: int) -> None:
    """Settle what is to be shown of every edition on record of which that is open."""
    rows = await store.read(lambda tx: tx.all(RECOVER_UNSHOWN))
    for partner_id, first in sorted({(row[0], row[1]) for row in rows}):
        try:
            await _settle(store, count, threshold, partner_id, Fortnight(first))
        except Exception:  # whatever one partner's files have: the others are settled
            logger.exception("what is shown of %s could not be settled; this is tried again", partner_id)


async def published_of(store: Store, partner_id: str) -> Mapping[Fortnight, Published]:
    """Give what is shown of each of a partner's fortnights: that of its newest edition."""
    return {one.fortnight: one for one in await _all(store, partner_id)}


async def _all(store: Store, partner_id: str) -> tuple[Published, ...]:
    rows = await store.read(lambda tx: tx.all(ALL, partner_id=partner_id))
    return tuple(
        Published(Fortnight(first), edition, shown_file.read(shown), shown_file.read_kept(kept))
        for first, edition, shown, kept in rows
    )


async def _settle(
    store: Store, count: CountOwn, threshold: int, partner_id: str, fortnight: Fortnight
) -> None:
    there = await _all(store, partner_id)
    mine = [one for one in there if one.fortnight == fortnight]
    known = _known([one for one in there if one.fortnight < fortnight])
    own = await count(partner_id, fortnight)
    before = mine[-1].kept if mine else None
    filed = []
    for edition in await editions.of(store, partner_id, fortnight):
        if edition.leaf_index is None:
            return
        both = await editions.tables(store, edition)
        if edition.number:
            filed.append(both.theirs)
        if all(one.edition != edition.number for one in mine):
            shown, before = show(Counts(both.ours, own, tuple(filed)), threshold, known, before)
            await _add(store, edition, shown, before)


async def _add(store: Store, edition: Edition, shown: Shown, kept: Kept) -> None:
    async def work(tx: Tx) -> None:
        await tx.run(
            ADD,
            partner_id=edition.partner_id,
            first_day=edition.fortnight.first,
            edition=edition.number,
            shown=shown_file.write(shown),
            kept=shown_file.write_kept(kept),
        )

    await store.write(work)


def _known(earlier: Iterable[Published]) -> Mapping[Place, int]:
    """Give the sends of places as the last of earlier periods showed them."""
    found = list(earlier)
    lines = found[-1].shown.lines if found else ()
    return {line.place: line.sends.ours for line in lines if line.sends is not None}
