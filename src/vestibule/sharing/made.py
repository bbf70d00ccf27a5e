"""Which invitations a person made, by the hash of each one's token. Touches the table `invited`."""

from vestibule.store import Store

ADD = """
    insert into invited (user_id, invitation_hash, expires_at)
    values (:user_id, :invitation_hash, :expires_at)
    on conflict (user_id, invitation_hash) do nothing
"""
OF_PERSON = """
    select invitation_hash, expires_at from invited where user_id = :user_id and expires_at > :now
    order by expires_at desc, invitation_hash limit 200
"""
FORGET = "delete from invited where user_id = :user_id"
RECOVER_OVER = """
    delete from invited where (user_id, invitation_hash) in
    (select user_id, invitation_hash from invited where expires_at <= :now
    order by expires_at, user_id, invitation_hash limit 500)
"""


async def add(store: Store, user_id: int, digest: bytes, *, expires_at: int) -> None:
    """Note an invitation before it is kept; the same again changes nothing."""
    await store.write(lambda tx: tx.run(ADD, user_id=user_id, invitation_hash=digest, expires_at=expires_at))


async def of_person(store: Store, user_id: int, now: int) -> tuple[tuple[bytes, int], ...]:
    """List the newest 200: hash of the token, and when it expires (microseconds since 1970)."""
    rows = await store.read(lambda tx: tx.all(OF_PERSON, user_id=user_id, now=now))
    return tuple((digest, expires_at) for digest, expires_at in rows)


async def forget(store: Store, user_id: int) -> None:
    """Forget which ones a deleted person made; nobody can take them any more."""
    await store.write(lambda tx: tx.run(FORGET, user_id=user_id))


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of those that have expired; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
