"""A partner deletes a message that it wrote as the person itself, and no other.

One `delete` event in her shared lane, and an exposure for every other member, whose conversation it changes.
Of members who have not agreed to this partner it learns nothing: theirs stand in their own lane. The effect
leaves the message's place, without its words.
"""

import dataclasses
import hashlib
from typing import Any
from urllib.parse import urlsplit

from vestibule.connections import using
from vestibule.connections.grants import Refusal, Scope
from vestibule.gate.admitting import Admitted, admit
from vestibule.gate.errors import BadRequest, KeyReused
from vestibule.gate.ids import conversation_ref, ids_of, position
from vestibule.gate.parts import Gate
from vestibule.gate.pinning import holds, pinned
from vestibule.gate.release import record, refuse
from vestibule.gate.selecting import agreed_among, others_in, within
from vestibule.inbox import messages
from vestibule.inbox.message import Message
from vestibule.ledger import tags
from vestibule.ledger.opening import Private
from vestibule.ledger.request import SignedRequest
from vestibule.partners.authentication import Signed
from vestibule.people import accounts
from vestibule.recorder.drafts import Append, Draft, Effect, Recorded
from vestibule.recorder.effects import Handler
from vestibule.store import Store
from vestibule.store.ids import encode

TOPIC = "partner.deletion"


async def delete_message(
    gate: Gate, signed: Signed, *, conversation: str, message: str, key: str | None = None, now: int
) -> tuple[str, ...]:
    """Delete what this partner wrote as its token's person; again, it is answered by the same leaf.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        conversation: the conversation's id as this connection knows it.
        message: the message's.
        key: idempotency key, good for this partner's deletions for this person; None for none, since the
            address names one message. The event's opening names its digest.
        now: microseconds since 1970.

    Returns:
        The receipts of the events that this partner may open.

    Raises:
        TooManyRequests: before anything is decided.
        Refused: if it is not permitted, or this partner did not write the message; the refusal is recorded.
        KeyReused: if the key stands for the deletion of another message.
        LogUnavailable: if it cannot be recorded now; the same again finishes it.
    """
    gate.rates.take(signed.partner_id, now)
    admitted = await admit(gate, signed, Scope.MESSAGES_DELETE, now, conversation)
    found = await _own(gate, admitted, message)
    if found is None:
        foreign = Refusal("not_own", "only messages that this partner wrote for the person can be deleted")
        raise await refuse(gate.recorder, admitted.caller, foreign)
    await using.note_use(gate.store, admitted.connection, now)
    under_key = None if key is None else _under_key(admitted, key)
    if found.taken_back is None or (under_key is not None and await gate.recorder.recorded_under(under_key)):
        events = await _events(gate, admitted, found, key)
        return await _carried_out(gate, admitted, found, events)
    receipt = await gate.recorder.receipt(found.taken_back, admitted.person.subject)
    return () if receipt is None else (receipt,)


async def _carried_out(gate: Gate, admitted: Admitted, message: Message, events: Append) -> tuple[str, ...]:
    recorded = await record(gate.recorder, admitted.caller, events)
    first = Private.parse(recorded[0].private)
    if first.extra and _place(first.request) != _place(admitted.signed.request):
        raise KeyReused(
            "Idempotency-Key: stands for the deletion of another message; take a new key for this"
        )
    again = await messages.numbered(gate.store, message.conversation_id, [message.seq])
    if again[message.seq].taken_back is None:
        await gate.recorder.keep_back(admitted.connection.partner_id, recorded)
        overtaken = Refusal("overtaken", "what the deletion stood on changed before it was carried out")
        raise await refuse(gate.recorder, admitted.caller, overtaken)
    return tuple(leaf.receipt() for leaf in recorded if _is_shared(leaf))


async def _own(gate: Gate, admitted: Admitted, text: str) -> Message | None:
    """Find a message by its id if this partner wrote it for this person, and the selection reaches it."""
    try:
        seq = position(ids_of(gate, admitted.connection), admitted.conversation_id, text)
    except BadRequest:
        return None
    found = (await messages.numbered(gate.store, admitted.conversation_id, [seq])).get(seq)
    if found is None or not within(admitted.connection.grant, [found]):
        return None
    # A card is what she sent herself, in this partner's dialog.
    wrote = (found.via_partner, found.sender_id, found.card)
    return found if wrote == (admitted.connection.partner_id, admitted.person.user_id, None) else None


def _place(request: SignedRequest | None) -> str:
    """Say which message an address names: its ids are this connection's alone."""
    return "" if request is None else urlsplit(request.target_uri).path


def _under_key(admitted: Admitted, key: str) -> bytes:
    connection = admitted.connection
    text = f"vestibule/messages.delete/key/v1\n{connection.partner_id}\n{connection.user_id}\n{key}"
    return hashlib.sha256(text.encode()).digest()[:16]


async def _events(gate: Gate, admitted: Admitted, message: Message, key: str | None) -> Append:
    connection = admitted.connection
    others = await others_in(gate, connection, message.conversation_id)
    agreed = await agreed_among(gate, connection, others, message.conversation_id)
    body = {
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "sender_id": message.sender_id,
        "via_partner": message.via_partner,
    }
    deletion = admitted.event(
        "delete",
        1,
        conversation=conversation_ref(gate, connection, message.conversation_id),
        extra={} if key is None else {"key": hashlib.sha256(key.encode()).hexdigest()},
        effect=Effect(TOPIC, {"message": body, "pin": pinned(admitted)}),
    )
    exposures = [
        _exposure(deletion, member.subject, message, agreed=member.user_id in agreed)
        for member in (await accounts.by_ids(gate.store, others)).values()
    ]
    if key is not None:
        return Append((deletion, *exposures), event_id=_under_key(admitted, key))
    # Whom it touches is part of what it is: one who left meanwhile makes it another event. So is the
    # connection as it stands: an event that its change overtook carries nothing out any more.
    touched = " ".join(str(other) for other in sorted(others))
    under = f"{connection.connection_id}\n{connection.version}"
    text = f"vestibule/messages.delete/v2\n{message.conversation_id}\n{message.seq}\n{touched}\n{under}"
    return Append((deletion, *exposures), event_id=hashlib.sha256(text.encode()).digest()[:16])


def _exposure(deletion: Draft, subject: bytes, message: Message, *, agreed: bool) -> Draft:
    return dataclasses.replace(
        deletion,
        kind="exposure",
        lane=tags.SHARED if agreed else tags.OWN,
        subject=subject,
        conversation=deletion.conversation if agreed else encode(message.conversation_id),
        items=1,
        extra={},
        effect=None,
    )


def _is_shared(leaf: Recorded) -> bool:
    return Private.parse(leaf.private).lane == tags.SHARED


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what a `delete` event sets in motion, by topic."""

    async def take_back(index: int, body: dict[str, Any]) -> None:
        if await holds(store, body["pin"]):
            await messages.take_back(store, event_index=index, **body["message"])

    return {TOPIC: take_back}
