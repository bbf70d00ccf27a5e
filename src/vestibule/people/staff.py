"""Who works for the operator: ordinary accounts that whoever holds the operator's token names. Table `staff`.

Deleting an account removes its row (`people.deleting`).
"""

from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.people.errors import NotStaff
from vestibule.store import Store

ADD = "insert into staff (user_id, added_at) values (:user_id, :now) on conflict (user_id) do nothing"
REMOVE = "delete from staff where user_id = :user_id"
ONE = "select added_at from staff where user_id = :user_id"


async def add(store: Store, handle: str, now: int) -> None:
    """Let a person work for the operator. Twice is fine.

    Raises:
        NotStaff: if there is no such person, or she is a child or for trying.
    """
    person = await _person(store, handle)
    if person.kid or person.tried_by:
        raise NotStaff(f"handle: expected that of a real grown-up's account, got {handle!r}")
    await store.write(lambda tx: tx.run(ADD, user_id=person.user_id, now=now))


async def remove(store: Store, handle: str) -> None:
    """Let a person work for the operator no longer, from her next request on.

    Raises:
        NotStaff: if she did not.
    """
    person = await _person(store, handle)
    if not await store.write(lambda tx: tx.run(REMOVE, user_id=person.user_id)):
        raise NotStaff(f"handle: expected that of somebody of the staff, got {handle!r}")


async def is_staff(store: Store, user_id: int) -> bool:
    """Say whether a person works for the operator, as the store has it now."""
    return await store.read(lambda tx: tx.one(ONE, user_id=user_id)) is not None


async def _person(store: Store, handle: str) -> Account:
    person = await accounts.by_handle(store, handle)
    if person is None:
        raise NotStaff(f"handle: expected one of an account, got {handle[:40]!r}")
    return person
