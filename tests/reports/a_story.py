"""What happens to recommendations, told event by event."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import writing
from vestibule.reports.events import Events
from vestibule.sharing.engagement import Event, Happened, stage
from vestibule.sharing.placement import Placement
from vestibule.store import Store

FORTNIGHT = Fortnight.parse("2026-W01")
WEB = Placement("title", "web", "a")
TV = Placement("title", "tv", "a")
NOON = MICROSECONDS_A_DAY // 2


@dataclass
class Story:
    runner: asyncio.Runner
    store: Store
    events: Events

    def run(self, awaited: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(awaited)

    def tell(
        self, kind: Happened, day: int = FORTNIGHT.first, placement: Placement = WEB, **more: Any
    ) -> None:
        """Let something happen at noon of a day, to whom and how as `more` says."""
        partner = more.pop("partner", "marquee")
        event = Event(kind, partner, day * MICROSECONDS_A_DAY + NOON, placement, **more)
        self.run(self.store.write(lambda tx: stage(tx, event)))

    def flush(self) -> int:
        written: int = self.run(writing.flush(self.store, self.events, FORTNIGHT.due * MICROSECONDS_A_DAY))
        return written
