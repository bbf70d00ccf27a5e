"""What a recommendation's events set in motion: the message, its click link, what is counted of it."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from vestibule.gate.operations import receiving
from vestibule.inbox import conversations, messages
from vestibule.inbox.errors import InboxError
from vestibule.inbox.live import Live
from vestibule.partners import register
from vestibule.recorder.drafts import Draft, Effect
from vestibule.recorder.effects import Handler
from vestibule.sharing import card as cards
from vestibule.sharing import clicks, mutes, recommended, sent
from vestibule.sharing.clicks import Kind
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.engagement import Event, person_key
from vestibule.sharing.placement import Placement
from vestibule.sharing.sent import Sent
from vestibule.store import Store

TOPIC = "dialog.deliver"
TOKEN_BYTES = 18


def effect_of(
    dialog: Dialog, *, recipient_id: int, kind: Kind, message: dict[str, Any] | None, now: int
) -> Effect:
    """Return what the event of one recipient sets in motion.

    Args:
        dialog: what was sent.
        recipient_id: to whom.
        kind: how she stands to the partner.
        message: as `message_of`; None if another event of the same conversation brings it.
        now: microseconds since 1970.
    """
    body = {
        "dialog": dialog.dialog_hash.hex(),
        "partner": dialog.partner_id,
        "placement": asdict(dialog.placement),
        "campaign": dialog.card.campaign,
        "recipient_id": recipient_id,
        "kind": kind,
        "recommended": recommended.fields_of(dialog.card),
        "message": message,
        "now": now,
    }
    return Effect(TOPIC, body)


def message_of(
    dialog: Dialog, *, sender_id: int, conversation_id: int, note: str, link_kind: Kind
) -> dict[str, Any]:
    """Return the message of one conversation, with the token of its click link."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return {
        "conversation_id": conversation_id,
        "sender_id": sender_id,
        "client_key": f"dialog:{dialog.dialog_hash.hex()}",
        "body": note,
        "card": cards.shown(dialog.card, f"/r/{token}"),
        "token": token,
        "target": dialog.card.link,
        "link_kind": link_kind,
    }


async def is_stopped(store: Store, partner_id: str) -> bool:
    """Say whether a partner is suspended as a whole, as the store has it now."""
    partner = await register.partner(store, partner_id)
    return partner is None or partner.suspended_by is not None


async def is_delivered(store: Store, drafts: Iterable[Draft]) -> bool:
    """Say whether a message of these events stands in its conversation."""
    bodies = [draft.effect.body["message"] for draft in drafts if draft.effect is not None]
    first = next(message for message in bodies if message is not None)
    place = first["conversation_id"], first["sender_id"], first["client_key"]
    return await messages.under_key(store, *place) is not None


def effect_handlers(store: Store, live: Live) -> dict[str, Handler]:
    """Return what carries it out, by topic."""

    async def deliver(index: int, body: dict[str, Any]) -> None:
        one = await _sent(store, index, body)
        await sent.add(store, one)
        if await is_stopped(store, body["partner"]):
            # Suspended since it was recorded: the log may over-report, never under-report.
            return
        try:
            if body["message"] is not None:
                await _bring(store, live, index, body)
        except InboxError:
            # Blocked or gone since it was recorded: the log may over-report, never under-report.
            return
        await sent.arrived(store, one)
        recipient_id = body["recipient_id"]
        if body["partner"] not in await mutes.muted_by(store, recipient_id):
            await receiving.arrived(
                store,
                recipient_id,
                body["partner"],
                event_index=index,
                card=body["recommended"],
                now=body["now"],
            )

    return {TOPIC: deliver}


async def _sent(store: Store, index: int, body: dict[str, Any]) -> Sent:
    event = Event(
        "send",
        body["partner"],
        body["now"],
        Placement(**body["placement"]),
        campaign=body["campaign"],
        recipient_kind=body["kind"],
        person=await person_key(store, body["recipient_id"], body["now"]),
    )
    return Sent(index, bytes.fromhex(body["dialog"]), event)


async def _bring(store: Store, live: Live, index: int, event: dict[str, Any]) -> None:
    """Make the click link, then the message that shows it."""
    message = dict(event["message"])
    await clicks.add_link(
        store,
        token=message.pop("token"),
        partner_id=event["partner"],
        conversation_id=message["conversation_id"],
        sender_id=message["sender_id"],
        target=message.pop("target"),
        placement=Placement(**event["placement"]),
        campaign=event["campaign"],
        recipient_kind=message.pop("link_kind"),
        now=event["now"],
    )
    conversation_id, partner_id = message["conversation_id"], event["partner"]
    others = set(await conversations.members(store, conversation_id)) - {message["sender_id"]}
    muting = sorted([one for one in others if partner_id in await mutes.muted_by(store, one)])
    delivered = await messages.deliver_via(
        store,
        live,
        event_index=index,
        via_partner=partner_id,
        now=event["now"],
        undisturbed=muting,
        **message,
    )
    for member in muting:
        await conversations.pass_over(
            store, conversation_id=conversation_id, user_id=member, seq=delivered.seq
        )
