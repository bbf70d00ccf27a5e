"""What reports are filed with in tests: a whole platform, and counts of its own that a test sets."""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.gate.a_platform import DAY, ORIGIN, SEED, World
from vestibule.ledger import ed25519, report_file
from vestibule.ledger.engagement import Counted, Placed, Table
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.report_file import CSV, Title
from vestibule.reports import closing, editions, filing, reading
from vestibule.reports.editions import Edition, File, Verdict
from vestibule.reports.filing import Filed
from vestibule.reports.parts import Reports
from vestibule.reports.reading import Period


@dataclass
class Desk:
    """Where reports are filed: the platform's store and log, and what it has counted."""

    world: World
    counted: dict[tuple[str, Fortnight], Table] = field(default_factory=dict)
    reports: Reports = field(init=False)

    def __post_init__(self) -> None:
        platform = self.world.platform
        self.reports = Reports(platform.store, platform.recorder, self._count, ORIGIN, 0)

    async def _count(self, partner_id: str, fortnight: Fortnight) -> Table:
        return self.counted.get((partner_id, fortnight), {})

    def begin(self) -> Fortnight:
        """Let the next fortnight begin, with nothing counted in it yet."""
        fortnight = Fortnight(Fortnight.of(self.world.now // DAY).over_on)
        self.on(fortnight.first)
        return fortnight

    def on(self, day: int) -> None:
        """Let it be a later day."""
        self.world.now = max(self.world.now, day * DAY)

    def counts(self, fortnight: Fortnight, table: Table, partner: str = "marquee") -> None:
        self.counted[partner, fortnight] = table

    def file(self, made: File, label: str, partner: str = "marquee") -> Filed:
        filed: Filed = self.world.run(filing.file(self.reports, partner, label, made, self.world.now))
        return filed

    def keep(self, fortnight: Fortnight, report: File, theirs: Table) -> bool:
        """Keep a first edition, and crash before its leaf is written."""
        kept: bool = self.world.run(
            editions.keep(
                self.world.store,
                "marquee",
                fortnight,
                1,
                filed=report,
                verdict=Verdict("differs", 0),
                ours=self.counted["marquee", fortnight],
                theirs=theirs,
                now=self.world.now,
            )
        )
        return kept

    def look(self) -> None:
        """Let what time does be done, until now."""
        self.world.run(closing.look(self.reports, self.world.now))

    def periods(self, partner: str = "marquee") -> tuple[Period, ...]:
        found: tuple[Period, ...] = self.world.run(reading.periods_of(self.world.store, partner))
        return found

    def period(self, fortnight: Fortnight, partner: str = "marquee") -> Period | None:
        return next((one for one in self.periods(partner) if one.fortnight == fortnight), None)

    def edition(self, fortnight: Fortnight) -> Edition:
        period = self.period(fortnight)
        assert period is not None
        assert period.counts is not None
        return period.counts


def table(fortnight: Fortnight, *counts: tuple[int, int]) -> Table:
    """Make a table: each pair of sends and clicks on a day of its own."""
    return {
        Placed(fortnight.first + number, surface="film"): Counted(*pair) for number, pair in enumerate(counts)
    }


def title(fortnight: Fortnight, **changed: Any) -> Title:
    return replace(Title("marquee", ORIGIN, fortnight, 1), **changed)


def made(
    which: Title, told: Table | bytes, kind: str = CSV, *, key_id: str = "", seed: bytes | None = None
) -> File:
    """Write and sign a report as its partner does; a file that no partner writes can be given whole."""
    data = told if isinstance(told, bytes) else report_file.write(which, told, kind)
    partner = which.partner_id
    by = seed or SEED[partner]
    signed = report_file.sign(which, key_id or f"{partner}:1", data, lambda text: ed25519.sign(by, text))
    return File(kind, signed, data)
