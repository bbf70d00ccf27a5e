"""Opening conversations and saying what they are. Touches the tables conversation, member and pair_claim."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vestibule.inbox import persons
from vestibule.inbox.errors import BadMembers, BadTitle, Blocked, NotFriends, UnknownConversation
from vestibule.inbox.known import check_open, known_of, member_view
from vestibule.inbox.lines import InboxLine, inbox_of, mark_read, pass_over, unread_of
from vestibule.inbox.memory import Kind, memory_of
from vestibule.store import Store, Tx
from vestibule.store.ids import new_id
from vestibule.store.outbox import Outbox, put

__all__ = [
    "MOST_MEMBERS",
    "Conversation",
    "InboxLine",
    "about",
    "create_group",
    "inbox_of",
    "mark_read",
    "members",
    "open_pair",
    "pass_over",
    "require_member",
    "title_for",
    "unread_of",
]

MOST_MEMBERS = 100
_LONGEST_TITLE = 80
LINE = "inbox.line"
BLOCKS = "inbox.blocks"
PAIR = "inbox.pair"

_CLAIM = (
    "insert into pair_claim (pair, conversation_id) values (:pair, :conversation_id) on conflict do nothing"
)
_CLAIMED = "select conversation_id from pair_claim where pair = :pair"
_INSERT = """
insert into conversation (conversation_id, kind, title, last_seq, projected_seq, created_at)
values (:conversation_id, :kind, :title, 0, 0, :created_at)
on conflict do nothing
"""
_JOIN = """
insert into member (conversation_id, user_id, joined_at, blocks, blocks_at)
values (:conversation_id, :user_id, :joined_at, 0, 0)
"""
_BLOCKS = """
update member set blocks = :blocks, blocks_at = :blocks_at
where conversation_id = :conversation_id and user_id = :user_id and blocks_at < :blocks_at
"""
_ABOUT = """
select conversation_id, kind, title, last_seq, created_at from conversation
where conversation_id = :conversation_id
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What stands about a conversation.

    Attributes:
        conversation_id: Row id.
        kind: `pair`, `group` or `imported`.
        title: As given when it was made; empty for a pair (`title_for` names it for a member).
        last_seq: Its newest message; 0 when nothing was written yet.
        created_at: Microseconds since 1970.
    """

    conversation_id: int
    kind: Kind
    title: str
    last_seq: int
    created_at: int


async def open_pair(store: Store, outbox: Outbox, a: int, b: int, now: int) -> int:
    """Return the conversation of two persons, opening it if there is none.

    The pair is claimed first, under its own key; the conversation is then made from the claim, as often as
    needed.

    Raises:
        BadMembers: `a` is `b`.
        Blocked: one of the two has blocked the other.
        NotFriends: there is none yet, and they are not friends.
    """
    if a == b:
        raise BadMembers("expected another person, got oneself")
    conversation_id = await _claimed(store, a, b)
    known = await known_of(store, conversation_id) if conversation_id is not None else None
    if known is not None:
        check_open(known, a)
        return known.conversation_id
    await _check_not_blocked(store, a, b)
    await _check_friends(store, a, (b,))
    conversation_id = await _claim(store, a, b, await _unused_id(store, now))
    await _create(
        store, outbox, conversation_id, kind="pair", title="", members=(a, b), shown_to=(a,), now=now
    )
    return conversation_id


async def create_group(  # noqa: PLR0917 - six plain values, called in this order everywhere
    store: Store, outbox: Outbox, creator: int, members: Iterable[int], title: str, now: int
) -> int:
    """Open a conversation of a person with friends of hers and return its id.

    Raises:
        BadMembers: nobody else is in it, or more than 100 are.
        BadTitle: the title is too long or holds control characters; it may be empty.
        NotFriends: somebody is not a friend of the creator.
    """
    others = tuple(sorted(set(members) - {creator}))
    if not 1 <= len(others) < MOST_MEMBERS:
        raise BadMembers(f"expected 1 to {MOST_MEMBERS - 1} other members, got {len(others)}")
    title = _checked_title(title)
    await _check_friends(store, creator, others)
    everybody = (creator, *others)
    conversation_id = await _unused_id(store, now)
    await _create(
        store,
        outbox,
        conversation_id,
        kind="group",
        title=title,
        members=everybody,
        shown_to=everybody,
        now=now,
    )
    return conversation_id


async def members(store: Store, conversation_id: int) -> tuple[int, ...]:
    """Return the members of a conversation, in ascending order; nobody when there is none."""
    known = await known_of(store, conversation_id)
    return () if known is None else known.members


async def require_member(store: Store, conversation_id: int, user_id: int) -> None:
    """Refuse a person who is not in a conversation.

    Raises:
        NotAMember: she is not, or there is none.
    """
    await member_view(store, conversation_id, user_id)


async def title_for(store: Store, conversation_id: int, user_id: int) -> str:
    """Return what a conversation is called in front of a member: its title, or the others' names.

    Raises:
        NotAMember: she is not in it, or there is none.
    """
    return (await member_view(store, conversation_id, user_id)).title_for(user_id)


async def about(store: Store, conversation_id: int) -> Conversation:
    """Return what stands about a conversation.

    Raises:
        UnknownConversation: there is none.
    """

    async def read(tx: Tx) -> Conversation | None:
        row = await tx.one(_ABOUT, conversation_id=conversation_id)
        return Conversation(*row) if row else None

    conversation = await store.read(read)
    if conversation is None:
        raise UnknownConversation("there is no such conversation")
    return conversation


async def apply_block(store: Store, body: dict[str, Any]) -> None:
    """Apply the outbox topic `inbox.blocks`: close the pair's conversation, or open it again."""
    blocker, blocked = body["blocker"], body["blocked"]
    conversation_id = await _claimed(store, blocker, blocked)
    # A pair claimed but not made yet takes the blocks over when it is made, and sees this one.
    if conversation_id is not None:
        await _set_blocks(store, conversation_id, blocker, body["blocks"], body["changed_at"])


