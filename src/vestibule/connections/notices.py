"""What every member is told when it changes who can read a conversation. Touches the table `notice`."""

from dataclasses import dataclass
from enum import StrEnum

from vestibule.connections.listing import Connection
from vestibule.inbox import conversations
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.store import Store, Tx

TELL = """
    insert into notice (user_id, conversation_id, connection_id, version, what, through_id, partner_id,
        happened_at, seen)
    values (:user_id, :conversation_id, :connection_id, :version, :what, :through_id, :partner_id,
        :happened_at, 0)
    on conflict (user_id, conversation_id, connection_id, version, what) do nothing
"""
UNSEEN = """
    select conversation_id, what, through_id, partner_id, happened_at from notice
    where user_id = :user_id and seen = 0
    order by happened_at, conversation_id, connection_id, version, what limit 500
"""
SEEN = """
    update notice set seen = 1
    where user_id = :user_id and conversation_id = :conversation_id and happened_at <= :upto and seen = 0
"""
NEWEST = """
    select conversation_id, connection_id, version, what from notice
    where user_id = :user_id
    order by happened_at desc, conversation_id, connection_id, version, what limit 400
"""
FORGET = """
    delete from notice where user_id = :user_id and conversation_id = :conversation_id
        and connection_id = :connection_id and version = :version and what = :what
"""
RECOVER_OVER = """
    delete from notice where (user_id, conversation_id, connection_id, version, what) in
    (select user_id, conversation_id, connection_id, version, what from notice where happened_at < :before
     order by happened_at, user_id, conversation_id, connection_id, version, what limit 500)
"""
MOST = 200
"""Notices kept of one person, the newest; who can read now stands on the conversation all the same."""
LIFETIME = 180 * MICROSECONDS_A_DAY


class What(StrEnum):
    """What became of an app in a conversation."""

    LET_IN = "let in"
    CHANGED = "changed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Notice:
    """A change of who can read a conversation, of which a member was not told yet.

    Attributes:
        through_id: the member whose connection it is.
        happened_at: microseconds since 1970.
    """

    conversation_id: int
    what: What
    through_id: int
    partner_id: str
    happened_at: int


async def tell(store: Store, connection: Connection, conversation_id: int, what: What) -> None:
    """Tell every member but the one whose connection it is; telling again changes nothing."""
    members = await conversations.members(store, conversation_id)
    for user_id in members:
        if user_id != connection.user_id:
            await _tell(store, user_id, connection, conversation_id, what)


async def unseen_of(store: Store, user_id: int) -> tuple[Notice, ...]:
    """List what a person was not told yet, the oldest first."""
    rows = await store.read(lambda tx: tx.all(UNSEEN, user_id=user_id))
    return tuple(
        Notice(conversation_id, What(what), through_id, partner_id, happened_at)
        for conversation_id, what, through_id, partner_id, happened_at in rows
    )


async def seen(store: Store, user_id: int, told: tuple[Notice, ...]) -> None:
    """Note that a person was told these, all of one conversation."""
    if told:
        place = {"user_id": user_id, "conversation_id": told[-1].conversation_id}
        await store.write(lambda tx: tx.run(SEEN, upto=told[-1].happened_at, **place))


async def _tell(store: Store, user_id: int, connection: Connection, conversation_id: int, what: What) -> None:
    async def work(tx: Tx) -> None:
        await tx.run(
            TELL,
            user_id=user_id,
            conversation_id=conversation_id,
            connection_id=connection.connection_id,
            version=connection.version,
            what=what,
            through_id=connection.user_id,
            partner_id=connection.partner_id,
            happened_at=connection.changed_at,
        )
        for place in (await tx.all(NEWEST, user_id=user_id))[MOST:]:
            names = ("conversation_id", "connection_id", "version", "what")
            await tx.run(FORGET, user_id=user_id, **dict(zip(names, place, strict=True)))

    await store.write(work)


async def forget_old(store: Store, now: int) -> int:
    """Forget some of the notices of long ago; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, before=now - LIFETIME))
