"""Recommendations for somebody who is not here: a link to hand over. Touches the table `invitation`.

Nothing says for whom it is meant. Whoever opens it first and takes it has it; after 14 days it is forgotten.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass

from vestibule.sharing import made
from vestibule.sharing.card import Card
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.errors import InvitationOver
from vestibule.sharing.placement import Placement
from vestibule.store import Store

KEPT = 14 * 86_400_000_000
TOKEN_BYTES = 24

ADD = """
    insert into invitation (invitation_hash, sender_id, partner_id, dialog_hash, card, surface, interface,
        variant, note, expires_at)
    values (:invitation_hash, :sender_id, :partner_id, :dialog_hash, :card, :surface, :interface, :variant,
        :note, :expires_at)
    on conflict (invitation_hash) do nothing
"""
FIND = """
    select sender_id, note, taken_by, dialog_hash, partner_id, card, surface, interface, variant
    from invitation where invitation_hash = :invitation_hash and expires_at > :now
"""
TAKE = """
    update invitation set taken_by = :user_id
    where invitation_hash = :invitation_hash and expires_at > :now
        and (taken_by is null or taken_by = :user_id)
"""
WITHDRAW = """
    update invitation set taken_by = sender_id, note = ''
    where invitation_hash = :invitation_hash and sender_id = :sender_id and expires_at > :now
        and (taken_by is null or taken_by = sender_id)
"""
RECOVER_OVER = """
    delete from invitation where invitation_hash in
    (select invitation_hash from invitation where expires_at <= :now
    order by expires_at, invitation_hash limit 500)
"""
OVER = "this invitation is over, or somebody has taken it; ask for another one"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation's link stands for; `dialog` is what was sent, as far as it is still needed."""

    invitation_hash: bytes
    sender_id: int
    note: str
    taken_by: int | None
    dialog: Dialog

    def check_left_for(self, user_id: int | None) -> None:
        """Refuse to show it to anybody but the one who has it, once somebody has.

        Raises:
            InvitationOver: so it is.
        """
        if self.taken_by is not None and user_id != self.taken_by:
            raise InvitationOver(OVER)
        if self.is_withdrawn:
            raise InvitationOver("you have withdrawn this invitation")

    @property
    def is_withdrawn(self) -> bool:
        """Say whether its sender took it back: then she has it herself, and nobody else can."""
        return self.taken_by == self.sender_id


def token_of(secret: bytes, dialog_hash: bytes) -> str:
    """Return the link's token: the same for the same dialog, so that sending twice shows it twice."""
    made = hmac.digest(secret, b"vestibule/invitation/v1\0" + dialog_hash, "sha256")
    return urlsafe_b64encode(made[:TOKEN_BYTES]).decode()


def hash_token(token: str) -> bytes:
    """Return what is stored instead of a link's token."""
    return hashlib.sha256(token.encode()).digest()


async def add(store: Store, token: str, dialog: Dialog, *, sender_id: int, note: str, now: int) -> None:
    """Keep an invitation; keeping the same again changes nothing."""
    # First where its sender finds it: there is none that she could not withdraw.
    await made.add(store, sender_id, hash_token(token), expires_at=now + KEPT)
    await store.write(
        lambda tx: tx.run(
            ADD,
            invitation_hash=hash_token(token),
            sender_id=sender_id,
            partner_id=dialog.partner_id,
            dialog_hash=dialog.dialog_hash,
            card=dialog.card.encode().decode(),
            **asdict(dialog.placement),
            note=note,
            expires_at=now + KEPT,
        )
    )


async def find(store: Store, token: str, now: int) -> Invitation:
    """Find what a token stands for.

    Raises:
        InvitationOver: if there is none, or it has expired.
    """
    found = await find_hashed(store, hash_token(token), now)
    if found is None:
        raise InvitationOver(OVER)
    return found


async def find_hashed(store: Store, digest: bytes, now: int) -> Invitation | None:
    """Find an invitation by its token's hash; None if there is none, or it has expired."""
    row = await store.read(lambda tx: tx.one(FIND, invitation_hash=digest, now=now))
    if row is None:
        return None
    sender_id, note, taken_by, dialog_hash, partner_id, card, *words = row
    dialog = Dialog(dialog_hash, partner_id, Card.of(json.loads(card)), "", "", Placement(*words))
    return Invitation(digest, sender_id, note, taken_by, dialog)


async def take(store: Store, invitation: Invitation, user_id: int, now: int) -> None:
    """Let one person have it; the same person again changes nothing.

    Raises:
        InvitationOver: if somebody else has it, or it has expired.
    """
    digest = invitation.invitation_hash
    taken = await store.write(lambda tx: tx.run(TAKE, invitation_hash=digest, user_id=user_id, now=now))
    if taken != 1:
        raise InvitationOver(OVER)


async def withdraw(store: Store, sender_id: int, digest: bytes, now: int) -> None:
    """Let nobody take an invitation any more, and forget its note; withdrawn again, it stays so.

    Raises:
        InvitationOver: if it is not this sender's, somebody has taken it, or it has expired.
    """
    withdrawn = await store.write(
        lambda tx: tx.run(WITHDRAW, invitation_hash=digest, sender_id=sender_id, now=now)
    )
    if withdrawn != 1:
        raise InvitationOver("this invitation is over, or somebody has taken it")


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of those that have expired; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
