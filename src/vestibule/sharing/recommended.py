"""What was recommended to a person through a partner that may know. Touches the table `recommendation`.

A row says what and on which day, never by whom or with which note, and is kept for 90 days. Only the
connection that was there when it came can fetch it.
"""

import json
from dataclasses import dataclass
from typing import Any

from vestibule.sharing.card import Card
from vestibule.store import Store, Tx

DAY = 86_400_000_000
KEPT_DAYS = 90

LAST = """
    select coalesce(max(place), 0) from recommendation
    where user_id = :user_id and connection_id = :connection_id
"""
OF_EVENT = """
    select place from recommendation
    where user_id = :user_id and connection_id = :connection_id and event_index = :event_index
"""
ADD = """
    insert into recommendation (user_id, connection_id, place, event_index, card, day)
    values (:user_id, :connection_id, :place, :event_index, :card, :day)
"""
PAGE = """
    select place, card, day from recommendation
    where user_id = :user_id and connection_id = :connection_id and place > :after
    order by place limit :limit
"""
FORGET = "delete from recommendation where user_id = :user_id"
RECOVER_OLD = """
    delete from recommendation where (user_id, connection_id, place) in
    (select user_id, connection_id, place from recommendation where day < :before
    order by day, user_id, connection_id, place limit 500)
"""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A card that came.

    Attributes:
        place: grows from one to the next of its connection.
        card: `kind`, `title`, `picture` and `link` as the partner signed them.
        day: the UTC day it came on, days since 1970.
    """

    place: int
    card: dict[str, Any]
    day: int


def fields_of(card: Card) -> dict[str, str]:
    """Return what the partner is told of its own card."""
    return {"kind": card.kind, "title": card.title, "picture": card.picture, "link": card.link}


async def add(
    store: Store, user_id: int, connection_id: int, *, event_index: int, card: dict[str, str], now: int
) -> int:
    """Keep what was recommended, once for each event; returns its place."""
    whose = {"user_id": user_id, "connection_id": connection_id}

    async def work(tx: Tx) -> int:
        known = await tx.one(OF_EVENT, **whose, event_index=event_index)
        if known is not None:
            return int(known[0])
        last = await tx.one(LAST, **whose)
        # Never below an earlier place, also where the rows before are forgotten already.
        place = max(now, 1 + (last[0] if last else 0))
        text = json.dumps(card, ensure_ascii=False)
        await tx.run(ADD, **whose, place=place, event_index=event_index, card=text, day=now // DAY)
        return place

    return await store.write(work)


async def page_of(
    store: Store, user_id: int, connection_id: int, *, after: int, limit: int
) -> tuple[Recommendation, ...]:
    """Return the first after a place, in the order in which they came."""
    rows = await store.read(
        lambda tx: tx.all(PAGE, user_id=user_id, connection_id=connection_id, after=after, limit=limit)
    )
    return tuple(Recommendation(place, json.loads(card), day) for place, card, day in rows)


async def forget(store: Store, user_id: int) -> None:
    """Forget what was recommended to a deleted person."""
    await store.write(lambda tx: tx.run(FORGET, user_id=user_id))


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of what is older than 90 days; returns how much, 0 when nothing is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OLD, before=now // DAY - KEPT_DAYS))
