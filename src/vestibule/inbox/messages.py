"""Sending and reading messages. Touches the table message.

The members' inbox rows follow (`inbox.projection`).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from vestibule.inbox.appending import BY_KEY, Draft, Stored, append
from vestibule.inbox.errors import BadBody, BadClientKey, BadReply
from vestibule.inbox.extra import NOTHING, Extra
from vestibule.inbox.known import check_open, member_view
from vestibule.inbox.live import Live
from vestibule.inbox.memory import Known, memory_of
from vestibule.inbox.message import COLUMNS, Message, event
from vestibule.store import Store, Tx

__all__ = [
    "LONGEST_BODY",
    "MOST_IN_PAGE",
    "Message",
    "deliver_via",
    "numbered",
    "page",
    "send",
    "take_back",
    "under_key",
]

LONGEST_BODY = 8_000
MOST_IN_PAGE = 200
_CLIENT_KEY = re.compile(r"[\x21-\x7e]{1,120}")

_BEFORE = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and seq < :before and sent_at >= :since
order by seq desc limit :limit
"""
_AFTER = f"""
select {COLUMNS} from message
where conversation_id = :conversation_id and seq > :after and seq < :before and sent_at >= :since
order by seq limit :limit
"""
_ONE = f"select {COLUMNS} from message where conversation_id = :conversation_id and seq = :seq"
_TAKE_BACK = """
update message set body = '', card = null, extra = null, taken_back = :event_index
where conversation_id = :conversation_id and seq = :seq and sender_id = :sender_id
    and via_partner = :via_partner and taken_back is null
"""
_END = 1 << 62


async def send(
    store: Store,
    live: Live,
    *,
    conversation_id: int,
    sender_id: int,
    client_key: str,
    body: str,
    now: int,
    reply_to: int | None = None,
    extra: Extra = NOTHING,
) -> Message:
    """Store a message durably, tell whoever is looking, and return it.

    Sent again under the same client key it is answered with the message that stands; there is one message
    and no gap in the numbers.

    Args:
        store: Where it is kept.
        live: Who is looking.
        conversation_id: Where it goes.
        sender_id: Who writes.
        client_key: Idempotency key of the sender: 1 to 120 printable ASCII characters without spaces.
        body: 1 to 8,000 characters; may be empty when there are files.
        now: Microseconds since 1970.
        reply_to: The number of the message that is replied to, or None.
        extra: The files that go with it (`inbox.attachments.keep`).

    Raises:
        NotAMember: the sender is not in the conversation, or there is none.
        Blocked: one of a pair has blocked the other.
        BadBody: the body breaks the rules.
        BadClientKey: the client key breaks the rules.
        BadReply: there is no such message to reply to.
        KeyReused: the client key stands for another text.
    """
    if body or not extra.files:
        check_body(body)
    check_client_key(client_key)
    known = await member_view(store, conversation_id, sender_id)
    name = known.voices[sender_id].name
    draft = Draft(
        conversation_id, sender_id, name, client_key, now, body, extra=extra.encode(), reply_to=reply_to
    )
    return await _deliver(store, live, known, draft)


async def deliver_via(
    store: Store,
    live: Live,
    *,
    conversation_id: int,
    sender_id: int,
    client_key: str,
    body: str,
    card: str | None,
    via_partner: str,
    event_index: int,
    now: int,
    reply_to: int | None = None,
    undisturbed: Collection[int] = (),
) -> Message:
    """Store a message that came through a partner; as `send`, for the effect of an event in the log.

    Args:
        store: Where it is kept.
        live: Who is looking.
        conversation_id: Where it goes.
        sender_id: Who sends through the partner.
        client_key: Idempotency key, the same for every repetition of the effect.
        body: Up to 8,000 characters; may be empty when there is a card.
        card: JSON object of the card, or None.
        via_partner: The partner's id.
        event_index: Index of the event in the log.
        now: Microseconds since 1970.
        reply_to: The number of the message that is replied to, or None.
        undisturbed: Members whose inbox stays as it was, but for the message itself.

    Raises:
        NotAMember: the sender is not in the conversation, or there is none.
        Blocked: one of a pair has blocked the other.
        BadBody: the body breaks the rules.
        BadClientKey: the client key breaks the rules.
        BadReply: there is no such message to reply to.
        KeyReused: the client key stands for another message.
    """
    if body or card is None:
        check_body(body)
    check_client_key(client_key)
    known = await member_view(store, conversation_id, sender_id)
    name = known.voices[sender_id].name
    draft = Draft(
        conversation_id,
        sender_id,
        name,
        client_key,
        now,
        body,
        card,
        via_partner,
        event_index,
        reply_to=reply_to,
    )
    return await _deliver(store, live, known, draft, undisturbed)


