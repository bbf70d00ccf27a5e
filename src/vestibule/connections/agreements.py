"""A person's word about her own words in conversations that others share. Touches the table `agreement`.

By default her words are withheld from every partner that she has not agreed to herself.
"""

from collections.abc import Iterable

from vestibule.store import Store, Tx

SET = """
    insert into agreement (user_id, partner_id, agreed, changed_at)
    values (:user_id, :partner_id, :agreed, :now)
    on conflict (user_id, partner_id) do update set agreed = excluded.agreed, changed_at = excluded.changed_at
"""
OF_PERSON = (
    "select partner_id, agreed from agreement where user_id = :user_id order by partner_id limit 10000"
)
ONE = "select agreed from agreement where user_id = :user_id and partner_id = :partner_id"


async def set_agreed(store: Store, user_id: int, partner_id: str, agreed: int, now: int) -> None:
    """Record that the person lets (1) or does not let (0) a partner see her words where others share them."""
    await store.write(lambda tx: tx.run(SET, user_id=user_id, partner_id=partner_id, agreed=agreed, now=now))


async def agreed_of(store: Store, user_id: int) -> dict[str, bool]:
    """Read her decisions by partner; a partner that is missing has none, and gets none of her words."""
    rows = await store.read(lambda tx: tx.all(OF_PERSON, user_id=user_id))
    return {partner_id: agreed == 1 for partner_id, agreed in rows}


async def agreed_among(store: Store, user_ids: Iterable[int], partner_id: str) -> frozenset[int]:
    """Return those of the people who have agreed that the partner sees their words."""

    async def work(tx: Tx) -> frozenset[int]:
        found = set()
        for user_id in user_ids:
            row = await tx.one(ONE, user_id=user_id, partner_id=partner_id)
            if row is not None and row[0] == 1:
                found.add(user_id)
        return frozenset(found)

    return await store.read(work)
