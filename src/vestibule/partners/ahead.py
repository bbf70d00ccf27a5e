"""Partners whose clocks run ahead of ours: up to which second, kept across restarts. Touches `signed_ahead`.

What a process remembers of nonces ends with it, and the next one refuses what was signed before its start. Of
what was dated ahead it would not know whether it was used; so that is written down before it is accepted.
A partner whose clock is right costs nothing.
"""

from vestibule.partners.once import Once
from vestibule.store import Store

STEP_SECONDS = 10
"""So much more than needed is written down each time, so that a fast clock costs a write in ten seconds."""

NOTE = """
    insert into signed_ahead (partner_id, upto) values (:partner_id, :upto)
    on conflict (partner_id) do update set upto = excluded.upto where excluded.upto > signed_ahead.upto
"""
ADMIN_ALL = "select partner_id, upto from signed_ahead order by partner_id limit 10000"


async def load(store: Store) -> dict[str, int]:
    """Return, by partner, up to which second an earlier process may have accepted what was dated ahead."""
    return {row[0]: row[1] for row in await store.read(lambda tx: tx.all(ADMIN_ALL))}


async def note(store: Store, once: Once, partner_id: str, dated: int, now: int) -> None:
    """Write down that something dated ahead is about to be accepted.

    Args:
        store: where it is kept.
        once: this process's memory.
        partner_id: who dated it.
        dated: seconds since 1970, by its clock.
        now: seconds since 1970, by ours.
    """
    if dated <= now or dated <= once.ahead.get(partner_id, 0):
        return
    upto = dated + STEP_SECONDS
    await store.write(lambda tx: tx.run(NOTE, partner_id=partner_id, upto=upto))
    once.ahead[partner_id] = max(upto, once.ahead.get(partner_id, 0))
