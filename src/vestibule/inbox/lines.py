"""A person's inbox: her conversations, newest first, and what she has read. Touches the table inbox."""

from dataclasses import dataclass

from vestibule.inbox.known import known_of, member_view
from vestibule.inbox.memory import Ahead, Kind, memory_of
from vestibule.inbox.message import COLUMNS, Message
from vestibule.store import Store, Tx

MOST_LINES = 200

_LINES = """
select conversation_id, last_seq, last_at, read_seq from inbox
where user_id = :user_id order by conversation_id
"""
_MESSAGE = f"select {COLUMNS} from message where conversation_id = :conversation_id and seq = :seq"
_LAST = "select last_seq from conversation where conversation_id = :conversation_id"
# The row may be missing: it follows the first message within a moment.
_READ = """
insert into inbox (user_id, conversation_id, last_seq, last_at, read_seq)
values (:user_id, :conversation_id, 0, 0, :seq)
on conflict (user_id, conversation_id) do update set read_seq = excluded.read_seq
where excluded.read_seq > inbox.read_seq
"""


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One conversation in the inbox of one person.

    Attributes:
        conversation_id: Row id.
        kind: `pair`, `group` or `imported`.
        title: What it is called in front of this person: its title, or the others' names.
        members: The ids of its members.
        last_seq: Its newest message; 0 when nothing was written yet.
        last_at: When that one was sent, or the newest that may disturb her, or the conversation opened;
            microseconds since 1970.
        read_seq: The newest message this person has read.
        newest: The newest message itself, or None.
    """

    conversation_id: int
    kind: Kind
    title: str
    members: tuple[int, ...]
    last_seq: int
    last_at: int
    read_seq: int
    newest: Message | None

    @property
    def unread(self) -> int:
        """How many messages this person has not read."""
        return max(0, self.last_seq - self.read_seq)


@dataclass(frozen=True, slots=True)
class _Row:
    conversation_id: int
    last_seq: int
    last_at: int
    read_seq: int

    @property
    def place(self) -> tuple[int, int]:
        return self.last_at, self.conversation_id


async def inbox_of(
    store: Store, user_id: int, *, before: tuple[int, int] | None = None, limit: int = 50
) -> tuple[InboxLine, ...]:
    """Return a person's conversations, newest first.

    Messages whose inbox rows have not followed yet are counted in, so a person sees at once what she has
    sent.

    Args:
        store: Where they are kept.
        user_id: Whose inbox.
        before: For the next page: `last_at` and `conversation_id` of the last line of this one.
        limit: How many at most; cut to 1 to 200.
    """
    rows = _with_ahead(await _rows(store, user_id), memory_of(store).ahead, user_id)
    rows.sort(key=lambda row: row.place, reverse=True)
    if before is not None:
        rows = [row for row in rows if row.place < before]
    rows = rows[: max(1, min(limit, MOST_LINES))]
    newest = await _newest(store, rows)
    return tuple([await _line(store, user_id, row, newest.get(row.conversation_id)) for row in rows])


async def unread_of(store: Store, user_id: int) -> int:
    """Return how many conversations hold something this person has not read."""
    rows = _with_ahead(await _rows(store, user_id), memory_of(store).ahead, user_id)
    return sum(row.last_seq > row.read_seq for row in rows)


async def mark_read(store: Store, *, conversation_id: int, user_id: int, seq: int) -> None:
    """Note that a person has read a conversation up to a message; it never goes back.

    Raises:
        NotAMember: the person is not in the conversation, or there is none.
    """
    await member_view(store, conversation_id, user_id)

    async def last(tx: Tx) -> int:
        row = await tx.one(_LAST, conversation_id=conversation_id)
        return row[0] if row else 0

    upto = min(seq, await store.read(last))

    async def write(tx: Tx) -> None:
        await tx.run(_READ, user_id=user_id, conversation_id=conversation_id, seq=upto)

    if upto > 0:
        await store.write(write)


async def pass_over(store: Store, *, conversation_id: int, user_id: int, seq: int) -> None:
    """Count a message as read by somebody who does not want to be told of it, if she had read all before."""
    rows = _with_ahead(await _rows(store, user_id), memory_of(store).ahead, user_id)
    read = next((row.read_seq for row in rows if row.conversation_id == conversation_id), 0)
    if read == seq - 1:
        await mark_read(store, conversation_id=conversation_id, user_id=user_id, seq=seq)


async def _rows(store: Store, user_id: int) -> dict[int, _Row]:
    async def read(tx: Tx) -> dict[int, _Row]:
        return {row[0]: _Row(*row) for row in await tx.all(_LINES, user_id=user_id)}

    return await store.read(read)


def _with_ahead(rows: dict[int, _Row], ahead: dict[int, Ahead], user_id: int) -> list[_Row]:
    for conversation_id, entry in ahead.items():
        if user_id in entry.known.voices:
            row = rows.get(conversation_id)
            read = max(entry.read.get(user_id, 0), row.read_seq if row else 0)
            stays = row.last_at if row is not None and user_id in entry.stays else 0
            last_at = max(entry.at_for(user_id), stays)
            rows[conversation_id] = _Row(conversation_id, entry.last_seq, last_at, read)
    return list(rows.values())


async def _newest(store: Store, rows: list[_Row]) -> dict[int, Message]:
    async def read(tx: Tx) -> dict[int, Message]:
        found: dict[int, Message] = {}
        for row in rows:
            message = await tx.one(_MESSAGE, conversation_id=row.conversation_id, seq=row.last_seq)
            if message is not None:
                found[row.conversation_id] = Message(*message)
        return found

    return await store.read(read)


async def _line(store: Store, user_id: int, row: _Row, newest: Message | None) -> InboxLine:
    known = await known_of(store, row.conversation_id)
    if known is None:  # an inbox row is written after its conversation
        raise LookupError(f"the inbox of {user_id} names a conversation that does not exist")
    return InboxLine(
        conversation_id=row.conversation_id,
        kind=known.kind,
        title=known.title_for(user_id),
        members=known.members,
        last_seq=row.last_seq,
        last_at=row.last_at,
        read_seq=row.read_seq,
        newest=newest,
    )
