"""Click links: `/r/<token>` counts and leads to the partner. Touches the tables `click_link` and `click`.

A recipient's first click of a UTC day on a link counts, and takes a one-time value along by which the partner
counts the same one. Her later ones that day add to the total alone. Every other visit is kept with the reason
why it is no click. Who clicked is known until the day is over.
"""

import hashlib
import secrets
from dataclasses import asdict, dataclass, replace
from typing import Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from vestibule.sharing.engagement import Event, person_key, stage
from vestibule.sharing.placement import Placement
from vestibule.sharing.visit import AGAIN
from vestibule.store import Store, Tx, ids

DAY = 86_400_000_000
VALUE_BYTES = 16
Kind = Literal["", "app-friend", "friend", "invited"]
"""How a recipient stands to the partner: connected with it, not, or here by an invitation; empty: several."""

ADD_LINK = """
    insert into click_link (link_hash, partner_id, conversation_id, sender_id, target, created_at,
        surface, interface, variant, campaign, recipient_kind)
    values (:link_hash, :partner_id, :conversation_id, :sender_id, :target, :created_at,
        :surface, :interface, :variant, :campaign, :recipient_kind)
    on conflict (link_hash) do nothing
"""
FIND = """
    select partner_id, conversation_id, sender_id, target, recipient_kind, campaign,
        surface, interface, variant
    from click_link where link_hash = :link_hash
"""
ADD_CLICK = """
    insert into click (link_hash, click_id, clicked_at, counted, reason, counted_for, value_hash,
        recipient_kind)
    values (:link_hash, :click_id, :clicked_at, :counted, :reason, :counted_for, :value_hash,
        :recipient_kind)
"""
COUNTED_TODAY = """
    select count(*) from click
    where link_hash = :link_hash and counted_for = :counted_for
        and clicked_at >= :from_time and clicked_at < :to_time
"""
ADMIN_COUNTED = """
    select count(*) from click join click_link on click.link_hash = click_link.link_hash
    where click_link.partner_id = :partner_id and click.counted = 1
"""
ADMIN_TOTAL = """
    select count(*) from click join click_link on click.link_hash = click_link.link_hash
    where click_link.partner_id = :partner_id and (click.counted = 1 or click.reason = :again)
"""
RECOVER_NAMED = """
    update click set counted_for = null where (link_hash, click_id) in
    (select link_hash, click_id from click where counted_for is not null and clicked_at < :today
    order by clicked_at, link_hash, click_id limit 500)
"""


@dataclass(frozen=True, slots=True)
class ClickLink:
    """Where a click link leads, in which conversation it stands, and where its button stood."""

    link_hash: bytes
    partner_id: str
    conversation_id: int
    sender_id: int
    target: str
    recipient_kind: Kind
    campaign: str
    placement: Placement

    def leads_to(self, value: str) -> str:
        """Return the address to redirect to: with value and placement if the click counted, else bare."""
        if not value:
            return self.target
        placed = {f"click_{name}": word for name, word in asdict(self.placement).items() if word}
        parts = urlsplit(self.target)
        queries = (parts.query, urlencode({"click": value, **placed}))
        return urlunsplit(parts._replace(query="&".join(filter(None, queries))))


def hash_token(token: str) -> bytes:
    """Return what is stored instead of a link's token, or of a click's one-time value."""
    return hashlib.sha256(token.encode()).digest()


async def add_link(
    store: Store,
    *,
    token: str,
    partner_id: str,
    conversation_id: int,
    sender_id: int,
    target: str,
    placement: Placement,
    campaign: str,
    recipient_kind: Kind,
    now: int,
) -> None:
    """Make a link; making the same again changes nothing."""
    await store.write(
        lambda tx: tx.run(
            ADD_LINK,
            link_hash=hash_token(token),
            partner_id=partner_id,
            conversation_id=conversation_id,
            sender_id=sender_id,
            target=target,
            created_at=now,
            **asdict(placement),
            campaign=campaign,
            recipient_kind=recipient_kind,
        )
    )


async def find(store: Store, token: str) -> ClickLink | None:
    """Find what a token leads to."""
    digest = hash_token(token)
    row = await store.read(lambda tx: tx.one(FIND, link_hash=digest))
    if row is None:
        return None
    partner_id, conversation_id, sender_id, target, kind, campaign, *words = row
    placement = Placement(*words)
    return ClickLink(digest, partner_id, conversation_id, sender_id, target, kind, campaign, placement)


async def count(
    store: Store, link: ClickLink, *, clicked_by: int | None, reason: str, recipient_kind: Kind, now: int
) -> str:
    """Record a visit; returns the one-time value of a click that counts, else nothing.

    Args:
        store: where the link is.
        link: what was visited.
        clicked_by: who did, None if nobody knows.
        reason: why it is no recipient's click, empty if it is one.
        recipient_kind: how she stands to the partner.
        now: microseconds since 1970.
    """
    today = now - now % DAY
    value = secrets.token_urlsafe(VALUE_BYTES)
    person = b"" if clicked_by is None else await person_key(store, clicked_by, now)

    async def work(tx: Tx) -> str:
        why = reason
        if not why:
            row = await tx.one(
                COUNTED_TODAY,
                link_hash=link.link_hash,
                counted_for=clicked_by,
                from_time=today,
                to_time=today + DAY,
            )
            why = AGAIN if row and row[0] else ""
        await tx.run(
            ADD_CLICK,
            link_hash=link.link_hash,
            click_id=ids.new_id(now),
            clicked_at=now,
            counted=0 if why else 1,
            reason=why,
            counted_for=None if why else clicked_by,
            value_hash=None if why else hash_token(value),
            recipient_kind=recipient_kind,
        )
        event = Event("click", link.partner_id, now, link.placement, link.campaign, recipient_kind)
        await stage(tx, replace(event, counted=not why, person=person))
        return "" if why else value

    return await store.write(work)


async def counted_for(store: Store, partner_id: str) -> int:
    """Count the counted clicks of a partner's cards."""
    row = await store.read(lambda tx: tx.one(ADMIN_COUNTED, partner_id=partner_id))
    return 0 if row is None else int(row[0])


async def total_of(store: Store, partner_id: str) -> int:
    """Count all clicks of recipients on a partner's cards, repeated ones of a day too."""
    row = await store.read(lambda tx: tx.one(ADMIN_TOTAL, partner_id=partner_id, again=AGAIN))
    return 0 if row is None else int(row[0])


async def forget_who(store: Store, now: int) -> int:
    """Forget who clicked on days that are over, for some clicks; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_NAMED, today=now - now % DAY))
