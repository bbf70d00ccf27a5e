"""Forgetting whose events were whose, for a person who is gone. Touches the tables opening and lane.

The leaves stay in the log, where they name nobody. No event may ever be written for the subject again: its
counters are gone.
"""

from vestibule.store import Store, Tx

_OPENINGS = "delete from opening where log_id = :log_id and subject = :subject"
_LANES = "delete from lane where log_id = :log_id and subject = :subject"


async def forget(store: Store, log_id: str, subject: bytes) -> None:
    """Delete a subject's openings and lanes; twice is fine."""

    async def delete(tx: Tx) -> None:
        await tx.run(_OPENINGS, log_id=log_id, subject=subject)
        await tx.run(_LANES, log_id=log_id, subject=subject)

    await store.write(delete)
