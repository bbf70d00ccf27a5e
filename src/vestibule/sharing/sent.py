"""What was sent through dialogs: one row for each send event, without a person. Table `sent`."""

from dataclasses import asdict, dataclass, replace

from vestibule.sharing.engagement import Event, stage
from vestibule.sharing.placement import Placement
from vestibule.store import Store, Tx

ADD = """
    insert into sent (partner_id, event_index, dialog_hash, surface, interface, variant, campaign,
        recipient_kind, sent_at)
    values (:partner_id, :event_index, :dialog_hash, :surface, :interface, :variant, :campaign,
        :recipient_kind, :sent_at)
    on conflict (partner_id, event_index) do nothing
"""
ARRIVED = """
    update sent set delivered = 1
    where partner_id = :partner_id and event_index = :event_index and delivered = 0
"""
FIND = """
    select campaign, surface, interface, variant from sent
    where partner_id = :partner_id and event_index = :event_index
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to one recipient.

    Attributes:
        event_index: its `send` event in the log.
        dialog_hash: the dialog it was sent through.
        event: the same as it is counted.
    """

    event_index: int
    dialog_hash: bytes
    event: Event


async def add(store: Store, sent: Sent) -> None:
    """Keep and count that something was sent to one recipient; the same again changes nothing."""
    event = sent.event

    async def work(tx: Tx) -> None:
        added = await tx.run(
            ADD,
            partner_id=event.partner_id,
            event_index=sent.event_index,
            dialog_hash=sent.dialog_hash,
            **asdict(event.placement),
            campaign=event.campaign,
            recipient_kind=event.recipient_kind,
            sent_at=event.at,
        )
        if added:
            await stage(tx, event)

    await store.write(work)


async def arrived(store: Store, sent: Sent) -> None:
    """Count that it reached the recipient; the same again changes nothing."""
    event = replace(sent.event, kind="delivery")

    async def work(tx: Tx) -> None:
        if await tx.run(ARRIVED, partner_id=event.partner_id, event_index=sent.event_index):
            await stage(tx, event)

    await store.write(work)


async def placed(store: Store, partner_id: str, event_index: int) -> tuple[str, Placement]:
    """Return the campaign and where the button stood; all empty if nothing is known."""
    row = await store.read(lambda tx: tx.one(FIND, partner_id=partner_id, event_index=event_index))
    return ("", Placement()) if row is None else (row[0], Placement(*row[1:]))
