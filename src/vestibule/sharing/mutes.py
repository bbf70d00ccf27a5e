"""Partners whose recommendations a person does not want to see. Touches the table `mute`.

Nobody else can notice: the sender has sent as ever, and the log counts as ever.
"""

from vestibule.store import Store

MUTE = """
    insert into mute (user_id, partner_id, muted_at) values (:user_id, :partner_id, :muted_at)
    on conflict (user_id, partner_id) do nothing
"""
UNMUTE = "delete from mute where user_id = :user_id and partner_id = :partner_id"
OF_PERSON = "select partner_id from mute where user_id = :user_id order by partner_id"
FORGET = "delete from mute where user_id = :user_id"


async def mute(store: Store, user_id: int, partner_id: str, now: int) -> None:
    """Let a person see no recommendations of a partner any more; twice is fine."""
    await store.write(lambda tx: tx.run(MUTE, user_id=user_id, partner_id=partner_id, muted_at=now))


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
