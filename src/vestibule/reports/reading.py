"""What pages and programs read of reports. Reads the tables `report` and `report_owed`.

Nothing here is suppressed: what is shown to anybody but operator, auditor and the partner itself is decided
elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vestibule.ledger.engagement import Placed
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import editions
from vestibule.reports.comparing import Row, compare
from vestibule.reports.editions import Edition
from vestibule.store import Store

OWED = """
    select first_day from report_owed where partner_id = :partner_id and first_day > :after
    order by first_day limit 1000
"""


@dataclass(frozen=True, slots=True)
class Period:
    """A fortnight of a partner's, with everything that was filed of it, newest first; 0 is that nothing was.

    Attributes:
        owed: whether a report is owed of it, since something was counted.
    """

    partner_id: str
    fortnight: Fortnight
    editions: tuple[Edition, ...]
    owed: bool

    @property
    def counts(self) -> Edition | None:
        """The edition that counts, the newest one on record; None while there is none."""
        return next((one for one in self.editions if one.leaf_index is not None), None)

    @property
    def was_missing(self) -> bool:
        """Whether nothing was filed in time; visible for ever, whatever was filed afterwards."""
        return any(one.number == 0 for one in self.editions)

    @property
    def is_late(self) -> bool:
        """Whether its first edition came late."""
        return any(one.is_late for one in self.editions)

    @property
    def is_open(self) -> bool:
        """Whether it is owed, and nothing has been filed and nothing found missing yet."""
        return self.owed and not self.editions

    @property
    def last_day_in_time(self) -> int:
        """The last UTC day on which a report of it is in time."""
        return self.fortnight.due - 1


async def periods_of(store: Store, partner_id: str) -> tuple[Period, ...]:
    """List a partner's fortnights in which anything was counted or filed, newest first."""
    found = await editions.all_of(store, partner_id)
    owed = {Fortnight(row[0]) for row in await _owed(store, partner_id)}
    return tuple(
        _period(partner_id, fortnight, found, owed=fortnight in owed)
        for fortnight in sorted(owed | {one.fortnight for one in found}, reverse=True)
    )


async def period(store: Store, partner_id: str, fortnight: Fortnight) -> Period | None:
    """Find one fortnight of a partner's; None if nothing was counted or filed of it."""
    found = [one for one in await periods_of(store, partner_id) if one.fortnight == fortnight]
    return found[0] if found else None


async def due_of(store: Store, partner_id: str) -> tuple[Period, ...]:
    """List what a partner still has to file in time, oldest first: what a reminder is about."""
    return tuple(one for one in reversed(await periods_of(store, partner_id)) if one.is_open)


async def everybodys(store: Store) -> tuple[Period, ...]:
    """List all partners' fortnights of which anything was filed or is missing, newest first."""
    found = await editions.everybodys(store)
    both = sorted({(-one.fortnight.first, one.partner_id) for one in found})
    return tuple(_period(partner_id, Fortnight(-first), found, owed=True) for first, partner_id in both)


async def rows_of(store: Store, edition: Edition) -> Mapping[Placed, Row]:
    """Put both tables of an edition side by side; of edition 0, the partner's side counts nothing."""
    both = await editions.tables(store, edition)
    return compare(both.ours, both.theirs)


def differences(rows: Mapping[Placed, Row]) -> Mapping[Placed, Row]:
    """Leave out the rows in which both sides counted the same."""
    return {placed: row for placed, row in rows.items() if row.sends.absolute or row.clicks.absolute}


async def _owed(store: Store, partner_id: str) -> list[tuple[int]]:
    found = await store.read(lambda tx: tx.all(OWED, partner_id=partner_id, after=-1))
    return [(row[0],) for row in found]


def _period(partner_id: str, fortnight: Fortnight, found: Iterable[Edition], *, owed: bool) -> Period:
    of_it = [one for one in found if (one.partner_id, one.fortnight) == (partner_id, fortnight)]
    return Period(partner_id, fortnight, tuple(sorted(of_it, key=lambda one: one.number, reverse=True)), owed)
