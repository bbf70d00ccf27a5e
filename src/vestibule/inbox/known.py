"""Loading what hardly ever changes about a conversation, and who may do what in it."""

from vestibule.inbox import persons
from vestibule.inbox.errors import Blocked, NotAMember
from vestibule.inbox.memory import Known, Voice, memory_of
from vestibule.store import Store, Tx
from vestibule.store.ids import encode

_CONVERSATION = "select kind, title, created_at from conversation where conversation_id = :conversation_id"
_MEMBERS = "select user_id, blocks from member where conversation_id = :conversation_id order by user_id"


async def known_of(store: Store, conversation_id: int) -> Known | None:
    """Return what is known of a conversation, or None when there is none."""
    kept = memory_of(store).conversations
    known = kept.get(conversation_id)
    if known is None:
        mark = kept.mark()
        known = await _load(store, conversation_id)
        if known is not None:
            kept.keep(known, mark)
    return known


async def member_view(store: Store, conversation_id: int, user_id: int) -> Known:
    """Return a conversation to one of its members.

    Raises:
        NotAMember: the person is not in it, or there is none.
    """
    known = memory_of(store).conversations.get(conversation_id) or await known_of(store, conversation_id)
    if known is None or user_id not in known.voices:
        raise NotAMember("there is no such conversation of this person")
    return known


def check_open(known: Known, user_id: int) -> None:
    """Refuse to write into a pair of whom one has blocked the other.

    Raises:
        Blocked: that is so.
    """
    if not known.blockers:
        return
    if user_id in known.blockers:
        raise Blocked("unblock this person to write to them")
    raise Blocked("messages to this person are not possible")


async def _load(store: Store, conversation_id: int) -> Known | None:
    async def load(tx: Tx) -> Known | None:
        row = await tx.one(_CONVERSATION, conversation_id=conversation_id)
        if row is None:
            return None
        kind, title, created_at = row
        members = await tx.all(_MEMBERS, conversation_id=conversation_id)
        names = await persons.names(tx, [user_id for user_id, _ in members])
        return Known(
            conversation_id=conversation_id,
            spelled=encode(conversation_id),
            kind=kind,
            title=title,
            created_at=created_at,
            voices={user_id: Voice(names.get(user_id, ""), encode(user_id)) for user_id, _ in members},
            blockers=frozenset(user_id for user_id, blocks in members if blocks),
        )

    return await store.read(load)
