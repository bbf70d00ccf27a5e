"""A partner's own counters, signed and on record, so that everyone can compare them with the log's totals."""

from collections.abc import Mapping

from vestibule.ledger import leaf as leaves
from vestibule.ledger.errors import LedgerError
from vestibule.partners.errors import RegisterError
from vestibule.partners.registering import check_signature
from vestibule.recorder.drafts import Append, Recorded, Registration
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store


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
    """Record what a partner counted itself, in the log's first `size` leaves.

    Args:
        store: where the register is.
        recorder: the log.
        partner_id: who counted.
        size: a size that the log has reached.
        counts: "kind/op" to events and items.
        key_id: the key that signed.
        signature: over `ledger.leaf.reconcile_text`.
        day: today's UTC day number.

    Raises:
        RegisterError: if size, counts or signature are not good; nothing is recorded then.
    """
    reached = (await recorder.checkpoint()).size
    if size > reached:
        raise RegisterError(f"size: expected at most the log's {reached}, got {size}")

    def leaf(on: int) -> leaves.ReconcileLeaf:
        return leaves.ReconcileLeaf(partner_id, size, dict(counts), on, key_id, signature)

    try:
        text = leaf(day).signed_text()
    except LedgerError as error:
        raise RegisterError(str(error)) from error
    await check_signature(store, partner_id, key_id, text=text, signature=signature, day=day)
    return await recorder.append(Append((Registration(leaf),)))
