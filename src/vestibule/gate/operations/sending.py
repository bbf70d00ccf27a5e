"""A person sends through a partner's dialog. The partner learns only that it was sent.

One `send` event per recipient, in the recipient's own lane, all in one commit; the message is the event's
effect. A recipient who lets the partner know what is recommended to her has it told there, too.
"""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from vestibule.gate.operations import receiving
from vestibule.gate.parts import Gate
from vestibule.inbox import conversations, messages
from vestibule.inbox.errors import InboxError
from vestibule.inbox.live import Live
from vestibule.ledger import tags
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft, Effect, Recorded
from vestibule.recorder.effects import Handler
from vestibule.sharing import card as cards
from vestibule.sharing import clicks, dialogs, recommended
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.errors import DialogOver
from vestibule.store import Store
from vestibule.store.ids import encode

MOST_RECIPIENTS = 20
TOPIC = "dialog.deliver"
NOT_OF_MESSAGE = frozenset({"token", "target", "recipient_id", "recommended"})


async def send_dialog(
    gate: Gate, dialog: Dialog, *, sender: Account, recipients: Sequence[int], note: str, now: int
) -> tuple[Recorded, ...]:
    """Send a dialog's card with a note to friends; sent again, it is the same messages and leaves.

    Raises:
        DialogOver: if the dialog was used otherwise, or recipients or note are not acceptable.
        InboxError: if somebody cannot be written to; nothing is recorded then.
        LogUnavailable: if it cannot be recorded now; pressing Send again finishes it.
    """
    chosen = sorted(set(recipients))
    if not 1 <= len(chosen) <= MOST_RECIPIENTS:
        raise DialogOver(f"choose 1 to {MOST_RECIPIENTS} friends, got {len(chosen)}")
    if note:
        messages.check_body(note)
    friends = await accounts.by_ids(gate.store, chosen)
    opened = {
        friend: await conversations.open_pair(gate.store, gate.outbox, sender.user_id, friend, now)
        for friend in friends
    }
    await dialogs.close(gate.store, dialog, sender.user_id, dialogs.choice_of(chosen, note))
    drafts = tuple(
        _event(dialog, sender, friends[friend], conversation_id=opened[friend], note=note, now=now)
        for friend in opened
    )
    event_id = hashlib.sha256(b"vestibule/dialog/v1\0" + dialog.dialog_hash).digest()[:16]
    return await gate.recorder.append(Append(drafts, event_id=event_id))


def _event(
    dialog: Dialog, sender: Account, recipient: Account, *, conversation_id: int, note: str, now: int
) -> Draft:
    token = secrets.token_urlsafe(18)
    body = {
        "conversation_id": conversation_id,
        "sender_id": sender.user_id,
        "client_key": f"dialog:{dialog.dialog_hash.hex()}",
        "body": note,
        "card": cards.shown(dialog.card, f"/r/{token}"),
        "via_partner": dialog.partner_id,
        "token": token,
        "target": dialog.card.link,
        "recipient_id": recipient.user_id,
        "recommended": recommended.fields_of(dialog.card),
        "now": now,
    }
    return Draft(
        "send",
        "dialog",
        dialog.partner_id,
        tags.OWN,
        recipient.subject,
        1,
        conversation=encode(conversation_id),
        effect=Effect(TOPIC, body),
    )


def effect_handlers(store: Store, live: Live) -> dict[str, Handler]:
    """Return what a dialog's event sets in motion, by topic."""

    async def deliver(index: int, body: dict[str, Any]) -> None:
        await clicks.add_link(
            store,
            token=body["token"],
            partner_id=body["via_partner"],
            conversation_id=body["conversation_id"],
            sender_id=body["sender_id"],
            target=body["target"],
            now=body["now"],
        )
        message = {name: value for name, value in body.items() if name not in NOT_OF_MESSAGE}
        try:
            await messages.deliver_via(store, live, event_index=index, **message)
        except InboxError:
            # Blocked or gone since it was recorded: the log may over-report, never under-report.
            return
        await receiving.arrived(
            store,
            body["recipient_id"],
            body["via_partner"],
            event_index=index,
            card=body["recommended"],
            now=body["now"],
        )

    return {TOPIC: deliver}
