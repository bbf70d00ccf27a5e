"""Click links: `/r/<token>` counts and leads to the partner. Touches the tables `click_link` and `click`."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from vestibule.store import Store, Tx, ids

DAY = 86_400_000_000

ADD_LINK = """
    insert into click_link (link_hash, partner_id, conversation_id, sender_id, target, created_at)
    values (:link_hash, :partner_id, :conversation_id, :sender_id, :target, :created_at)
    on conflict (link_hash) do nothing
"""
FIND = "select partner_id, conversation_id, sender_id, target from click_link where link_hash = :link_hash"
ADD_CLICK = """
    insert into click (link_hash, click_id, clicked_at, counted, reason, counted_for)
    values (:link_hash, :click_id, :clicked_at, :counted, :reason, :counted_for)
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


@dataclass(frozen=True, slots=True)
class ClickLink:
    """Where a click link leads, and in which conversation it stands."""

    link_hash: bytes
    partner_id: str
    conversation_id: int
    sender_id: int
    target: str


def hash_token(token: str) -> bytes:
    """Return what is stored instead of the link's token."""
    return hashlib.sha256(token.encode()).digest()


async def add_link(
    store: Store, *, token: str, partner_id: str, conversation_id: int, sender_id: int, target: str, now: int
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
        )
    )


async def find(store: Store, token: str) -> ClickLink | None:
    """Find what a token leads to."""
    digest = hash_token(token)
    row = await store.read(lambda tx: tx.one(FIND, link_hash=digest))
    return None if row is None else ClickLink(digest, *row)


def not_counted_because(
    *, method: str, purpose: str, clicked_by: int | None, sender_id: int, members: Collection[int]
) -> str:
    """Say why a click is not a recipient's click; empty if it is one.

    Args:
        method: HTTP method.
        purpose: the Sec-Purpose or Purpose field.
        clicked_by: the signed-in person, None if nobody is.
        sender_id: who sent the recommendation.
        members: who is in the conversation it stands in.
    """
    if method != "GET":
        return "not a GET"
    if "prefetch" in purpose.lower():
        return "prefetch"
    if clicked_by is None:
        return "not signed in"
    if clicked_by == sender_id:
        return "the sender herself"
    return "" if clicked_by in members else "not in the conversation"


async def count(store: Store, link: ClickLink, *, clicked_by: int | None, reason: str, now: int) -> None:
    """Record a click: counted if there is no reason against it, once for each person and UTC day.

    Who clicked is kept only with a counted click, to know her again that day.
    """
    day = now - now % DAY

    async def work(tx: Tx) -> None:
        why = reason
        if not why:
            row = await tx.one(
                COUNTED_TODAY,
                link_hash=link.link_hash,
                counted_for=clicked_by,
                from_time=day,
                to_time=day + DAY,
            )
            why = "again today" if row and row[0] else ""
        await tx.run(
            ADD_CLICK,
            link_hash=link.link_hash,
            click_id=ids.new_id(now),
            clicked_at=now,
            counted=0 if why else 1,
            reason=why,
            counted_for=None if why else clicked_by,
        )

    await store.write(work)


async def counted_for(store: Store, partner_id: str) -> int:
    """Count the counted clicks of a partner's cards."""
    row = await store.read(lambda tx: tx.one(ADMIN_COUNTED, partner_id=partner_id))
    return 0 if row is None else int(row[0])
