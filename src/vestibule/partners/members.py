"""Who acts for a partner in the console: ordinary accounts that the operator names.

Touches the table `partner_member`, from which deleting an account removes its rows (`people.deleting`).
"""

from vestibule.partners import register
from vestibule.partners.errors import RegisterError
from vestibule.partners.register import Partner
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.store import Store

ADD = """
    insert into partner_member (user_id, partner_id, added_at) values (:user_id, :partner_id, :now)
    on conflict (user_id, partner_id) do nothing
"""
REMOVE = "delete from partner_member where user_id = :user_id and partner_id = :partner_id"
ONE = "select added_at from partner_member where user_id = :user_id and partner_id = :partner_id"
OF_PERSON = "select partner_id from partner_member where user_id = :user_id order by partner_id limit 100"
ADMIN_OF_PARTNER = """
    select user_id from partner_member where partner_id = :partner_id order by user_id limit 1000
"""


async def add(store: Store, partner_id: str, handle: str, now: int) -> None:
    """Let a person act for a partner. Twice is fine.

    Raises:
        RegisterError: if there is no such partner or person, or she is a child or for trying.
    """
    await register.registered(store, partner_id)
    person = await _person(store, handle)
    if person.kid or person.tried_by:
        raise RegisterError(f"handle: expected that of a real grown-up's account, got {handle!r}")
    await store.write(lambda tx: tx.run(ADD, user_id=person.user_id, partner_id=partner_id, now=now))


async def remove(store: Store, partner_id: str, handle: str) -> None:
    """Let a person act for a partner no longer, from her next request on.

    Raises:
        RegisterError: if she did not.
    """
    person = await _person(store, handle)
    if not await store.write(lambda tx: tx.run(REMOVE, user_id=person.user_id, partner_id=partner_id)):
        raise RegisterError(f"handle: expected that of a member of {partner_id[:80]!r}, got {handle!r}")


async def is_member(store: Store, partner_id: str, user_id: int) -> bool:
    """Say whether a person acts for a partner, as the store has it now."""
    return await store.read(lambda tx: tx.one(ONE, user_id=user_id, partner_id=partner_id)) is not None


async def check_impartial(store: Store, partner_id: str, user_id: int) -> None:
    """See that a person does not decide for the operator about a partner that she acts for.

    Raises:
        RegisterError: if she does.
    """
    if await is_member(store, partner_id, user_id):
        raise RegisterError(f"expected somebody of the staff who does not act for {partner_id} too, got you")


async def partners_of(store: Store, user_id: int) -> tuple[Partner, ...]:
    """List the partners that a person acts for."""
    rows = await store.read(lambda tx: tx.all(OF_PERSON, user_id=user_id))
    found = [await register.partner(store, row[0]) for row in rows]
    return tuple(partner for partner in found if partner is not None)


async def members_of(store: Store, partner_id: str) -> tuple[Account, ...]:
    """List who acts for a partner, by name."""
    rows = await store.read(lambda tx: tx.all(ADMIN_OF_PARTNER, partner_id=partner_id))
    found = await accounts.by_ids(store, [row[0] for row in rows])
    there = (person for person in found.values() if person.deleted_at is None)
    return tuple(sorted(there, key=lambda person: (person.name, person.handle)))


async def _person(store: Store, handle: str) -> Account:
    person = await accounts.by_handle(store, handle)
    if person is None:
        raise RegisterError(f"handle: expected one of an account, got {handle[:40]!r}")
    return person
