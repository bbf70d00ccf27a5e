"""What happens to recommendations, as it is counted. Touches the tables `engagement` and `engagement_salt`.

Each event is staged in the transaction that makes the fact itself, so that none is lost and none comes twice.
No person is in it: who it was about is a key that changes every fortnight, and cannot be made again once its
salt is forgotten.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass
from typing import Literal

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.fortnight import Fortnight
from vestibule.sharing.placement import Placement
from vestibule.store import Store, Tx, ids

KEY_BYTES = 16
SALT_BYTES = 32
KEPT_DAYS = 60
"""How long a fortnight's salt is kept after the fortnight's first day."""
Happened = Literal["dialog", "send", "delivery", "click", "mute", "report"]

STAGE = """
    insert into engagement (event_id, batch, day, partner_id, kind, interface, surface, variant, campaign,
        recipient_kind, counted, person)
    values (:event_id, 0, :day, :partner_id, :kind, :interface, :surface, :variant, :campaign,
        :recipient_kind, :counted, :person)
"""
ADD_SALT = """
    insert into engagement_salt (first_day, salt) values (:first_day, :salt)
    on conflict (first_day) do nothing
"""
SALT = "select salt from engagement_salt where first_day = :first_day"
RECOVER_SALTS = "delete from engagement_salt where first_day < :first_day"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        kind: what; a `dialog` is sent once, to however many recipients, each of whom has a `send`.
        at: when, microseconds since 1970.
        recipient_kind: how the recipient stands to the partner, empty if that is not known or differs.
        counted: False for a click that is kept and does not count.
        person: `person_key` of the recipient, empty if nobody is known.
    """

    kind: Happened
    partner_id: str
    at: int
    placement: Placement
    campaign: str = ""
    recipient_kind: str = ""
    counted: bool = True
    person: bytes = b""


async def stage(tx: Tx, event: Event) -> None:
    """Keep an event together with whatever else the transaction keeps."""
    await tx.run(
        STAGE,
        event_id=ids.new_id(event.at),
        day=event.at // MICROSECONDS_A_DAY,
        partner_id=event.partner_id,
        kind=event.kind,
        **asdict(event.placement),
        campaign=event.campaign,
        recipient_kind=event.recipient_kind,
        counted=int(event.counted),
        person=event.person,
    )


async def person_key(store: Store, user_id: int, now: int) -> bytes:
    """Return what stands for a person in this fortnight's events: 16 bytes of an HMAC under its salt."""
    first_day = Fortnight.of(now // MICROSECONDS_A_DAY).first
    row = await store.read(lambda tx: tx.one(SALT, first_day=first_day))
    if row is None:
        made = secrets.token_bytes(SALT_BYTES)
        await store.write(lambda tx: tx.run(ADD_SALT, first_day=first_day, salt=made))
        row = await store.read(lambda tx: tx.one(SALT, first_day=first_day))
    if row is None:
        raise RuntimeError(f"expected the salt of day {first_day}, which was just written, got none")
    return hmac.digest(row[0], user_id.to_bytes(8, "big"), "sha256")[:KEY_BYTES]


async def forget_salts(store: Store, now: int) -> int:
    """Forget the salts of long ago; returns how many, 0 when none is left."""
    first_day = now // MICROSECONDS_A_DAY - KEPT_DAYS
    return await store.write(lambda tx: tx.run(RECOVER_SALTS, first_day=first_day))
