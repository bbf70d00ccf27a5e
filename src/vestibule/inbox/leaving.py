"""What a deleted person leaves in the inbox. Touches the tables message, inbox and imported_thread.

Her messages stay with those she wrote them to, under the name of a deleted person. What she had imported was
for her eyes only, and goes.
"""

from vestibule.inbox.memory import memory_of
from vestibule.store import Store, Tx

_CONVERSATIONS = """
select conversation_id from inbox where user_id = :user_id and conversation_id > :after
order by conversation_id limit 200
"""
_KIND = "select kind from conversation where conversation_id = :conversation_id"
_RENAME = """
update message set sender_name = :name where conversation_id = :conversation_id and sender_id = :user_id
"""
_DELETE_MESSAGES = "delete from message where conversation_id = :conversation_id"
_DELETE_THREADS = "delete from imported_thread where user_id = :user_id"


async def leave(store: Store, user_id: int, name: str) -> None:
    """Write her messages under another name, and delete what she had imported; twice is fine."""
    after = -1
    while found := await _conversations(store, user_id, after):
        for conversation_id in found:
            await _leave(store, conversation_id, user_id, name)
        after = found[-1]
    await store.write(lambda tx: tx.run(_DELETE_THREADS, user_id=user_id))


async def _conversations(store: Store, user_id: int, after: int) -> list[int]:
    rows = await store.read(lambda tx: tx.all(_CONVERSATIONS, user_id=user_id, after=after))
    return [conversation_id for (conversation_id,) in rows]


async def _leave(store: Store, conversation_id: int, user_id: int, name: str) -> None:
    async def write(tx: Tx) -> None:
        row = await tx.one(_KIND, conversation_id=conversation_id)
        if row is not None and row[0] == "imported":
            await tx.run(_DELETE_MESSAGES, conversation_id=conversation_id)
        else:
            await tx.run(_RENAME, conversation_id=conversation_id, user_id=user_id, name=name)

    await store.write(write)
    memory_of(store).conversations.forget(conversation_id)
