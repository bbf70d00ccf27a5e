"""What the room keeps in memory in front of a store: conversations, those ahead of their inbox, importers."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal
from weakref import WeakKeyDictionary

from vestibule.store import Store

Heed = Callable[[tuple[int, ...]], Awaitable[None]]
"""Told of conversations with new messages: those above their `projected_seq`."""
Kind = Literal["pair", "group", "imported"]


@dataclass(frozen=True, slots=True)
class Voice:
    """A member as the others see her: name, and id as spelled in URLs and events."""

    name: str
    spelled: str


@dataclass(frozen=True, slots=True)
class Known:
    """What hardly ever changes about a conversation.

    Attributes:
        conversation_id: Row id.
        spelled: The id as in URLs and events.
        kind: `pair`, `group` or `imported`.
        title: As given when it was made; a pair has none.
        created_at: Microseconds since 1970.
        voices: The members by id, in ascending order of the id.
        blockers: The members of a pair who have blocked the other one.
    """

    conversation_id: int
    spelled: str
    kind: Kind
    title: str
    created_at: int
    voices: Mapping[int, Voice]
    blockers: frozenset[int]

    @property
    def members(self) -> tuple[int, ...]:
        """The ids of the members."""
        return tuple(self.voices)

    def title_for(self, user_id: int) -> str:
        """What the conversation is called in front of this member."""
        others = (voice.name for member, voice in self.voices.items() if member != user_id)
        return self.title or ", ".join(others)


@dataclass(slots=True)
class Ahead:
    """A conversation whose messages are ahead of its members' inbox rows.

    Attributes:
        known: The conversation.
        last_seq: Its newest message.
        last_at: When that one was sent.
        read: What a sender has read by writing: everything up to her own newest message.
        stays: Where the conversation stays in the inbox of members whom the newest message is not to
            disturb: when the newest that may was sent, or the conversation began.
        notes: How often something was noted here.
    """

    known: Known
    last_seq: int
    last_at: int
    read: dict[int, int] = field(default_factory=dict)
    stays: dict[int, int] = field(default_factory=dict)
    notes: int = 0

    def at_for(self, user_id: int) -> int:
        """Say by which time a member's inbox places the conversation, unless hers is a later one."""
        return self.stays.get(user_id, self.last_at)

    def follow(self, seq: int, sent_at: int, undisturbed: Collection[int]) -> None:
        """Take in another message; it may be an older one than the newest."""
        if seq > self.last_seq:
            stays = {user_id: self.at_for(user_id) for user_id in undisturbed}
            self.last_seq, self.last_at, self.stays = seq, sent_at, stays
        else:
            disturbed = self.stays.keys() - set(undisturbed)
            self.stays |= {user_id: max(self.stays[user_id], sent_at) for user_id in disturbed}


class KnownConversations:
    """Known conversations, the oldest dropped first, never staler than the last `forget`."""

    LIMIT = 100_000

    def __init__(self) -> None:
        self._rows: dict[int, Known] = {}
        self._forgotten = 0

    def get(self, conversation_id: int) -> Known | None:
        """Return what is kept, if anything."""
        return self._rows.get(conversation_id)

    def mark(self) -> int:
        """Take a mark before reading rows that shall be kept."""
        return self._forgotten

    def keep(self, known: Known, mark: int) -> None:
        """Keep what was read after `mark`, unless something was forgotten in between: it may be just that."""
        if mark != self._forgotten:
            return
        if len(self._rows) >= self.LIMIT:
            self._rows.pop(next(iter(self._rows)))
        self._rows[known.conversation_id] = known

    def forget(self, conversation_id: int) -> None:
        """Drop what has changed; to be called after the change is durable."""
        self._forgotten += 1
        self._rows.pop(conversation_id, None)


class Memory:
    """The room's memory for one store."""

    def __init__(self) -> None:
        self.conversations = KnownConversations()
        self.ahead: dict[int, Ahead] = {}
        self.heed: Heed | None = None
        self.importing = asyncio.Lock()
        self.importers: set[int] = set()

    def note(
        self,
        known: Known,
        *,
        seq: int,
        sent_at: int,
        read: Mapping[int, int],
        undisturbed: Collection[int] = (),
    ) -> None:
        """Note that a message is durable, so that the members' inbox rows will follow.

        Args:
            known: Its conversation.
            seq: Its number.
            sent_at: When it was sent.
            read: Up to where persons have read by writing it.
            undisturbed: In whose inbox it moves nothing.
        """
        ahead = self.ahead.get(known.conversation_id)
        if ahead is None:
            ahead = self.ahead[known.conversation_id] = Ahead(known, 0, known.created_at)
        ahead.follow(seq, sent_at, undisturbed)
        ahead.notes += 1
        for user_id, upto in read.items():
            if upto > ahead.read.get(user_id, 0):
                ahead.read[user_id] = upto


_memories: WeakKeyDictionary[Store, Memory] = WeakKeyDictionary()


def memory_of(store: Store) -> Memory:
    """Return the room's memory for a store."""
    memory = _memories.get(store)
    if memory is None:
        memory = _memories[store] = Memory()
    return memory
