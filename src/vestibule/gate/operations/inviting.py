"""Somebody takes an invitation: she and its sender become friends, and the card comes with her own event."""

import hashlib

from vestibule.gate.operations import sending
from vestibule.gate.parts import Gate
from vestibule.inbox import conversations
from vestibule.partners import register
from vestibule.people import accounts, friends
from vestibule.people.accounts import Account
from vestibule.people.errors import PeopleError
from vestibule.sharing import invitations
from vestibule.sharing.errors import DialogOver, InvitationOver
from vestibule.sharing.invitations import Invitation


async def sender_of(gate: Gate, invitation: Invitation) -> Account:
    """Return who invites.

    Raises:
        InvitationOver: if she has left, or the partner is suspended.
    """
    sender = await accounts.by_id(gate.store, invitation.sender_id)
    partner = await register.partner(gate.store, invitation.dialog.partner_id)
    if sender is None or sender.deleted_at is not None or partner is None or partner.suspended_by is not None:
        raise InvitationOver(invitations.OVER)
    return sender


async def accept(gate: Gate, token: str, person: Account, now: int) -> int:
    """Let a person take an invitation; returns the conversation in which she finds the card.

    Raises:
        InvitationOver: if it is not for her to take.
        LogUnavailable: if it cannot be recorded now; pressing again finishes it.
    """
    invitation = await invitations.find(gate.store, token, now)
    sender = await sender_of(gate, invitation)
    if sender.user_id == person.user_id:
        raise InvitationOver("this is your own invitation; hand it to somebody else")
    event_id = hashlib.sha256(b"vestibule/invitation/v1\0" + invitation.invitation_hash).digest()[:16]
    try:
        await friends.check_pair(gate.store, sender.user_id, person.user_id)
        await invitations.take(gate.store, invitation, person.user_id, now)
        # Pressed again later, it undoes no end that one of the two has put to their friendship.
        if not await gate.recorder.recorded_under(event_id):
            await friends.ask(gate.store, gate.outbox, sender.user_id, person.user_id, now)
            await friends.accept(gate.store, gate.outbox, person.user_id, sender.user_id, now)
    except PeopleError as error:  # blocked, deleted, or persons for trying
        raise InvitationOver(invitations.OVER) from error
    conversation_id = await conversations.open_pair(
        gate.store, gate.outbox, sender.user_id, person.user_id, now
    )
    drafts = await sending.events(
        gate.store,
        invitation.dialog,
        sender,
        conversation_id,
        {person.user_id: "invited"},
        invitation.note,
        now,
    )
    try:
        await sending.recorded(gate, invitation.dialog, tuple(drafts), event_id)
    except DialogOver as error:  # suspended in this very moment
        raise InvitationOver(invitations.OVER) from error
    return conversation_id
