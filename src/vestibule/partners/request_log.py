"""What became of a partner's requests, for its own engineers. Touches the table `partner_request`.

A convenience and no evidence: the public log is that. So it is written behind the answers, some at a time;
what a crash or a flood loses of it is lost. Of each partner the newest `MOST` are kept, none longer than
`KEPT`.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from vestibule.store import Store, StoreError, Tx

KEPT = 7 * 86_400_000_000
"""Microseconds."""
MOST = 10_000
MOST_WAITING = 10_000
"""Requests, of all partners, that are not written yet; beyond, the oldest of these are dropped."""
PAUSE_SECONDS = 1.0
LONGEST_PATH = 300
LONGEST_REASON = 500
NEWEST = (1 << 63) - 1

COLUMNS = "number, at, method, path, key_id, status, millis, code, reason"
LAST = "select coalesce(max(number), 0) from partner_request where partner_id = :partner_id"
WRITE = f"""
    insert into partner_request (partner_id, slot, {COLUMNS})
    values (:partner_id, :slot, :number, :at, :method, :path, :key_id, :status, :millis, :code, :reason)
    on conflict (partner_id, slot) do update set number = excluded.number, at = excluded.at,
        method = excluded.method, path = excluded.path, key_id = excluded.key_id, status = excluded.status,
        millis = excluded.millis, code = excluded.code, reason = excluded.reason
"""
READ = f"""
    select {COLUMNS} from partner_request
    where partner_id = :partner_id and number < :before and at >= :since and status >= :least
    order by number desc, slot desc limit :limit
"""
RECOVER_OLD = """
    delete from partner_request where (partner_id, slot) in (
        select partner_id, slot from partner_request where at < :before
        order by at, partner_id, slot limit 500)
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request of a partner, and what it was told.

    Attributes:
        at: when, microseconds since 1970.
        path: without the query.
        key_id: the key that signed it, empty where the client assertion says who asks.
        status: the HTTP status.
        millis: how long it took.
        code: a word for the refusal or error, empty if there was none.
        reason: the sentence that the partner was told.
    """

    at: int
    method: str
    path: str
    key_id: str
    status: int
    millis: int
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the request log; numbers grow, and stand for nothing else."""

    number: int
    answered: Answered


class RequestLog:
    """What is not written yet, in memory."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, Answered]] = deque(maxlen=MOST_WAITING)
        self._some = asyncio.Event()

    def note(self, partner_id: str, answered: Answered) -> None:
        """Take note of a request; nothing is waited for."""
        self._waiting.append((partner_id, answered))
        self._some.set()

    async def flush(self, store: Store) -> None:
        """Write down what was noted so far, a transaction for each partner."""
        self._some.clear()
        by_partner: dict[str, list[Answered]] = {}
        while self._waiting:
            partner_id, answered = self._waiting.popleft()
            by_partner.setdefault(partner_id, []).append(answered)
        for partner_id, those in by_partner.items():
            await _write(store, partner_id, those)

    async def run(self, store: Store) -> None:
        """Write what is noted, again and again, until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.flush(store)
            except StoreError as error:
                logger.warning("some lines of the request log are lost: %s", error)


async def _write(store: Store, partner_id: str, those: list[Answered]) -> None:
    async def work(tx: Tx) -> None:
        row = await tx.one(LAST, partner_id=partner_id)
        first = 1 + (row[0] if row else 0)
        await tx.many(
            WRITE,
            [
                {
                    "partner_id": partner_id,
                    "slot": number % MOST,
                    "number": number,
                    "at": one.at,
                    "method": one.method,
                    "path": one.path[:LONGEST_PATH],
                    "key_id": one.key_id,
                    "status": one.status,
                    "millis": one.millis,
                    "code": one.code,
                    "reason": one.reason[:LONGEST_REASON],
                }
                for number, one in enumerate(those, start=first)
            ],
        )

    await store.write(work)


async def newest(
    store: Store, partner_id: str, *, now: int, before: int = NEWEST, refused: bool = False, limit: int = 50
) -> tuple[Line, ...]:
    """List a partner's requests of the last seven days, the newest first.

    Args:
        store: where they are.
        partner_id: whose.
        now: microseconds since 1970.
        before: only those with a lower number.
        refused: only those that were refused or went wrong.
        limit: how many at most.
    """
    least = 400 if refused else 0
    rows = await store.read(
        lambda tx: tx.all(
            READ, partner_id=partner_id, before=before, since=now - KEPT, least=least, limit=limit
        )
    )
    return tuple(Line(number, Answered(*rest)) for number, *rest in rows)


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of what is older than seven days; returns how much, 0 when nothing is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OLD, before=now - KEPT))
