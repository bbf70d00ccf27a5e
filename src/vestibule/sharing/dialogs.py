"""The send dialog: a partner's checked card that a person sends or cancels, once. Touches `dialog`.

Opening one writes nothing: the page carries everything, and a row is made when the person decides.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.sharing.card import Card
from vestibule.sharing.engagement import Event, stage
from vestibule.sharing.errors import DialogOver
from vestibule.sharing.placement import Placement
from vestibule.store import Store, Tx, Value

GRACE_SECONDS = 1800
"""How long after its card a dialog stays open for whoever opened it in time."""
NEVER = 2**63 - 1
"""The last time that a column holds; a card may name a later one."""
KEY = re.compile(r"[A-Za-z0-9_-]{32}")

CLAIM = """
    insert into dialog (dialog_hash, partner_id, card, return_uri, state, expires_at)
    values (:dialog_hash, :partner_id, :card, :return_uri, :state, :expires_at)
    on conflict (dialog_hash) do nothing
"""
CLOSE = """
    update dialog set sent_by = :sent_by, choice = :choice
    where dialog_hash = :dialog_hash and partner_id = :partner_id and card = :card
        and return_uri = :return_uri and state = :state
        and (sent_by is null or (sent_by = :sent_by and choice = :choice))
"""
COUNT = "update dialog set counted = 1 where dialog_hash = :dialog_hash and counted = 0"
SENT_BY = "select sent_by from dialog where dialog_hash = :dialog_hash"
RECOVER_OVER = """
    delete from dialog where dialog_hash in
    (select dialog_hash from dialog where expires_at < :now order by expires_at, dialog_hash limit 500)
"""
CANCELLED = 0


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that a person decides on.

    Attributes:
        state: the partner's own value, given back to it.
        placement: where it showed its button.
    """

    dialog_hash: bytes
    partner_id: str
    card: Card
    return_uri: str
    state: str
    placement: Placement

    @property
    def expires_at(self) -> int:
        """When it is over for everybody, in microseconds since 1970; its row is kept until then."""
        return min((self.card.expires + GRACE_SECONDS) * 1_000_000, NEVER)


def new_key() -> str:
    """Make the secret key of one opening of a dialog."""
    return secrets.token_urlsafe(24)


def hash_key(key: str) -> bytes:
    """Return what is stored instead of a dialog's secret key.

    Raises:
        DialogOver: if it is no such key.
    """
    if KEY.fullmatch(key) is None:
        raise DialogOver("this dialog is over; go back to the app and press Recommend again")
    return hashlib.sha256(key.encode()).digest()


def choice_of(friends: Sequence[int], groups: Sequence[int], note: str, *, invites: bool) -> bytes:
    """Return the SHA-256 of what a person chose, by which the same again is told from something else."""
    return hashlib.sha256(json.dumps([sorted(friends), sorted(groups), note, invites]).encode()).digest()


async def close(store: Store, dialog: Dialog, sent_by: int, choice: bytes = b"") -> None:
    """Mark a dialog as sent by a person, or as `CANCELLED`; doing the same again changes nothing.

    Args:
        store: where the dialog is.
        dialog: which one.
        sent_by: who sent it, or `CANCELLED`.
        choice: what `choice_of` says of it, empty if cancelled.

    Raises:
        DialogOver: if its key was used otherwise before: by somebody else, over another card, or with
            other recipients or note.
    """
    told: dict[str, Value] = {
        "dialog_hash": dialog.dialog_hash,
        "partner_id": dialog.partner_id,
        "card": dialog.card.encode().decode(),
        "return_uri": dialog.return_uri,
        "state": dialog.state,
    }

    async def work(tx: Tx) -> int:
        await tx.run(CLAIM, **told, expires_at=dialog.expires_at)
        return await tx.run(CLOSE, **told, sent_by=sent_by, choice=choice)

    if await store.write(work) != 1:
        raise DialogOver("this dialog was used already; go back to the app and press Recommend again")


async def count_sent(store: Store, dialog: Dialog, now: int) -> None:
    """Count a dialog among what happened, once; `now` is when it was sent, microseconds since 1970."""
    event = Event("dialog", dialog.partner_id, now, dialog.placement, dialog.card.campaign)

    async def work(tx: Tx) -> None:
        if await tx.run(COUNT, dialog_hash=dialog.dialog_hash):
            await stage(tx, event)

    await store.write(work)


async def was_sent_by(store: Store, dialog: Dialog, user_id: int) -> bool:
    """Say whether a person has sent a dialog."""
    row = await store.read(lambda tx: tx.one(SENT_BY, dialog_hash=dialog.dialog_hash))
    return row is not None and row[0] == user_id


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the dialogs that are over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
