"""Three fortnights of two partners, told as events in files: enough of them that places can be shown."""

import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vestibule.ledger.engagement import Counted, Placed, Table
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports.columns import as_parquet
from vestibule.reports.events import FolderEvents
from vestibule.reports.showing import Own, Place

A_DAY: Mapping[Place, int] = {
    Place("web", "title", "a"): 30,
    Place("web", "title", "b"): 22,
    Place("tv", "end", "a"): 14,
    Place("tv", "search", "a"): 12,
}
"""How many dialogs are sent from each place on a day, about."""
RARE = Place("app", "share", "a")
"""Five dialogs a fortnight come from here."""
CLICKED = 0.4
BATCH = {"marquee": 1, "jukebox": 2}
"""The number of each partner's files of events."""
KINDS = ("app-friend", "friend", "friend", "invited")


def walk(partner: str, fortnight: Fortnight) -> list[dict[str, Any]]:
    """Tell the events of a fortnight, the same each time, as rows of `columns.schema`."""
    chance = random.Random(f"{partner} {fortnight.label}")  # noqa: S311  (a story, no secret)
    numbers = itertools.count(fortnight.first * 1_000_000 + BATCH[partner] * 100_000)
    rows = []

    def tell(kind: str, day: int, place: Place, recipient_kind: str = "") -> None:
        happened = {"day": day, "event": next(numbers), "partner": partner, "kind": kind}
        where = {"interface": place.interface, "surface": place.surface, "variant": place.variant}
        person = f"{chance.getrandbits(128):032x}" if recipient_kind else ""
        whom = {"campaign": "", "recipient_kind": recipient_kind, "counted": True, "person": person}
        rows.append({**happened, **where, **whom})

    for day in fortnight.days:
        for place, about in {**A_DAY, RARE: 1 if day % 3 == 0 else 0}.items():
            for _ in range(about + chance.randint(0, about // 4)):
                tell("dialog", day, place)
                for _ in range(chance.choice((1, 1, 2))):
                    kind = chance.choice(KINDS)
                    tell("send", day, place, kind)
                    if chance.random() < CLICKED:
                        tell("click", day, place, kind)
    return rows


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Count what both sides can know."""
    found = Counter((row["kind"], _placed(row)) for row in rows if row["kind"] in {"dialog", "click"})
    return {
        placed: Counted(found["dialog", placed], found["click", placed])
        for placed in {placed for _, placed in found}
    }


def own_of(rows: Sequence[Mapping[str, Any]]) -> Own:
    """Count what the platform alone knows."""
    recipients: dict[tuple[Place, str], dict[int, int]] = {}
    for row in rows:
        if row["kind"] == "send":
            place = Place(row["interface"], row["surface"], row["variant"])
            cells = recipients.setdefault((place, row["recipient_kind"]), {})
            cells[row["day"]] = cells.get(row["day"], 0) + 1
    return Own(recipients)


def keep(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write the events down as the platform does."""
    for day in sorted({row["day"] for row in rows}):
        data = as_parquet([row for row in rows if row["day"] == day])
        FolderEvents(folder).put(day, BATCH[rows[0]["partner"]], data)


def _placed(row: Mapping[str, Any]) -> Placed:
    return Placed(row["day"], row["interface"], row["surface"], row["variant"])


def short_of_clicks(table: Table) -> Table:
    """Lose a click in four, as somebody does whose pages drop the value of the redirect."""
    return {
        placed: Counted(counted.sends, counted.clicks - counted.clicks // 4)
        for placed, counted in table.items()
    }
