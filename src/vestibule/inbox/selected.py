"""Reading only those messages of a conversation that somebody chose. Touches the table message.

The choice is made in SQL, so that a page is full however many other messages lie in between, and neither its
length nor its end says anything of them.
"""

from dataclasses import dataclass
from itertools import islice

from vestibule.inbox.message import COLUMNS, Message
from vestibule.store import Store, Tx

_ALL = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and sender_id = :sender_id and seq > :after and sent_at >= :since
    and taken_back is null
order by seq limit :limit
"""
_THROUGH = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and sender_id = :sender_id and seq > :after and sent_at >= :since
    and taken_back is null and (via_partner = :through or answers_via = :through)
order by seq limit :limit
"""
_NEWEST = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and sender_id = :sender_id and sent_at >= :since
    and taken_back is null
order by seq desc limit 1
"""
_NEWEST_THROUGH = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and sender_id = :sender_id and sent_at >= :since
    and taken_back is null and (via_partner = :through or answers_via = :through)
order by seq desc limit 1
"""
_ONE = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and seq = :seq and sender_id = :sender_id and sent_at >= :since
    and taken_back is null
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages of one conversation are meant.

    Attributes:
        senders: those who wrote them; everybody else's are left out.
        since: microseconds since 1970; those sent before are left out.
        through: only those that came through this partner, and the replies to them; None for all.
        picked: only those with these numbers; None for all.
    """

    senders: tuple[int, ...]
    since: int = 0
    through: str | None = None
    picked: tuple[int, ...] | None = None

    def has(self, message: Message) -> bool:
        """Say of one message whether it is meant; as the statements above choose."""
        through = (message.via_partner, message.answers_via)
        return (
            message.taken_back is None
            and message.sender_id in self.senders
            and message.sent_at >= self.since
            and (self.through is None or self.through in through)
            and (self.picked is None or message.seq in self.picked)
        )


async def page_of(
    store: Store, conversation_id: int, chosen: Chosen, *, after: int, limit: int
) -> tuple[Message, ...]:
    """Return the oldest chosen messages after a number, in ascending order, without those that were deleted.

    Reads at most `limit` messages of each sender, however many others wrote in between.
    """

    async def read(tx: Tx) -> tuple[Message, ...]:
        if chosen.picked is not None:
            return await _picked(tx, conversation_id, chosen, after=after, limit=limit)
        found: list[Message] = []
        for sender_id in chosen.senders:
            found += await _of_sender(tx, conversation_id, chosen, sender_id, after=after, limit=limit)
        found.sort(key=lambda message: message.seq)
        return tuple(found[:limit])

    return await store.read(read)


async def newest_of(store: Store, conversation_id: int, chosen: Chosen) -> Message | None:
    """Return the newest chosen message that was not deleted, None without one."""

    async def read(tx: Tx) -> Message | None:
        if chosen.picked is not None:
            found = await _picked(tx, conversation_id, chosen, after=0, limit=len(chosen.picked))
            return found[-1] if found else None
        newest = [await _newest(tx, conversation_id, chosen, sender_id) for sender_id in chosen.senders]
        there = [message for message in newest if message is not None]
        return max(there, key=lambda message: message.seq, default=None)

    return await store.read(read)


async def _newest(tx: Tx, conversation_id: int, chosen: Chosen, sender_id: int) -> Message | None:
    given = {"conversation_id": conversation_id, "sender_id": sender_id, "since": chosen.since}
    if chosen.through is None:
        row = await tx.one(_NEWEST, **given)
    else:
        row = await tx.one(_NEWEST_THROUGH, through=chosen.through, **given)
    return None if row is None else Message(*row)


async def _of_sender(
    tx: Tx, conversation_id: int, chosen: Chosen, sender_id: int, *, after: int, limit: int
) -> list[Message]:
    given = {
        "conversation_id": conversation_id,
        "sender_id": sender_id,
        "after": after,
        "since": chosen.since,
        "limit": limit,
    }
    if chosen.through is None:
        rows = await tx.all(_ALL, **given)
    else:
        rows = await tx.all(_THROUGH, through=chosen.through, **given)
    return [Message(*row) for row in rows]


async def _picked(
    tx: Tx, conversation_id: int, chosen: Chosen, *, after: int, limit: int
) -> tuple[Message, ...]:
    wanted = [
        (seq, sender_id)
        for seq in sorted(set(chosen.picked or ()))
        if seq > after
        for sender_id in chosen.senders
    ]
    found: list[Message] = []
    for seq, sender_id in wanted:
        row = await tx.one(
            _ONE, conversation_id=conversation_id, seq=seq, sender_id=sender_id, since=chosen.since
        )
        if row is not None:
            found.append(Message(*row))
    return tuple(islice(found, limit))
