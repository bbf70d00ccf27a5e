"""A partner's own counters, signed and on record, so that everyone can compare them with the log's totals.

Touches the table `partner`: how far its last count went.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from vestibule.ledger import leaf as leaves
from vestibule.partners.errors import RegisterError
from vestibule.partners.registering import check_encodable, check_signature
from vestibule.recorder.drafts import Append, Effect, Recorded, Registration
from vestibule.recorder.effects import Handler
from vestibule.recorder.errors import Overtaken
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store

MOST_COUNTS = 64

LAST = "select reconciled_size, reconciled_after from partner where partner_id = :partner_id"
RECONCILED = """
    update partner set reconciled_size = :size, reconciled_after = :after
    where partner_id = :partner_id and reconciled_size < :size
"""


async def reconcile(
    store: Store,
    recorder: Recorder,
    *,
    partner_id: str,
    size: int,
    counts: Mapping[str, tuple[int, int]],
    key_id: str,
    signature: bytes,
    day: int,
) -> tuple[Recorded, ...]:
    """Record what a partner counted itself in the log's first `size` leaves; the same again is one leaf.

    Args:
        store: where the register is.
        recorder: the log.
        partner_id: who counted.
        size: a size that the log has reached, more than that of the partner's last count.
        counts: "kind/op" to events and items.
        key_id: the key that signed.
        signature: over `ledger.leaf.reconcile_text`.
        day: today's UTC day number.

    Raises:
        RegisterError: if size, counts or signature are not good; nothing is recorded then.
    """
    reached = (await recorder.checkpoint()).size
    if not 1 <= size <= reached:
        raise RegisterError(f"size: expected 1 or more and at most the log's {reached}, got {size}")
    if len(counts) > MOST_COUNTS:
        raise RegisterError(f"counts: expected at most {MOST_COUNTS}, got {len(counts)}")

    def leaf(on: int) -> leaves.ReconcileLeaf:
        return leaves.ReconcileLeaf(partner_id, size, dict(counts), on, key_id, signature)

    check_encodable(day, leaf)
    text = leaf(day).signed_text()
    await check_signature(store, partner_id, key_id, text=text, signature=signature, day=day)
    after = await _predecessor(store, partner_id, size)
    effect = Effect("partner.reconciled", {"partner_id": partner_id, "size": size, "after": after})
    # One successor for each count on record: of two filed at once, the log never sees the smaller one last.
    event_id = hashlib.sha256(f"vestibule/reconcile/v1\n{partner_id}\n{after}".encode()).digest()[:16]
    try:
        recorded = await recorder.append(Append((Registration(leaf, effect),), event_id=event_id))
    except Overtaken as error:
        raise RegisterError(f"size: {error}") from error
    found = leaves.parse(recorded[0].leaf)
    if not isinstance(found, leaves.ReconcileLeaf) or (found.size, found.counts) != (size, dict(counts)):
        raise RegisterError("counts: others are on record for this size, or were filed at the same time")
    return recorded


async def _predecessor(store: Store, partner_id: str, size: int) -> int:
    """Return the size of the count that this one follows.

    Raises:
        RegisterError: if the partner has filed a count of more leaves.
    """
    row = await store.read(lambda tx: tx.one(LAST, partner_id=partner_id))
    last, before_last = (0, 0) if row is None else row
    if size < last:
        raise RegisterError(f"size: expected more than your last count's {last}, got {size}")
    return int(before_last if size == last else last)


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what a partner's count sets in motion, by topic."""

    async def reconciled(_: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(RECONCILED, **body))

    return {"partner.reconciled": reconciled}
