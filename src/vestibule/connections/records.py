"""What a person agreed to and how, kept for her consent receipts. Touches the table `consent_record`."""

import secrets
from dataclasses import dataclass
from typing import Self

from vestibule.ledger import agreement as agreements
from vestibule.ledger.agreement import AGREED, RANDOM_LENGTH, Agreement
from vestibule.ledger.consent import CONSENT, Consent
from vestibule.ledger.picked import Picked
from vestibule.store import Store, Tx

EVENT_ID_LENGTH = 16

KEEP = """
    insert into consent_record (user_id, connection_id, issued, consent, agreed, random, picked)
    values (:user_id, :connection_id, :issued, :consent, :agreed, :random, :picked)
"""
OF_CONNECTION = """
    select consent, agreed, random, picked from consent_record
    where user_id = :user_id and connection_id = :connection_id order by issued desc limit 1000
"""
ONE = """
    select consent, agreed, random, picked from consent_record
    where user_id = :user_id and connection_id = :connection_id and issued = :issued
"""
FORGET = "delete from consent_record where user_id = :user_id"


@dataclass(frozen=True, slots=True)
class Record:
    """One time that a person agreed.

    Attributes:
        consent: to what.
        agreement: how.
        random: 32 bytes that open the commitment to `agreement`.
        picked: what opens the commitment to hand-picked messages in `consent`; None for another reach.
    """

    consent: Consent
    agreement: Agreement
    random: bytes
    picked: Picked | None

    @classmethod
    def fresh(cls, consent: Consent, agreement: Agreement, picked: Picked | None = None) -> Self:
        """Make the record of somebody who has just agreed."""
        return cls(consent, agreement, secrets.token_bytes(RANDOM_LENGTH), picked)

    @property
    def extra(self) -> dict[str, str]:
        """What the openings of the grant leaves say of it."""
        return {CONSENT: self.consent.encode().decode(), AGREED: self.agreement.committed(self.random)}

    @property
    def event_id(self) -> bytes:
        """The id under which its grant leaves are appended: once, and found by it again."""
        return self.consent.challenge()[:EVENT_ID_LENGTH]


async def keep(tx: Tx, user_id: int, connection_id: int, record: Record) -> None:
    """Keep a record, in the transaction that begins or changes the connection, before its leaves exist."""
    await tx.run(
        KEEP,
        user_id=user_id,
        connection_id=connection_id,
        issued=record.consent.issued,
        consent=record.consent.encode().decode(),
        agreed=record.agreement.encode().decode(),
        random=record.random,
        picked=None if record.picked is None else record.picked.to_json(),
    )


async def of(store: Store, user_id: int, connection_id: int) -> tuple[Record, ...]:
    """Read the records of a person's connection, the newest first."""
    rows = await store.read(lambda tx: tx.all(OF_CONNECTION, user_id=user_id, connection_id=connection_id))
    return tuple(_record(*row) for row in rows)


async def kept_in(tx: Tx, user_id: int, connection_id: int, issued: int) -> Record | None:
    """Read, in a transaction, the record of what was shown to a person at a moment."""
    row = await tx.one(ONE, user_id=user_id, connection_id=connection_id, issued=issued)
    return None if row is None else _record(*row)


async def one(store: Store, user_id: int, connection_id: int, issued: int) -> Record | None:
    """Read the record of what was shown to a person at a moment."""
    return await store.read(lambda tx: kept_in(tx, user_id, connection_id, issued))


async def forget(store: Store, user_id: int) -> None:
    """Destroy what a person's consent receipts are made of: from now on only she can show how she agreed."""
    await store.write(lambda tx: tx.run(FORGET, user_id=user_id))


def _record(consent: str, agreed: str, random: bytes, picked: str | None) -> Record:
    return Record(
        Consent.parse(consent.encode()),
        agreements.parse(agreed.encode()),
        random,
        None if picked is None else Picked.from_json(picked),
    )
