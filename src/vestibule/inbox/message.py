"""A message: its value and its event on the live stream. No database."""

from dataclasses import dataclass
from typing import Any

import msgspec

from vestibule.inbox.memory import Known

COLUMNS = (
    "conversation_id, seq, sender_id, sender_name, sent_at, body, card, via_partner, event_index, extra, "
    "reply_to, answers_via, taken_back"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        conversation_id: Row id of the conversation.
        seq: 1, 2, 3 and so on within the conversation, without gaps.
        sender_id: The account that wrote it; 0 for somebody in an imported thread who has no account here.
        sender_name: The sender's name when it was sent.
        sent_at: Microseconds since 1970.
        body: Text; may be empty where there is a card or something in `extra`.
        card: JSON of the card that came through a partner, or None.
        via_partner: The partner whose dialog or app it came through, or None.
        event_index: Index in the log of the event that let it in, or None.
        extra: JSON of what an import carried besides text (`inbox.importing` says what), or None.
        reply_to: The number of the message it replies to, or None.
        answers_via: The partner which that message came through, or None.
        taken_back: Index in the log of the event that deleted it, or None; its words are gone then.
    """

    conversation_id: int
    seq: int
    sender_id: int
    sender_name: str
    sent_at: int
    body: str
    card: str | None = None
    via_partner: str | None = None
    event_index: int | None = None
    extra: str | None = None
    reply_to: int | None = None
    answers_via: str | None = None
    taken_back: int | None = None


_encoder = msgspec.json.Encoder()


def event(message: Message, known: Known) -> bytes:
    """Return the server-sent event `message` that tells a conversation's members of a message.

    Its data are JSON with conversation, seq, sender, name, at (microseconds), body, card (object or null),
    via (partner or null) and reply_to (a seq or null); ids are spelled as in URLs.
    """
    data: dict[str, Any] = {
        "conversation": known.spelled,
        "seq": message.seq,
        "sender": known.voices[message.sender_id].spelled,
        "name": message.sender_name,
        "at": message.sent_at,
        "body": message.body,
        "card": None if message.card is None else msgspec.Raw(message.card.encode()),
        "via": message.via_partner,
        "reply_to": message.reply_to,
    }
    return b"event: message\ndata: " + _encoder.encode(data) + b"\n\n"
