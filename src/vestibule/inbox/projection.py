"""Lets the members' inbox rows follow the messages, off the hot path.

Touches the tables inbox and conversation.

A message is durable in `message` alone. Which conversations are ahead of their inbox rows stands in memory,
coalesced per conversation, and is written in slices. After a crash `recover_projection` finds them again by
`projected_seq < last_seq`: that column follows only when the inbox rows are durable.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.inbox.known import known_of
from vestibule.inbox.memory import Ahead, Heed, memory_of
from vestibule.store import Store, StoreError, Tx, Value

PAUSE = 0.25
"""Seconds between two rounds: how long one conversation's messages are coalesced."""

_ROWS_IN_SLICE = 200
_CONVERSATIONS_IN_RECOVERY = 200

_LINE = """
insert into inbox (user_id, conversation_id, last_seq, last_at, read_seq)
values (:user_id, :conversation_id, :last_seq, :last_at, :read_seq)
on conflict (user_id, conversation_id) do update set
    last_seq = excluded.last_seq,
    last_at = case when inbox.last_at > excluded.last_at and cast(:stays as smallint) = 1
        then inbox.last_at else excluded.last_at end,
    read_seq = case when excluded.read_seq > inbox.read_seq then excluded.read_seq else inbox.read_seq end
where excluded.last_seq >= inbox.last_seq
"""
_PROJECTED = "select projected_seq from conversation where conversation_id = :conversation_id"
_FOLLOWED = """
update conversation set projected_seq = :seq
where conversation_id = :conversation_id and projected_seq < :seq
"""
RECOVER_AHEAD = """
select conversation_id, last_seq, projected_seq from conversation
where projected_seq < last_seq and conversation_id > :after
order by conversation_id limit :limit
"""
_SENT_AT = "select sent_at from message where conversation_id = :conversation_id and seq = :seq"
_WROTE = """
select sender_id, max(seq) from message
where conversation_id = :conversation_id and seq > :projected group by sender_id order by sender_id
"""

_log = logging.getLogger(__name__)


async def run(store: Store) -> None:
    """Let inbox rows follow until cancelled; a round that fails is tried again."""
    while True:
        await asyncio.sleep(PAUSE)
        try:
            await drain(store)
        except StoreError as error:
            _log.warning("inbox rows wait: %s", error)


def heed(store: Store, told: Heed) -> None:
    """Have somebody told of new messages, each at least once and before its inbox rows count as written."""
    memory_of(store).heed = told


async def projected(store: Store, conversation_id: int) -> int | None:
    """Return the number of the last message that inbox rows have followed, None without a conversation."""
    row = await store.read(lambda tx: tx.one(_PROJECTED, conversation_id=conversation_id))
    return None if row is None else int(row[0])


async def drain(store: Store) -> None:
    """Write the inbox rows of every conversation that is ahead now, in slices."""
    ahead = memory_of(store).ahead
    part: list[Ahead] = []
    rows = 0
    for conversation_id in list(ahead):
        entry = ahead.get(conversation_id)
        if entry is None:  # another drain was faster
            continue
        part.append(entry)
        rows += len(entry.known.voices)
        if rows >= _ROWS_IN_SLICE:
            await _follow(store, part)
            part, rows = [], 0
    if part:
        await _follow(store, part)


async def line(store: Store, body: dict[str, Any]) -> None:
    """Apply the outbox topic `inbox.line`: a new conversation appears in the inbox of these persons."""
    for user_id in body["users"]:
        row = {
            "user_id": user_id,
            "conversation_id": body["conversation_id"],
            "last_seq": 0,
            "last_at": body["at"],
            "stays": 0,
            "read_seq": 0,
        }
        await store.write_batched(_write_lines, row)


async def recover_projection(store: Store) -> int:
    """Heal what a crash left behind, at the start of a server.

    Returns:
        How many conversations were ahead of their inbox rows.
    """
    healed, after = 0, -1
    while found := await _found(store, after):
        for conversation_id, last_seq, projected in found:
            await _note_again(store, conversation_id, last_seq, projected)
        await drain(store)
        healed += len(found)
        after = found[-1][0]
    return healed


async def _follow(store: Store, part: list[Ahead]) -> None:
    """Write the inbox rows, then how far they are; what was noted meanwhile stays ahead."""
    snapshot = [(entry, entry.notes, entry.last_seq) for entry in part]
    lines = [row for entry in part for row in _rows(entry)]
    await asyncio.gather(*(store.write_batched(_write_lines, row) for row in lines))
    await _heed(store, part)
    followed = [
        {"conversation_id": entry.known.conversation_id, "seq": last_seq} for entry, _, last_seq in snapshot
    ]
    await asyncio.gather(*(store.write_batched(_write_followed, row) for row in followed))
    ahead = memory_of(store).ahead
    for entry, notes, _ in snapshot:
        if entry.notes == notes and ahead.get(entry.known.conversation_id) is entry:
            del ahead[entry.known.conversation_id]


async def _heed(store: Store, part: Sequence[Ahead]) -> None:
    """Tell who heeds new messages of them, before they are forgotten: after a crash it is told again."""
    told = memory_of(store).heed
    if told is not None:
        await told(tuple(one.known.conversation_id for one in part if one.known.kind != "imported"))


def _rows(entry: Ahead) -> list[dict[str, Value]]:
    return [
        {
            "user_id": user_id,
            "conversation_id": entry.known.conversation_id,
            "last_seq": entry.last_seq,
            "last_at": entry.at_for(user_id),
            "stays": int(user_id in entry.stays),
            "read_seq": entry.read.get(user_id, 0),
        }
        for user_id in entry.known.voices
    ]


async def _write_lines(tx: Tx, rows: Sequence[Mapping[str, Value]]) -> list[Exception | None]:
    await tx.many(_LINE, rows)
    return [None] * len(rows)


async def _write_followed(tx: Tx, rows: Sequence[Mapping[str, Value]]) -> list[Exception | None]:
    await tx.many(_FOLLOWED, rows)
    return [None] * len(rows)


async def _found(store: Store, after: int) -> list[tuple[int, int, int]]:
    async def read(tx: Tx) -> list[tuple[int, int, int]]:
        rows = await tx.all(RECOVER_AHEAD, after=after, limit=_CONVERSATIONS_IN_RECOVERY)
        return [(row[0], row[1], row[2]) for row in rows]

    return await store.read(read)


async def _note_again(store: Store, conversation_id: int, last_seq: int, projected: int) -> None:
    async def read(tx: Tx) -> tuple[int, dict[int, int]]:
        row = await tx.one(_SENT_AT, conversation_id=conversation_id, seq=last_seq)
        wrote = await tx.all(_WROTE, conversation_id=conversation_id, projected=projected)
        return (row[0] if row else 0), {row[0]: row[1] for row in wrote}

    known = await known_of(store, conversation_id)
    if known is None:
        return
    sent_at, wrote = await store.read(read)
    if known.kind == "imported":  # whoever imports a thread has read it
        wrote = dict.fromkeys(known.voices, last_seq)
    memory = memory_of(store)
    memory.note(known, seq=last_seq, sent_at=sent_at, read=wrote)
