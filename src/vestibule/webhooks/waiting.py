"""What there is to tell partners, from its noting to its due time. Touches the table `webhook`.

Noted -> on record in the log, by which it is due -> sent until accepted, given up, or no longer to be told.
Each thing is noted once, however often that is tried.
"""

from dataclasses import dataclass
from typing import Any

from vestibule.store import Store, Tx, Value, ids
from vestibule.webhooks import signals
from vestibule.webhooks.topics import Topic

COLUMNS = (
    "partner_id, webhook_id, topic, user_id, connection_id, place, number, word, noted_at, state, body, "
    "tries, due_at"
)
KNOWN = """
    select webhook_id from webhook where partner_id = :partner_id and topic = :topic
        and connection_id = :connection_id and place = :place and number = :number
"""
LAST = "select coalesce(max(webhook_id), 0) from webhook where partner_id = :partner_id"
NOTE = f"""
    insert into webhook ({COLUMNS})
    values (:partner_id, :webhook_id, :topic, :user_id, :connection_id, :place, :number, :word, :now,
        'noted', '', 0, :now)
"""
NOTED = f"""
    select {COLUMNS} from webhook where partner_id = :partner_id and state = 'noted'
    order by due_at, webhook_id limit :limit
"""
TELL = """
    update webhook set state = 'due', body = :body
    where partner_id = :partner_id and webhook_id = :webhook_id and state = 'noted'
"""
DROP = """
    update webhook set state = 'dropped' where partner_id = :partner_id and webhook_id = :webhook_id
"""
FIRST_DUE = f"""
    select {COLUMNS} from webhook where partner_id = :partner_id and state = 'due'
    order by due_at, webhook_id limit 1
"""
AGAIN = """
    update webhook set state = 'due', tries = 0, due_at = :now
    where partner_id = :partner_id and webhook_id = :webhook_id and body <> ''
        and (state = 'accepted' or state = 'given up' or state = 'due')
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to tell a partner.

    Attributes:
        place: the conversation of a message, 0 for anything else.
        number: the message's number, the recommendation's place, or the connection's version.
        word: what became of a connection, empty for anything else.
        noted_at: when it happened, microseconds since 1970.
        body: what is sent; empty until it is on record.
        tries: how often it was sent since it was last begun.
    """

    partner_id: str
    webhook_id: int
    topic: Topic
    user_id: int
    connection_id: int
    place: int
    number: int
    word: str
    noted_at: int
    state: str
    body: str
    tries: int
    due_at: int

    @property
    def message_id(self) -> str:
        """The `webhook-id`, the same at every try."""
        return spelled(self.webhook_id)


def spelled(webhook_id: int) -> str:
    """Spell a webhook's id as partners see it."""
    return f"msg_{ids.encode(webhook_id)}"


async def note(
    store: Store,
    topic: Topic,
    *,
    partner_id: str,
    user_id: int,
    connection_id: int,
    number: int,
    place: int = 0,
    word: str = "",
    now: int,
) -> None:
    """Note something to tell a partner, durably and once; whether it may be told is looked at later."""
    what: dict[str, Value] = {
        "partner_id": partner_id,
        "topic": topic.value,
        "connection_id": connection_id,
        "place": place,
        "number": number,
    }

    async def work(tx: Tx) -> None:
        if await tx.one(KNOWN, **what) is not None:
            return
        last = await tx.one(LAST, partner_id=partner_id)
        webhook_id = max(ids.new_id(now), 1 + (last[0] if last else 0))
        await tx.run(NOTE, **what, webhook_id=webhook_id, user_id=user_id, word=word, now=now)

    await store.write(work)
    signals.of(store).noted.set()


async def noted(store: Store, partner_id: str, limit: int) -> tuple[Waiting, ...]:
    """List what is not on record yet, oldest first."""
    rows = await store.read(lambda tx: tx.all(NOTED, partner_id=partner_id, limit=limit))
    return tuple(from_row(row) for row in rows)


async def tell(store: Store, partner_id: str, webhook_id: int, body: str) -> None:
    """Make due what is on record now; the effect of its event."""
    await store.write(lambda tx: tx.run(TELL, partner_id=partner_id, webhook_id=webhook_id, body=body))
    signals.of(store).due.set()


async def drop(store: Store, waiting: Waiting) -> None:
    """Let go of something that may no longer be told."""
    await store.write(lambda tx: tx.run(DROP, partner_id=waiting.partner_id, webhook_id=waiting.webhook_id))


async def first_due(store: Store, partner_id: str) -> Waiting | None:
    """Return what is due first, whenever that is; None if nothing waits."""
    row = await store.read(lambda tx: tx.one(FIRST_DUE, partner_id=partner_id))
    return None if row is None else from_row(row)


async def replay(store: Store, partner_id: str, webhook_id: int, now: int) -> bool:
    """Send a webhook once more, under its own id, with all its tries before it; no further event.

    Returns:
        False if the partner has none such, or it was never told.
    """
    found = await store.write(lambda tx: tx.run(AGAIN, partner_id=partner_id, webhook_id=webhook_id, now=now))
    signals.of(store).due.set()
    return bool(found)


def from_row(row: tuple[Any, ...]) -> Waiting:
    """Make a webhook of a row of `COLUMNS`."""
    partner_id, webhook_id, topic, *rest = row
    return Waiting(partner_id, webhook_id, Topic(topic), *rest)
