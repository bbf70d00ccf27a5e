"""Reading what a request stands on: token, connection and privilege, never from a cache."""

from vestibule.connections import listing, tokens
from vestibule.connections.grants import Scope
from vestibule.gate.decide import Ground, dead
from vestibule.ledger import tags
from vestibule.partners import register
from vestibule.partners.authentication import Signed
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.store import Store


async def standing_of(store: Store, signed: Signed, scope: Scope) -> Ground:
    """Read what a partner's request for a scope stands on now."""
    token = await tokens.find(store, signed.token) if signed.token else None
    # Another partner's token, or one bound to another key (RFC 9449), says nothing, not even that it lives.
    if token is not None and (token.partner_id, token.jkt) != (signed.partner_id, signed.jkt):
        token = None
    connection = await listing.connection(store, token.user_id, token.connection_id) if token else None
    return Ground(
        partner_id=signed.partner_id,
        connection=connection,
        privilege=await register.privilege(store, signed.partner_id, scope),
        token_expires_at=token.expires_at if token else 0,
    )


async def person_of(store: Store, ground: Ground) -> Account | None:
    """Return the person whose token it is, None without one or once her account is deleted.

    A deletion ends her connections by commits of their own, which a crash can put off.
    """
    person = await accounts.by_id(store, ground.connection.user_id) if ground.connection else None
    return None if person is None or person.deleted_at is not None else person


def subject_of(ground: Ground, person: Account | None, now: int) -> bytes:
    """Return in whose name a refusal is recorded: `NOBODY` without a live token.

    Otherwise whoever once held a token could fill the person's lane with refusals for ever.
    """
    return person.subject if person and dead(ground, now) is None else tags.NOBODY
