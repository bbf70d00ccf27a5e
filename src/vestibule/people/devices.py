"""Browsers that have signed in as a person before, by a cookie of theirs. Touches the table known_device.

Guesses from elsewhere fill the budgets of `throttle`; a known browser has one of its own, so that nobody can
shut a person out of the browser she always uses (OWASP, "Slow down online guessing attacks with device
cookies"). The cookie alone signs nobody in.
"""

from vestibule.people.tokens import digest, new_token, owner_of
from vestibule.store import Store, Tx

LIFETIME = 180 * 86_400_000_000  # 180 days in microseconds
MOST = 50

_KNOWN = """
select expires_at from known_device where user_id = :user_id and device_hash = :device_hash
"""
_KEEP = """
insert into known_device (user_id, device_hash, expires_at) values (:user_id, :device_hash, :expires_at)
on conflict (user_id, device_hash) do update set expires_at = excluded.expires_at
"""
_OLDEST = """
select device_hash from known_device where user_id = :user_id order by expires_at desc, device_hash limit 200
"""
_DELETE = "delete from known_device where user_id = :user_id and device_hash = :device_hash"
_DELETE_OTHERS = "delete from known_device where user_id = :user_id and device_hash <> :device_hash"
RECOVER_OVER = """
delete from known_device where (user_id, device_hash) in
    (select user_id, device_hash from known_device where expires_at < :now
     order by expires_at, user_id, device_hash limit 500)
"""


async def known(store: Store, user_id: int, device: str, now: int) -> bool:
    """Whether a browser has signed in as this person before."""
    if owner_of(device) != user_id:
        return False
    row = await store.read(lambda tx: tx.one(_KNOWN, user_id=user_id, device_hash=digest(device)))
    return row is not None and row[0] > now


async def remember(store: Store, user_id: int, device: str, now: int) -> str:
    """Remember a browser that has just signed in as this person; returns its token, new if it had none."""
    token = device if await known(store, user_id, device, now) else new_token(user_id)

    async def write(tx: Tx) -> None:
        await tx.run(_KEEP, user_id=user_id, device_hash=digest(token), expires_at=now + LIFETIME)
        for (device_hash,) in (await tx.all(_OLDEST, user_id=user_id))[MOST:]:
            await tx.run(_DELETE, user_id=user_id, device_hash=device_hash)

    await store.write(write)
    return token


async def forget_others_in(tx: Tx, user_id: int, device: str) -> None:
    """Forget, in a transaction, every browser of this person but one; "" keeps none."""
    await tx.run(_DELETE_OTHERS, user_id=user_id, device_hash=digest(device))


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the browsers that did not sign in for long; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
