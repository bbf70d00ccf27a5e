"""Reading the register. Reads `partner`, `partner_key`, `privilege`, `partner_suspension`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vestibule.partners.errors import RegisterError
from vestibule.store import Store

PARTNER_COLUMNS = """partner_id, legal_entity, name, home_origin, redirect_uris, leaf_index,
    (select min(suspender) from partner_suspension as held
    where held.state = 'suspended' and held.partner_id = partner.partner_id)"""
ADMIN_ALL = f"select {PARTNER_COLUMNS} from partner order by partner_id limit 10000"
ONE = f"select {PARTNER_COLUMNS} from partner where partner_id = :partner_id"
KEYS = """
    select partner_id, key_id, public, from_day, until_day, leaf_index from partner_key
    where partner_id = :partner_id order by key_id limit 1000
"""
PRIVILEGE_COLUMNS = """partner_id, scope, purpose, agreement, until_day, state, leaf_index, version,
    (select min(suspender) from partner_suspension as held
    where held.state = 'suspended' and held.partner_id = privilege.partner_id)"""
PRIVILEGES = (
    f"select {PRIVILEGE_COLUMNS} from privilege where partner_id = :partner_id order by scope limit 1000"
)
PRIVILEGE = f"select {PRIVILEGE_COLUMNS} from privilege where partner_id = :partner_id and scope = :scope"


@dataclass(frozen=True, slots=True)
class Partner:
    """A company whose app works with the platform.

    Attributes:
        home_origin: where its cards may lead.
        redirect_uris: where consent and dialog may return to, compared exactly.
        leaf_index: where its entry stands in the log.
        suspended_by: `operator` or `partner` while it is suspended as a whole, else None.
    """

    partner_id: str
    legal_entity: str
    name: str
    home_origin: str
    redirect_uris: tuple[str, ...]
    leaf_index: int
    suspended_by: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """An Ed25519 key by which a partner signs, from a UTC day until another."""

    partner_id: str
    key_id: str
    public: bytes
    from_day: int
    until_day: int | None
    leaf_index: int

    def in_force(self, day: int) -> bool:
        """Say whether the key counts on a UTC day."""
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@dataclass(frozen=True, slots=True)
class Privilege:
    """What the operator lets a partner ask people for: one scope, publicly, until a UTC day.

    Attributes:
        agreement: hex SHA-256 of the agreement both sides signed.
        state: `held` or `withdrawn`.
        version: grows with every change; the gate compares it just before it releases anything.
        suspended_by: who suspended the partner as a whole, else None: no privilege of it is in force then.
    """

    partner_id: str
    scope: str
    purpose: str
    agreement: str
    until_day: int
    state: str
    leaf_index: int
    version: int
    suspended_by: str | None = None

    def in_force(self, day: int) -> bool:
        """Say whether the partner may ask for the scope on a UTC day."""
        return self.state == "held" and day <= self.until_day and self.suspended_by is None


def _partner(row: tuple[Any, ...]) -> Partner:
    partner_id, legal_entity, name, home_origin, redirect_uris, *rest = row
    return Partner(partner_id, legal_entity, name, home_origin, tuple(json.loads(redirect_uris)), *rest)


async def partners(store: Store) -> tuple[Partner, ...]:
    """List everybody on the register."""
    return tuple(_partner(row) for row in await store.read(lambda tx: tx.all(ADMIN_ALL)))


async def partner(store: Store, partner_id: str) -> Partner | None:
    """Find one partner."""
    row = await store.read(lambda tx: tx.one(ONE, partner_id=partner_id))
    return None if row is None else _partner(row)


async def registered(store: Store, partner_id: str) -> Partner:
    """Find one partner that has to be there.

    Raises:
        RegisterError: if it is not.
    """
    found = await partner(store, partner_id)
    if found is None:
        raise RegisterError(f"partner: expected the id of a partner on the register, got {partner_id[:80]!r}")
    return found


async def keys_of(store: Store, partner_id: str) -> tuple[PartnerKey, ...]:
    """List a partner's keys, also those that no longer count."""
    return tuple(PartnerKey(*row) for row in await store.read(lambda tx: tx.all(KEYS, partner_id=partner_id)))


async def privileges_of(store: Store, partner_id: str) -> tuple[Privilege, ...]:
    """List a partner's privileges, also withdrawn ones."""
    return tuple(
        Privilege(*row) for row in await store.read(lambda tx: tx.all(PRIVILEGES, partner_id=partner_id))
    )


async def privilege(store: Store, partner_id: str, scope: str) -> Privilege | None:
    """Find a partner's privilege for a scope as the store has it now, never from a cache."""
    row = await store.read(lambda tx: tx.one(PRIVILEGE, partner_id=partner_id, scope=scope))
    return None if row is None else Privilege(*row)


async def still_held(store: Store, partner_id: str, granted: Mapping[str, int], day: int) -> frozenset[str]:
    """Return those of granted scopes whose privileges hold, as the store has them now.

    Args:
        store: where the register is.
        partner_id: who was granted them.
        granted: each scope, with the log index of the privilege it was granted under: under a newer one
            the person has to be asked again.
        day: UTC day number.
    """
    held = {one.scope: one.leaf_index for one in await privileges_of(store, partner_id) if one.in_force(day)}
    return frozenset(scope for scope, index in granted.items() if held.get(scope) == index)