async def page(
    store: Store,
    conversation_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
    since: int = 0,
    limit: int = 50,
) -> tuple[Message, ...]:
    """Return messages of a conversation in ascending order; who may see them is the caller's to check.

    Args:
        store: Where they are kept.
        conversation_id: Of which conversation.
        before: Only messages with a lower number; without `after` the newest of them.
        after: Only messages with a higher number, the oldest of them.
        since: Only messages sent at or after this time, microseconds since 1970.
        limit: How many at most; cut to 1 to 200.
    """
    limit = max(1, min(limit, MOST_IN_PAGE))
    before = _END if before is None else before

    async def read(tx: Tx) -> tuple[Message, ...]:
        if after is None:
            rows = await tx.all(
                _BEFORE, conversation_id=conversation_id, before=before, since=since, limit=limit
            )
            rows.reverse()
        else:
            rows = await tx.all(
                _AFTER,
                conversation_id=conversation_id,
                after=after,
                before=before,
                since=since,
                limit=limit,
            )
        return tuple(Message(*row) for row in rows)

    return await store.read(read)


async def numbered(store: Store, conversation_id: int, numbers: Iterable[int]) -> dict[int, Message]:
    """Return those messages of a conversation that have these numbers; who may see them is the caller's."""

    async def read(tx: Tx) -> dict[int, Message]:
        rows = [await tx.one(_ONE, conversation_id=conversation_id, seq=seq) for seq in numbers]
        return {row[1]: Message(*row) for row in rows if row is not None}

    return await store.read(read)


async def under_key(store: Store, conversation_id: int, sender_id: int, client_key: str) -> Message | None:
    """Return the message that stands under a sender's client key, None if there is none."""

    async def read(tx: Tx) -> Message | None:
        row = await tx.one(
            BY_KEY, conversation_id=conversation_id, sender_id=sender_id, client_key=client_key
        )
        return None if row is None else Message(*row)

    return await store.read(read)


async def take_back(
    store: Store, *, conversation_id: int, seq: int, sender_id: int, via_partner: str, event_index: int
) -> None:
    """Delete the words of a message that came through a partner; its place stays. Twice is fine."""
    await store.write(
        lambda tx: tx.run(
            _TAKE_BACK,
            conversation_id=conversation_id,
            seq=seq,
            sender_id=sender_id,
            via_partner=via_partner,
            event_index=event_index,
        )
    )


def check_body(body: str) -> None:
    """Refuse what cannot be the text of a message.

    Raises:
        BadBody: says what was expected.
    """
    if not 1 <= len(body) <= LONGEST_BODY:
        raise BadBody(f"expected a text of 1 to {LONGEST_BODY} characters, got {len(body)}")
    if "\x00" in body:
        raise BadBody(f"expected no NUL, got one at character {body.index(chr(0)) + 1}")
    try:
        body.encode()
    except UnicodeEncodeError as error:
        raise BadBody(f"expected valid UTF-8, got a lone surrogate at character {error.start + 1}") from error


def check_client_key(client_key: str) -> None:
    """Refuse what cannot be an idempotency key.

    Raises:
        BadClientKey: says what was expected.
    """
    if not _CLIENT_KEY.fullmatch(client_key):
        raise BadClientKey(f"expected 1 to 120 printable ASCII characters, got {client_key[:40]!r}")


async def _deliver(
    store: Store, live: Live, known: Known, draft: Draft, undisturbed: Collection[int] = ()
) -> Message:
    check_open(known, draft.sender_id)
    if draft.reply_to is not None:
        draft = await _answering(store, draft, draft.reply_to)
    stored: Stored = await store.write_batched(append, draft)
    message = stored.message
    if not stored.replayed:
        seq = message.seq
        memory_of(store).note(
            known,
            seq=seq,
            sent_at=message.sent_at,
            read={message.sender_id: seq},
            undisturbed=undisturbed,
        )
        live.publish(known.voices, event(message, known))
    return message


async def _answering(store: Store, draft: Draft, reply_to: int) -> Draft:
    """Note with a reply which partner the other message came through; that never changes afterwards."""
    found = await numbered(store, draft.conversation_id, [reply_to]) if 0 < reply_to < _END else {}
    if reply_to not in found:
        raise BadReply(f"reply_to: expected the number of a message in this conversation, got {reply_to}")
    return replace(draft, answers_via=found[reply_to].via_partner)
