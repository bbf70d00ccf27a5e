"""The hot path's transaction: many messages of many conversations, appended together.

Touches the tables message and conversation.

Per conversation the counter is moved once and the rows are inserted together. A message whose key
(conversation, sender, client key) is there already is answered with the row that stands, and takes no number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.inbox.errors import KeyReused, UnknownConversation
from vestibule.inbox.message import COLUMNS, Message
from vestibule.store import Row, Tx, Value

BY_KEY = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and sender_id = :sender_id and client_key = :client_key
"""
_MOVE = """
update conversation set last_seq = last_seq + cast(:count as bigint)
where conversation_id = :conversation_id returning last_seq
"""
_INSERT = """
insert into message (conversation_id, seq, sender_id, sender_name, client_key, sent_at, body, card,
    via_partner, event_index, extra, reply_to, answers_via)
values (:conversation_id, :seq, :sender_id, :sender_name, :client_key, :sent_at, :body, :card,
    :via_partner, :event_index, :extra, :reply_to, :answers_via)
"""

Key = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no number yet; the fields are those of `Message`."""

    conversation_id: int
    sender_id: int
    sender_name: str
    client_key: str
    sent_at: int
    body: str
    card: str | None = None
    via_partner: str | None = None
    event_index: int | None = None
    extra: str | None = None
    reply_to: int | None = None
    answers_via: str | None = None

    @property
    def key(self) -> Key:
        """What makes it one message however often it is sent."""
        return self.conversation_id, self.sender_id, self.client_key


@dataclass(frozen=True, slots=True)
class Stored:
    """The message that stands, and whether it stood before."""

    message: Message
    replayed: bool


async def append(tx: Tx, drafts: Sequence[Draft]) -> list[Stored | Exception]:
    """Append drafts to their conversations in order; a batch function for `Store.write_batched`.

    Several drafts are taken to be new. Where one is not, its insert breaks the key's uniqueness, and the
    store undoes the batch and hands over each draft alone: then what stands is looked for first. Replays are
    rare, and looking would be a third of the work.
    """
    standing: dict[Key, Message] = {}
    fresh: dict[int, dict[Key, Draft]] = {}
    for draft in drafts:
        key = draft.key
        group = fresh.setdefault(draft.conversation_id, {})
        row = await _standing(tx, key) if len(drafts) == 1 else None
        if row is not None:
            standing[key] = Message(*row)
        elif key not in group:
            group[key] = draft
    appended: dict[Key, Message] = {}
    for conversation_id, group in fresh.items():
        if group:
            appended |= await _number(tx, conversation_id, group)
    return [_answer(draft, standing, appended, fresh[draft.conversation_id]) for draft in drafts]


async def _standing(tx: Tx, key: Key) -> Row | None:
    return await tx.one(BY_KEY, conversation_id=key[0], sender_id=key[1], client_key=key[2])


async def _number(tx: Tx, conversation_id: int, group: dict[Key, Draft]) -> dict[Key, Message]:
    """Give the drafts of one conversation their numbers and insert them; nothing where there is none such."""
    row = await tx.one(_MOVE, conversation_id=conversation_id, count=len(group))
    if row is None:
        return {}
    numbers = range(row[0] - len(group) + 1, row[0] + 1)
    await tx.many(_INSERT, [_row(draft, seq) for seq, draft in zip(numbers, group.values(), strict=True)])
    return {key: _message(draft, seq) for seq, (key, draft) in zip(numbers, group.items(), strict=True)}


def _answer(
    draft: Draft, standing: dict[Key, Message], appended: dict[Key, Message], group: dict[Key, Draft]
) -> Stored | Exception:
    key = draft.key
    message = standing.get(key) or appended.get(key)
    if message is None:
        return UnknownConversation("there is no such conversation")
    if _told(message) != _told(draft):
        return KeyReused(f"the key {draft.client_key!r} stands for another message")
    return Stored(message, replayed=group.get(key) is not draft)


def _told(one: Message | Draft) -> tuple[str, str | None, str | None, str | None, int | None]:
    return one.body, one.card, one.extra, one.via_partner, one.reply_to


def _row(draft: Draft, seq: int) -> dict[str, Value]:
    return {
        "conversation_id": draft.conversation_id,
        "seq": seq,
        "sender_id": draft.sender_id,
        "sender_name": draft.sender_name,
        "client_key": draft.client_key,
        "sent_at": draft.sent_at,
        "body": draft.body,
        "card": draft.card,
        "via_partner": draft.via_partner,
        "event_index": draft.event_index,
        "extra": draft.extra,
        "reply_to": draft.reply_to,
        "answers_via": draft.answers_via,
    }


def _message(draft: Draft, seq: int) -> Message:
    return Message(
        draft.conversation_id,
        seq,
        draft.sender_id,
        draft.sender_name,
        draft.sent_at,
        draft.body,
        draft.card,
        draft.via_partner,
        draft.event_index,
        draft.extra,
        draft.reply_to,
        draft.answers_via,
    )
