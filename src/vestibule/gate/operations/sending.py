"""A person sends through a partner's dialog. The partner learns only that it was sent.

One `send` event per recipient, in the recipient's own lane, all in one commit; the message is the effect of
the first event of its conversation. A recipient who lets the partner know has it told there, too.
"""

import hashlib
from collections.abc import Mapping, Sequence

from vestibule.connections import listing
from vestibule.connections.states import Status
from vestibule.gate.operations import delivering
from vestibule.gate.parts import Gate
from vestibule.inbox import conversations, messages
from vestibule.ledger import tags
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft, Recorded
from vestibule.recorder.errors import Overtaken
from vestibule.sharing import dialogs, invitations, limits
from vestibule.sharing.clicks import Kind
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.errors import DialogOver, NotForKids
from vestibule.store import Store
from vestibule.store.ids import encode

MOST_RECIPIENTS = 20
LONGEST_NOTE = 1000
"""Characters; a note goes with a recommendation, a letter is a message of its own."""


async def send_dialog(
    gate: Gate,
    dialog: Dialog,
    *,
    sender: Account,
    friends: Sequence[int],
    groups: Sequence[int] = (),
    note: str,
    invites: bool = False,
    now: int,
) -> tuple[Recorded, ...]:
    """Send a dialog's card with a note; sent again, it is the same messages and leaves.

    Args:
        gate: what the gate works with.
        dialog: what is sent.
        sender: who sends it.
        friends: to whom, each in the conversation of the two.
        groups: conversations of several; each other member of one is a recipient.
        note: her words, may be empty.
        invites: whether a link is to be handed over, too (`sharing.invitations`).
        now: microseconds since 1970.

    Raises:
        DialogOver: if the dialog was used otherwise, recipients or note are not acceptable, or the partner
            was suspended meanwhile.
        InboxError: if somebody cannot be written to; nothing is recorded then.
        LogUnavailable: if it cannot be recorded now; pressing Send again finishes it.
    """
    if sender.kid:
        raise NotForKids("a child's account recommends nothing through apps")
    if sender.tried_by not in {"", dialog.partner_id}:
        raise DialogOver("a person for trying sends through her own app only")
    _check_note(note)
    in_groups = {group: await _others(gate.store, group, sender) for group in sorted(set(groups))}
    chosen = sorted(set(friends))
    count = len(chosen) + sum(len(others) for others in in_groups.values()) + invites
    if not 1 <= count <= MOST_RECIPIENTS:
        raise DialogOver(f"choose 1 to {MOST_RECIPIENTS} recipients, got {count}")
    await limits.take(
        gate.store,
        gate.limits,
        user_id=sender.user_id,
        partner_id=dialog.partner_id,
        dialog_hash=dialog.dialog_hash,
        recipients=count,
        now=now,
    )
    pairs = {
        await conversations.open_pair(gate.store, gate.outbox, sender.user_id, friend, now): (friend,)
        for friend in chosen
    }
    choice = dialogs.choice_of(chosen, list(in_groups), note, invites=invites)
    await dialogs.close(gate.store, dialog, sender.user_id, choice)
    drafts = [
        draft
        for conversation_id, recipients in {**pairs, **in_groups}.items()
        for draft in await events(
            gate.store,
            dialog,
            sender,
            conversation_id,
            {person: await kind_of(gate.store, person, dialog.partner_id) for person in recipients},
            note,
            now,
        )
    ]
    event_id = hashlib.sha256(b"vestibule/dialog/v1\0" + dialog.dialog_hash).digest()[:16]
    leaves = await recorded(gate, dialog, tuple(drafts), event_id)
    if invites:
        token = invitations.token_of(gate.secret, dialog.dialog_hash)
        await invitations.add(gate.store, token, dialog, sender_id=sender.user_id, note=note, now=now)
    # Only now: the partner counts it when she comes back to it, and before it is recorded she does not.
    await dialogs.count_sent(gate.store, dialog, now)
    return leaves


async def recorded(
    gate: Gate, dialog: Dialog, drafts: tuple[Draft, ...], event_id: bytes
) -> tuple[Recorded, ...]:
    """Record the events of a dialog, unless its partner was suspended since the form was looked at.

    Raises:
        DialogOver: so it was; nothing was delivered.
        LogUnavailable: if it cannot be recorded now.
    """
    stopped = DialogOver("the app was suspended meanwhile; nothing was delivered")
    if await delivering.is_stopped(gate.store, dialog.partner_id):
        raise stopped
    if not drafts:
        return ()
    try:
        leaves = await gate.recorder.append(Append(drafts, event_id=event_id))
    except Overtaken as error:
        raise stopped from error
    # The effect looks once more just before it delivers; what it then leaves undone is told here.
    late = await delivering.is_stopped(gate.store, dialog.partner_id)
    if late and not await delivering.is_delivered(gate.store, drafts):
        raise stopped
    return leaves


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise DialogOver(f"write a note of up to {LONGEST_NOTE} characters, got {len(note)}")
    if note:
        messages.check_body(note)


async def kind_of(store: Store, user_id: int, partner_id: str) -> Kind:
    """Say how a person stands to a partner: connected with it, or not."""
    connection = await listing.connection_with(store, user_id, partner_id)
    return "app-friend" if connection is not None and connection.state == Status.ACTIVE else "friend"


async def _others(store: Store, group: int, sender: Account) -> tuple[int, ...]:
    """Return the members of a group but the sender and those who left the platform."""
    await conversations.require_member(store, group, sender.user_id)
    if (await conversations.about(store, group)).kind != "group":
        raise DialogOver("choose among your friends and groups")
    people = await accounts.by_ids(store, await conversations.members(store, group))
    return tuple(
        member for member, person in people.items() if member != sender.user_id and person.deleted_at is None
    )


async def events(  # noqa: PLR0917  (what the one call hands on)
    store: Store,
    dialog: Dialog,
    sender: Account,
    conversation_id: int,
    kinds: Mapping[int, Kind],
    note: str,
    now: int,
) -> list[Draft]:
    """Draft the events of one conversation, by how each recipient stands to the partner.

    The first brings the message.
    """
    recipients = list(kinds)
    people = await accounts.by_ids(store, recipients)
    alike = len(set(kinds.values())) == 1
    message = delivering.message_of(
        dialog,
        sender_id=sender.user_id,
        conversation_id=conversation_id,
        note=note,
        link_kind=kinds[recipients[0]] if alike else "",
    )
    return [
        Draft(
            "send",
            "dialog",
            dialog.partner_id,
            tags.OWN,
            people[person].subject,
            1,
            conversation=encode(conversation_id),
            effect=delivering.effect_of(
                dialog,
                recipient_id=person,
                kind=kinds[person],
                message=message if person == recipients[0] else None,
                now=now,
            ),
        )
        for person in recipients
    ]
