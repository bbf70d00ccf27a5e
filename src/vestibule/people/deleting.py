"""Deleting an account: what opens it at once, what stands for her as soon as the log needs it no more.

Touches the tables account, session, passkey, passkey_claim, recovery_code, known_device, friendship, staff,
partner_member. Her handle stays claimed, so that nobody takes it on. The leaves that end her connections are
written in her name, so that her subject is destroyed after the last of them; whoever calls `destroy` has made
sure of that.
"""

import secrets

from vestibule.people import adding_passkeys, friends, open_sessions, passkeys
from vestibule.people.accounts import Account
from vestibule.people.memory import memory_of
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox

NAME = "deleted person"
_SUBJECT_BYTES = 16

_MARK = """
update account set deleted_at = :now, name = :name, handle = '', password_hash = ''
where user_id = :user_id and deleted_at is null
"""
_PASSKEYS = "delete from passkey where user_id = :user_id"
_CODES = "delete from recovery_code where user_id = :user_id"
_DEVICES = "delete from known_device where user_id = :user_id"
_MEMBERSHIPS = "delete from partner_member where user_id = :user_id"
_STAFF = "delete from staff where user_id = :user_id"
_DESTROY = """
update account set subject = :subject, destroyed_at = :now
where user_id = :user_id and deleted_at is not null and destroyed_at is null
"""
RECOVER_UNFINISHED = """
select user_id from account
where deleted_at <= :before and destroyed_at is null and user_id > :after order by user_id limit 200
"""


async def delete(store: Store, person: Account, now: int) -> None:
    """Delete an account: nothing signs in as this person any more, and no session of hers is alive.

    What remains is in `unfinished` until `destroy` was called.
    """
    held = await passkeys.credentials_of(store, person.user_id)

    async def mark(tx: Tx) -> list[bytes]:
        await tx.run(_MARK, user_id=person.user_id, now=now, name=NAME)
        for statement in (_PASSKEYS, _CODES, _DEVICES, _MEMBERSHIPS, _STAFF):
            await tx.run(statement, user_id=person.user_id)
        return await open_sessions.end_all_in(tx, person.user_id)

    try:
        open_sessions.forget(store, await store.write(mark))
    finally:
        memory_of(store).accounts.forget(person.user_id)
    for passkey in held:
        await adding_passkeys.remove(store, person, passkey.credential_id)


async def part_from_all(store: Store, outbox: Outbox, user_id: int, now: int) -> None:
    """End a deleted person's friendships and requests."""
    for tie in await friends.friends_of(store, user_id):
        await friends.unfriend(store, outbox, user_id, tie.friend_id, now)


async def unfinished(store: Store, deleted_before: int) -> list[int]:
    """List whose accounts were deleted by then, and not yet destroyed.

    Args:
        store: where they are.
        deleted_before: microseconds since 1970.
    """
    found: list[int] = []
    after = -1
    while rows := await _after(store, deleted_before, after):
        found += rows
        after = rows[-1]
    return found


async def destroy(store: Store, user_id: int, now: int) -> None:
    """Destroy a deleted person's subject: nothing that is kept says any more whose the openings were.

    Another random value takes its place, that stands for nobody.
    """
    subject = secrets.token_bytes(_SUBJECT_BYTES)
    try:
        await store.write(lambda tx: tx.run(_DESTROY, user_id=user_id, subject=subject, now=now))
    finally:
        memory_of(store).accounts.forget(user_id)


async def _after(store: Store, before: int, after: int) -> list[int]:
    rows = await store.read(lambda tx: tx.all(RECOVER_UNFINISHED, before=before, after=after))
    return [user_id for (user_id,) in rows]
