"""Cards that were read from a partner's own page, under an id. Touches the table `registered_card`."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final

from vestibule.sharing.card import Card
from vestibule.sharing.errors import BadCard
from vestibule.store import Store, Tx

PREFIX: Final = "card_"
ID: Final = re.compile(r"card_[A-Za-z0-9_-]{21}[AQgw]")
ID_BYTES: Final = 16
MOST: Final = 100_000
"""Cards of one partner."""

ADMIN_COUNT = "select count(*) from registered_card where partner_id = :partner_id"
KEEP = """
    insert into registered_card (card_id, partner_id, card, expires_at)
    values (:card_id, :partner_id, :card, :expires_at)
    on conflict (card_id) do update set card = excluded.card, expires_at = excluded.expires_at
"""
FIND = "select partner_id, card from registered_card where card_id = :card_id"
RECOVER_OVER = """
    delete from registered_card where card_id in
    (select card_id from registered_card where expires_at < :now order by expires_at, card_id limit 500)
"""


@dataclass(frozen=True, slots=True)
class Registered:
    """A card and whose it is."""

    partner_id: str
    card: Card


def id_of(partner_id: str, page: str, campaign: str) -> str:
    """Return the id of a page's card: the same page again is the same card, brought up to date."""
    named = json.dumps([partner_id, page, campaign]).encode()
    digest = hashlib.sha256(b"vestibule/registered-card/v1\0" + named).digest()[:ID_BYTES]
    return PREFIX + base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def keep(store: Store, card_id: str, partner_id: str, card: Card) -> None:
    """Keep a card that was checked, in place of what the id stood for.

    Raises:
        BadCard: if the partner has too many.
    """
    row = await store.read(lambda tx: tx.one(ADMIN_COUNT, partner_id=partner_id))
    if row is not None and row[0] >= MOST:
        raise BadCard(f"page: expected at most {MOST} registered cards, got one more")
    digest, text, expires_at = _digest(card_id), card.encode().decode(), card.expires * 1_000_000

    async def work(tx: Tx) -> int:
        return await tx.run(KEEP, card_id=digest, partner_id=partner_id, card=text, expires_at=expires_at)

    await store.write(work)


async def find(store: Store, card_id: str) -> Registered:
    """Find a registered card.

    Raises:
        BadCard: if there is none of this id, or it is over.
    """
    row = None
    if ID.fullmatch(card_id):
        digest = _digest(card_id)
        row = await store.read(lambda tx: tx.one(FIND, card_id=digest))
    if row is None:
        raise BadCard(
            f"card: expected the id of a registered card, got {card_id!r:.80}; register its page again"
        )
    return Registered(row[0], Card.of(json.loads(row[1])))


def _digest(card_id: str) -> bytes:
    return base64.urlsafe_b64decode(card_id.removeprefix(PREFIX) + "==")


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the cards that are over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
