"""Disclosing what ties a partner and the operator: a public leaf, and nothing but that."""

import hashlib

from vestibule.ledger.leaf import RelationshipLeaf
from vestibule.partners import register
from vestibule.partners.errors import RegisterError
from vestibule.partners.registering import check_encodable, check_words
from vestibule.recorder.drafts import Append, Recorded, Registration
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store

KINDS = ("payment", "shares", "seat", "advertising", "other")


async def disclose(
    store: Store,
    recorder: Recorder,
    *,
    partner_id: str,
    kind: str,
    band: str,
    from_day: int,
    until_day: int | None,
    document: str,
    day: int,
) -> tuple[Recorded, ...]:
    """Put a relationship on the register; the very same again is answered by the same leaf.

    Args:
        store: where the register is.
        recorder: the log.
        partner_id: with whom.
        kind: one of `KINDS`.
        band: how much, in words, such as "the partner pays 1 to 5 million euros a year".
        from_day: first UTC day, days since 1970.
        until_day: last UTC day, None while it goes on.
        document: hex SHA-256 of the document that shows it.
        day: today.

    Raises:
        RegisterError: if partner, kind or a field is not good; nothing is recorded then.
    """
    await register.registered(store, partner_id)
    if kind not in KINDS:
        raise RegisterError(f"kind: expected one of {', '.join(KINDS)}, got {kind[:80]!r}")
    check_words(band=band)

    def leaf(on: int) -> RelationshipLeaf:
        return RelationshipLeaf(partner_id, kind, band, from_day, until_day, document, on)

    check_encodable(day, leaf)
    key = f"vestibule/relationship/v1\n{partner_id}\n{kind}\n{band}\n{from_day}\n{until_day}\n{document}"
    event_id = hashlib.sha256(key.encode()).digest()[:16]
    return await recorder.append(Append((Registration(leaf, None),), event_id=event_id))