async def settle_pair(store: Store, body: dict[str, Any]) -> None:
    """Apply the outbox topic `inbox.pair`: a new pair takes over the blocks that came while it was made."""
    conversation_id: int = body["conversation_id"]
    a, b = body["members"]
    for blocker, blocked in ((a, b), (b, a)):
        found = await persons.block_of(store, blocker, blocked)
        if found is not None:
            await _set_blocks(store, conversation_id, blocker, *found)


async def _set_blocks(store: Store, conversation_id: int, user_id: int, blocks: int, blocks_at: int) -> None:
    async def write(tx: Tx) -> None:
        await tx.run(
            _BLOCKS, conversation_id=conversation_id, user_id=user_id, blocks=blocks, blocks_at=blocks_at
        )

    await store.write(write)
    memory_of(store).conversations.forget(conversation_id)


async def _unused_id(store: Store, now: int) -> int:
    """Return an id under which there is no conversation: two of one millisecond may meet by chance."""
    while await known_of(store, conversation_id := new_id(now)) is not None:
        pass
    return conversation_id


def _pair(a: int, b: int) -> str:
    return f"{min(a, b)}:{max(a, b)}"


async def _claimed(store: Store, a: int, b: int) -> int | None:
    async def read(tx: Tx) -> int | None:
        row = await tx.one(_CLAIMED, pair=_pair(a, b))
        return row[0] if row else None

    return await store.read(read)


async def _claim(store: Store, a: int, b: int, conversation_id: int) -> int:
    async def claim(tx: Tx) -> int:
        await tx.run(_CLAIM, pair=_pair(a, b), conversation_id=conversation_id)
        row = await tx.one(_CLAIMED, pair=_pair(a, b))
        claimed: int = row[0] if row else conversation_id
        return claimed

    return await store.write(claim)


async def _create(
    store: Store,
    outbox: Outbox,
    conversation_id: int,
    *,
    kind: Kind,
    title: str,
    members: tuple[int, ...],
    shown_to: tuple[int, ...],
    now: int,
) -> None:
    """Make a conversation unless it is there, and let it appear in the inbox of `shown_to`."""

    async def write(tx: Tx) -> None:
        made = await tx.run(_INSERT, conversation_id=conversation_id, kind=kind, title=title, created_at=now)
        if not made:
            return
        rows = [
            {"conversation_id": conversation_id, "user_id": member, "joined_at": now} for member in members
        ]
        await tx.many(_JOIN, rows)
        body = {"conversation_id": conversation_id, "members": list(members)}
        await put(tx, conversation_id, LINE, {**body, "users": list(shown_to), "at": now})
        if kind == "pair":
            await put(tx, conversation_id, PAIR, body)

    await store.write(write)
    await outbox.drain(conversation_id)


async def _check_not_blocked(store: Store, a: int, b: int) -> None:
    for blocker, blocked in ((a, b), (b, a)):
        found = await persons.block_of(store, blocker, blocked)
        if found is not None and found[0]:
            raise Blocked("a conversation with this person is not possible")


async def _check_friends(store: Store, user_id: int, others: tuple[int, ...]) -> None:
    strangers = await persons.not_friends(store, user_id, others)
    if strangers:
        raise NotFriends(f"conversations are opened among friends, {len(strangers)} of these are not")


def _checked_title(title: str) -> str:
    title = title.strip()
    if len(title) > _LONGEST_TITLE:
        raise BadTitle(f"expected at most {_LONGEST_TITLE} characters, got {len(title)}")
    for letter in title:
        if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
            raise BadTitle(f"expected no control characters, got U+{ord(letter):04X}")
    return title
