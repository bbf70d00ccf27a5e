"""The rows of imported threads. Touches the tables imported_thread, conversation, member and message."""

from vestibule.inbox import projection
from vestibule.inbox.errors import NotAMember
from vestibule.inbox.known import known_of
from vestibule.inbox.memory import memory_of
from vestibule.store import Store, Tx
from vestibule.store.ids import new_id

_CLAIM = """
insert into imported_thread (user_id, source, conversation_id) values (:user_id, :source, :conversation_id)
on conflict do nothing
"""
_CLAIMED = "select conversation_id from imported_thread where user_id = :user_id and source = :source"
_KIND = "select kind from conversation where conversation_id = :conversation_id"
_OTHERS = """
select user_id from member where conversation_id = :conversation_id and user_id <> :user_id
order by user_id limit 1
"""
_INSERT = """
insert into conversation (conversation_id, kind, title, last_seq, projected_seq, created_at)
values (:conversation_id, 'imported', :title, 0, 0, :created_at)
on conflict do nothing
"""
_KEYS = "select client_key from message where conversation_id = :conversation_id"
_JOIN = """
insert into member (conversation_id, user_id, joined_at, blocks, blocks_at)
values (:conversation_id, :user_id, :joined_at, 0, 0)
on conflict do nothing
"""
# Ahead of its inbox row, so that it is shown now or, after a crash, at the next start.
_SHOW = """
update conversation set projected_seq = last_seq - 1 where conversation_id = :conversation_id
returning last_seq
"""
_SENT_AT = "select sent_at from message where conversation_id = :conversation_id and seq = :seq"


async def claim(store: Store, *, user_id: int, source: str, title: str, now: int) -> int:
    """Return the conversation of a person's thread, made when it is new; it has no member yet then.

    The conversation is made first, then claimed: a claim can only ever name a conversation made for it. A
    crash in between, or another import of the same person that was faster, leaves an empty one without
    members, which nobody sees.

    Args:
        store: Where it is kept.
        user_id: Who imports it.
        source: What names the thread in every export.
        title: What it is called.
        now: Microseconds since 1970.

    Raises:
        NotAMember: the claim names no imported conversation, or one of somebody else.
    """

    async def claimed(tx: Tx) -> int | None:
        row = await tx.one(_CLAIMED, user_id=user_id, source=source)
        return row[0] if row else None

    conversation_id = await store.read(claimed)
    if conversation_id is None:
        conversation_id = await _claim(store, user_id, source, await _make(store, title, now))
    await _check_own(store, conversation_id, user_id)
    return conversation_id


async def _make(store: Store, title: str, now: int) -> int:
    """Make a conversation under an id nobody has: two of one millisecond may meet by chance."""

    async def make(tx: Tx) -> int | None:
        conversation_id = new_id(now)
        made = await tx.run(_INSERT, conversation_id=conversation_id, title=title, created_at=now)
        return conversation_id if made else None

    while (conversation_id := await store.write(make)) is None:
        pass
    return conversation_id


async def _claim(store: Store, user_id: int, source: str, conversation_id: int) -> int:
    async def claim(tx: Tx) -> int:
        await tx.run(_CLAIM, user_id=user_id, source=source, conversation_id=conversation_id)
        row = await tx.one(_CLAIMED, user_id=user_id, source=source)
        claimed: int = row[0] if row else conversation_id
        return claimed

    return await store.write(claim)


async def _check_own(store: Store, conversation_id: int, user_id: int) -> None:
    async def read(tx: Tx) -> bool:
        row = await tx.one(_KIND, conversation_id=conversation_id)
        other = await tx.one(_OTHERS, conversation_id=conversation_id, user_id=user_id)
        return row is not None and row[0] == "imported" and other is None

    if not await store.read(read):
        raise NotAMember("there is no such imported conversation of this person")


async def keys_of(store: Store, conversation_id: int) -> frozenset[str]:
    """Return the keys of all messages that were imported into a conversation."""

    async def read(tx: Tx) -> frozenset[str]:
        return frozenset(row[0] for row in await tx.all(_KEYS, conversation_id=conversation_id))

    return await store.read(read)


async def complete(store: Store, conversation_id: int, user_id: int, now: int) -> None:
    """Make a thread visible to the person who imported it: all of it is stored."""

    async def join(tx: Tx) -> tuple[int, int]:
        await tx.run(_JOIN, conversation_id=conversation_id, user_id=user_id, joined_at=now)
        row = await tx.one(_SHOW, conversation_id=conversation_id)
        last_seq: int = row[0] if row else 0
        sent_at = await tx.one(_SENT_AT, conversation_id=conversation_id, seq=last_seq)
        return last_seq, sent_at[0] if sent_at else now

    last_seq, sent_at = await store.write(join)
    memory = memory_of(store)
    memory.conversations.forget(conversation_id)
    known = await known_of(store, conversation_id)
    if known is not None:
        memory.note(known, seq=last_seq, sent_at=sent_at, read={user_id: last_seq})
        await projection.drain(store)
