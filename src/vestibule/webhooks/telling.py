"""Telling a partner something about itself: nobody's data, so that it is due at once, and no event."""

from collections.abc import Mapping

from vestibule.store import Store, Tx, Value, ids
from vestibule.webhooks import endpoints, signals
from vestibule.webhooks.topics import Topic, body_of, payload
from vestibule.webhooks.waiting import KNOWN, LAST

DUE = """
    insert into webhook (partner_id, webhook_id, topic, user_id, connection_id, place, number, word, noted_at,
        state, body, tries, due_at)
    values (:partner_id, :webhook_id, :topic, 0, :connection_id, :place, :number, '', :now,
        'due', :body, 0, :now)
"""


async def tell(
    store: Store,
    topic: Topic,
    partner_id: str,
    *,
    place: int,
    number: int,
    data: Mapping[str, str],
    now: int,
) -> None:
    """Send a partner's endpoint something once, if it wants to hear of the topic.

    Args:
        store: where what waits is kept.
        topic: one that is about the partner itself.
        partner_id: who is told.
        place: what it is about, a number of its own.
        number: which time it is told of that.
        data: what it is told.
        now: microseconds since 1970.
    """
    if not await endpoints.wants(store, partner_id, topic):
        return
    what: dict[str, Value] = {
        "partner_id": partner_id,
        "topic": topic.value,
        "connection_id": 0,
        "place": place,
        "number": number,
    }
    body = body_of(payload(topic, now, data))

    async def work(tx: Tx) -> None:
        if await tx.one(KNOWN, **what) is not None:
            return
        last = await tx.one(LAST, partner_id=partner_id)
        webhook_id = max(ids.new_id(now), 1 + (last[0] if last else 0))
        await tx.run(DUE, **what, webhook_id=webhook_id, body=body, now=now)

    await store.write(work)
    signals.of(store).due.set()
