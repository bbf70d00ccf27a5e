"""The send dialog: opened with a checked card, then sent or cancelled, once. Touches `dialog`."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.sharing.card import Card
from vestibule.sharing.errors import DialogOver
from vestibule.store import Store

LIFETIME_MICROSECONDS = 1_800_000_000

OPEN = """
    insert into dialog (dialog_hash, partner_id, card, return_uri, state, expires_at)
    values (:dialog_hash, :partner_id, :card, :return_uri, :state, :expires_at)
"""
FIND = """
    select partner_id, card, return_uri, state, expires_at, sent_by from dialog where dialog_hash =
    :dialog_hash
"""
CLOSE = """
    update dialog set sent_by = :sent_by, choice = :choice
    where dialog_hash = :dialog_hash and (sent_by is null or (sent_by = :sent_by and choice = :choice))
"""
CANCELLED = 0


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that a partner opened.

    Attributes:
        state: the partner's own value, given back to it.
        sent_by: who sent it; `CANCELLED`; or None while it is open.
    """

    dialog_hash: bytes
    partner_id: str
    card: Card
    return_uri: str
    state: str
    expires_at: int
    sent_by: int | None


def hash_key(key: str) -> bytes:
    """Return what is stored instead of a dialog's secret key."""
    return hashlib.sha256(key.encode()).digest()


async def open_dialog(
    store: Store, *, partner_id: str, card: Card, return_uri: str, state: str, now: int
) -> str:
    """Open a dialog for half an hour and return its secret key."""
    key = secrets.token_urlsafe(24)
    await store.write(
        lambda tx: tx.run(
            OPEN,
            dialog_hash=hash_key(key),
            partner_id=partner_id,
            card=card.encode().decode(),
            return_uri=return_uri,
            state=state,
            expires_at=now + LIFETIME_MICROSECONDS,
        )
    )
    return key


async def find(store: Store, key: str, now: int) -> Dialog:
    """Find a dialog by its key.

    Raises:
        DialogOver: if there is none, or its time is over.
    """
    digest = hash_key(key)
    row = await store.read(lambda tx: tx.one(FIND, dialog_hash=digest))
    if row is None or row[4] < now:
        raise DialogOver("this dialog is over; go back to the app and press Recommend again")
    return Dialog(digest, row[0], Card.parse(row[1].encode()), *row[2:])


def choice_of(recipients: Sequence[int], note: str) -> bytes:
    """Return the SHA-256 of what a person chose, by which the same again is told from something else."""
    return hashlib.sha256(json.dumps([sorted(recipients), note]).encode()).digest()


async def close(store: Store, dialog: Dialog, sent_by: int, choice: bytes = b"") -> None:
    """Mark a dialog as sent by a person, or as `CANCELLED`; doing the same again changes nothing.

    Args:
        store: where the dialog is.
        dialog: which one.
        sent_by: who sent it, or `CANCELLED`.
        choice: what `choice_of` says of it, empty if cancelled.

    Raises:
        DialogOver: if it ended otherwise before: by somebody else, or with other recipients or note.
    """
    changed = await store.write(
        lambda tx: tx.run(CLOSE, dialog_hash=dialog.dialog_hash, sent_by=sent_by, choice=choice)
    )
    if changed != 1:
        raise DialogOver("this dialog was used already; go back to the app and press Recommend again")
