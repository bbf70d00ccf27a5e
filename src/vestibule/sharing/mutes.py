"""Partners whose recommendations a person does not want to see. Touches the table `mute`.

Neither sender nor log can notice. Mutes are counted, and shown only where there are many.
"""

from vestibule.sharing.engagement import Event, stage
from vestibule.store import Store, Tx

MUTE = """
    insert into mute (user_id, partner_id, muted_at) values (:user_id, :partner_id, :muted_at)
    on conflict (user_id, partner_id) do nothing
"""
UNMUTE = "delete from mute where user_id = :user_id and partner_id = :partner_id"
OF_PERSON = "select partner_id from mute where user_id = :user_id order by partner_id"
FORGET = "delete from mute where user_id = :user_id"


async def mute(store: Store, user_id: int, event: Event) -> None:
    """Let a person see no recommendations of a partner any more, and count it; twice is fine.

    Args:
        store: where it is kept.
        user_id: who.
        event: that she does, as it is counted.
    """

    async def work(tx: Tx) -> None:
        if await tx.run(MUTE, user_id=user_id, partner_id=event.partner_id, muted_at=event.at):
            await stage(tx, event)

    await store.write(work)


async def unmute(store: Store, user_id: int, partner_id: str) -> None:
    """Let her see them again, also those that came meanwhile."""
    await store.write(lambda tx: tx.run(UNMUTE, user_id=user_id, partner_id=partner_id))


async def muted_by(store: Store, user_id: int) -> frozenset[str]:
    """Return the partners whose recommendations a person does not want to see."""
    rows = await store.read(lambda tx: tx.all(OF_PERSON, user_id=user_id))
    return frozenset(partner_id for (partner_id,) in rows)


async def forget(store: Store, user_id: int) -> None:
    """Forget what a deleted person muted."""
    await store.write(lambda tx: tx.run(FORGET, user_id=user_id))
