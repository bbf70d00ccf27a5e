"""A partner writes a message as the person, into a conversation that she chose.

One `send` event in her shared lane; the message is the event's effect, and shown as hers with the
app's name.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from vestibule.connections import using
from vestibule.connections.grants import Refusal, Scope
from vestibule.gate.admitting import Admitted, admit, digest
from vestibule.gate.errors import BadRequest, KeyReused
from vestibule.gate.ids import conversation_ref, ids_of, names_of, position
from vestibule.gate.operations.reading import rendering
from vestibule.gate.parts import Gate
from vestibule.gate.pinning import holds, pinned
from vestibule.gate.release import record, refuse
from vestibule.gate.selecting import chosen_now, visible
from vestibule.inbox import messages
from vestibule.inbox.errors import BadBody, BadClientKey, Blocked, InboxError, NotAMember
from vestibule.inbox.known import check_open, member_view
from vestibule.inbox.live import Live
from vestibule.inbox.message import Message
from vestibule.ledger.opening import Private
from vestibule.partners.authentication import Signed
from vestibule.recorder.drafts import Append, Effect, Recorded
from vestibule.recorder.effects import Handler
from vestibule.store import Store

TOPIC = "partner.message"


@dataclass(frozen=True, slots=True)
class Written:
    """The message as the partner sees it, and the event, for its receipt."""

    message: dict[str, Any]
    recorded: tuple[Recorded, ...]


async def write_message(
    gate: Gate, signed: Signed, *, conversation: str, body: str, key: str, reply_to: str | None, now: int
) -> Written:
    """Let a partner write as its token's person; under the same key it is the same leaf and the same message.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        conversation: the conversation's id as this connection knows it.
        body: 1 to 8,000 characters.
        key: idempotency key, good for this partner and person: 1 to 120 printable ASCII characters. The
            event's opening names its digest, so that no receipt can stand for two messages.
        reply_to: the id of the message that is replied to, as this connection knows it; None for none.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is decided.
        BadRequest: if body, key or reply_to cannot be understood; nothing is recorded.
        Refused: if it is not permitted, or nothing can be written there now; the refusal is recorded.
        KeyReused: if the key stands for something else.
        LogUnavailable: if it cannot be recorded now; the same again, with the same key, finishes it.
    """
    gate.rates.take(signed.partner_id, now)
    try:
        messages.check_body(body)
        messages.check_client_key(key)
    except (BadBody, BadClientKey) as error:
        raise BadRequest(str(error)) from error
    admitted = await admit(gate, signed, Scope.MESSAGES_SEND, now, conversation)
    await _check_open(gate, admitted)
    answered = None if reply_to is None else await _visible(gate, admitted, reply_to)
    await using.note_use(gate.store, admitted.connection, now)
    said = digest({"body": body} if reply_to is None else {"body": body, "reply_to": reply_to})
    event = admitted.event(
        "send",
        1,
        conversation=conversation_ref(gate, admitted.connection, admitted.conversation_id),
        messages=(said,),
        extra={"key": hashlib.sha256(key.encode()).hexdigest()},
        effect=Effect(TOPIC, _effect(admitted, body, key, answered, now)),
    )
    append = Append((event,), event_id=_event_id(admitted, key))
    recorded = await record(gate.recorder, admitted.caller, append)
    first = Private.parse(recorded[0].private)
    if (first.conversation, first.messages) != (event.conversation, event.messages):
        raise KeyReused("Idempotency-Key: stands for another message; take a new key for this one")
    return Written(await _stored(gate, admitted, key), recorded)


async def _check_open(gate: Gate, admitted: Admitted) -> None:
    """Refuse, on record, where nobody could write now; why is the person's to know, not the partner's."""
    try:
        known = await member_view(gate.store, admitted.conversation_id, admitted.person.user_id)
        check_open(known, admitted.person.user_id)
        closed = known.kind == "imported"
    except (NotAMember, Blocked):
        closed = True
    if closed:
        raise await refuse(
            gate.recorder,
            admitted.caller,
            Refusal("closed", "nothing can be written into this conversation now"),
        )


async def _visible(gate: Gate, admitted: Admitted, reply_to: str) -> int:
    """Read which message is replied to; it has to be one that this connection can see."""
    connection, conversation_id = admitted.connection, admitted.conversation_id
    seq = position(ids_of(gate, connection), conversation_id, reply_to)
    chosen = await chosen_now(gate, connection, conversation_id)
    if seq not in await visible(gate, connection, chosen, conversation_id, [seq]):
        # On record: asking again and again would tell, unseen, when somebody lets her words be seen.
        hidden = Refusal("not_visible", "only a message that this connection can see can be replied to")
        raise await refuse(gate.recorder, admitted.caller, hidden)
    return seq


def _effect(admitted: Admitted, body: str, key: str, reply_to: int | None, now: int) -> dict[str, Any]:
    message = {
        "conversation_id": admitted.conversation_id,
        "sender_id": admitted.person.user_id,
        "client_key": _client_key(admitted, key),
        "body": body,
        "card": None,
        "via_partner": admitted.connection.partner_id,
        "reply_to": reply_to,
        "now": now,
    }
    return {"message": message, "pin": pinned(admitted)}


def _client_key(admitted: Admitted, key: str) -> str:
    return f"via:{admitted.connection.partner_id}:{hashlib.sha256(key.encode()).hexdigest()}"


def _event_id(admitted: Admitted, key: str) -> bytes:
    text = f"vestibule/messages.send/v1\n{admitted.connection.partner_id}\n{admitted.person.user_id}\n{key}"
    return hashlib.sha256(text.encode()).digest()[:16]


async def _stored(gate: Gate, admitted: Admitted, key: str) -> dict[str, Any]:
    """Read the message that the event brought about.

    Raises:
        Refused: if an end of what the request stood on, or a block, came between: the leaf stands alone.
    """
    found = await messages.under_key(
        gate.store, admitted.conversation_id, admitted.person.user_id, _client_key(admitted, key)
    )
    if found is None:
        overtaken = Refusal("overtaken", "what the message stood on changed before it could be written")
        raise await refuse(gate.recorder, admitted.caller, overtaken)
    return await shown_to_writer(gate, admitted, found)


async def shown_to_writer(gate: Gate, admitted: Admitted, message: Message) -> dict[str, Any]:
    """Show the partner what it wrote."""
    ids, people = ids_of(gate, admitted.connection), {admitted.person.user_id: admitted.person}
    names = await names_of(gate, admitted.connection.partner_id, people)
    answered = message.reply_to and ids.message(message.conversation_id, message.reply_to)
    sealed = ids.message(message.conversation_id, message.seq)
    return rendering(message, sealed, names[admitted.person.user_id], answered or None)


def effect_handlers(store: Store, live: Live) -> dict[str, Handler]:
    """Return what a partner's `send` event sets in motion, by topic."""

    async def deliver(index: int, body: dict[str, Any]) -> None:
        if not await holds(store, body["pin"]):
            return
        try:
            await messages.deliver_via(store, live, event_index=index, **body["message"])
        except InboxError:
            # Blocked or gone since it was recorded: the log may over-report, never under-report.
            return

    return {TOPIC: deliver}
