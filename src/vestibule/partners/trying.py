"""Persons for trying: accounts that exist for one partner's engineers. Touches the table `trial_person`.

They are friends of each other and of nobody else (`people.friends`), and meet no other partner's dialog or
consent. All else is real: what a partner does through them is in the public log, and counts.
"""

import secrets
from dataclasses import dataclass

from vestibule.partners.errors import RegisterError
from vestibule.people import accounts, friends
from vestibule.people.accounts import Account
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox

NAMES = ("Ada", "Ben", "Cleo", "Dora", "Emil")
FLAG = "for trying"
"""Stands in every name, so that it is seen wherever the name is."""

ALL = "select handle from trial_person where partner_id = :partner_id order by handle limit 100"
COUNT = "select count(*) from trial_person where partner_id = :partner_id"
ADD = """
    insert into trial_person (partner_id, handle, added_at) values (:partner_id, :handle, :now)
    on conflict (partner_id, handle) do nothing
"""
REMOVE = "delete from trial_person where partner_id = :partner_id and handle = :handle"


@dataclass(frozen=True, slots=True)
class Made:
    """A person for trying, with the password that nobody is told again."""

    person: Account
    password: str


async def people_of(store: Store, partner_id: str) -> tuple[Account, ...]:
    """List a partner's persons for trying, by name; of those whose account was deleted, forget the rest."""
    rows = await store.read(lambda tx: tx.all(ALL, partner_id=partner_id))
    found = []
    for (handle,) in rows:
        person = await accounts.by_handle(store, handle)
        if person is None:
            await forget(store, partner_id, handle)
        else:
            found.append(person)
    return tuple(sorted(found, key=lambda person: person.name))


async def make(store: Store, outbox: Outbox, partner_id: str, now: int) -> Made:
    """Make a person for trying, a friend of the others of her partner.

    Raises:
        RegisterError: if there are enough.
    """
    others = await people_of(store, partner_id)
    free = [name for name in NAMES if all(f"{name} ({FLAG})" != other.name for other in others)]
    handle = f"try_{secrets.token_hex(5)}"

    async def work(tx: Tx) -> bool:
        row = await tx.one(COUNT, partner_id=partner_id)
        enough = row is not None and row[0] >= len(NAMES)
        return not enough and bool(await tx.run(ADD, partner_id=partner_id, handle=handle, now=now))

    if not free or not await store.write(work):
        raise RegisterError(f"expected at most {len(NAMES)} persons for trying; remove one first")
    password = secrets.token_urlsafe(12)
    person = await accounts.sign_up(
        store, handle=handle, name=f"{free[0]} ({FLAG})", password=password, now=now, tried_by=partner_id
    )
    for other in others:
        await friends.ask(store, outbox, person.user_id, other.user_id, now)
        await friends.accept(store, outbox, other.user_id, person.user_id, now)
    return Made(person, password)


async def one(store: Store, partner_id: str, handle: str) -> Account:
    """Find a partner's person for trying.

    Raises:
        RegisterError: if it has none with this handle.
    """
    person = await accounts.by_handle(store, handle)
    if person is None or person.tried_by != partner_id:
        raise RegisterError(f"handle: expected one of your persons for trying, got {handle[:40]!r}")
    return person


async def forget(store: Store, partner_id: str, handle: str) -> None:
    """Forget a person for trying whose account is deleted."""
    await store.write(lambda tx: tx.run(REMOVE, partner_id=partner_id, handle=handle))
