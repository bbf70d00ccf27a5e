"""What was sent through dialogs, for reports: one row for each send event, without a person. Table `sent`."""

from dataclasses import asdict

from vestibule.sharing.clicks import Kind
from vestibule.sharing.placement import Placement
from vestibule.store import Store

ADD = """
    insert into sent (partner_id, event_index, dialog_hash, surface, interface, variant, campaign,
        recipient_kind, sent_at)
    values (:partner_id, :event_index, :dialog_hash, :surface, :interface, :variant, :campaign,
        :recipient_kind, :sent_at)
    on conflict (partner_id, event_index) do nothing
"""


async def add(
    store: Store,
    *,
    partner_id: str,
    event_index: int,
    dialog_hash: bytes,
    placement: Placement,
    campaign: str,
    recipient_kind: Kind,
    now: int,
) -> None:
    """Keep that something was sent to one recipient; keeping the same event again changes nothing."""
    await store.write(
        lambda tx: tx.run(
            ADD,
            partner_id=partner_id,
            event_index=event_index,
            dialog_hash=dialog_hash,
            **asdict(placement),
            campaign=campaign,
            recipient_kind=recipient_kind,
            sent_at=now,
        )
    )
