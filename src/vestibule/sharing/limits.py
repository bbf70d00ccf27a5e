"""How much a person may recommend through one partner. Touches the table `recommending`."""

from collections.abc import Iterable
from dataclasses import dataclass

from vestibule.sharing.errors import TooManySent
from vestibule.store import Store, Tx

HOUR = 3_600_000_000
DAY = 24 * HOUR

OF_PERSON = """
    select partner_id, recipients, sent_at from recommending
    where user_id = :user_id and sent_at > :since and dialog_hash <> :dialog_hash
    order by sent_at desc, dialog_hash limit 2000
"""
TAKE = """
    insert into recommending (user_id, dialog_hash, partner_id, recipients, sent_at)
    values (:user_id, :dialog_hash, :partner_id, :recipients, :sent_at)
    on conflict (user_id, dialog_hash) do update set recipients = excluded.recipients
    where excluded.recipients > recommending.recipients
"""
RECOVER_OVER = """
    delete from recommending where (user_id, dialog_hash) in
    (select user_id, dialog_hash from recommending where sent_at < :before
    order by sent_at, user_id, dialog_hash limit 500)
"""
FORGET = "delete from recommending where user_id = :user_id"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person may send through one partner; through all of them together twice as much.

    Attributes:
        dialogs_an_hour: recommendations.
        recipients_a_day: everybody who gets one, counted each time.
    """

    dialogs_an_hour: int = 20
    recipients_a_day: int = 200

    def check(self, uses: Iterable["Use"], partner_id: str, recipients: int, now: int) -> None:
        """Refuse one more to so many recipients.

        Raises:
            TooManySent: saying what is too much, and when there is room again.
        """
        uses = tuple(uses)
        mine = tuple(use for use in uses if use.partner_id == partner_id)
        for times, counted, where in ((1, mine, "through this app"), (2, uses, "through apps")):
            lately = sum(use.sent_at > now - HOUR for use in counted)
            if lately >= times * self.dialogs_an_hour:
                most = times * self.dialogs_an_hour
                raise TooManySent(f"that is enough for now: {most} recommendations an hour {where}")
            if sum(use.recipients for use in counted) + recipients > times * self.recipients_a_day:
                most = times * self.recipients_a_day
                raise TooManySent(f"that is enough for today: {most} recipients in 24 hours {where}")


@dataclass(frozen=True, slots=True)
class Use:
    """What was sent within a day: through whom, to how many, when."""

    partner_id: str
    recipients: int
    sent_at: int


async def take(
    store: Store,
    limits: Limits,
    *,
    user_id: int,
    partner_id: str,
    dialog_hash: bytes,
    recipients: int,
    now: int,
) -> None:
    """Count what a person is about to send; the same dialog counts once, however often it is sent.

    Raises:
        TooManySent: nothing is counted then.
    """

    async def work(tx: Tx) -> None:
        rows = await tx.all(OF_PERSON, user_id=user_id, since=now - DAY, dialog_hash=dialog_hash)
        limits.check((Use(*row) for row in rows), partner_id, recipients, now)
        await tx.run(
            TAKE,
            user_id=user_id,
            dialog_hash=dialog_hash,
            partner_id=partner_id,
            recipients=recipients,
            sent_at=now,
        )

    await store.write(work)


async def forget(store: Store, user_id: int) -> None:
    """Forget what a deleted person sent."""
    await store.write(lambda tx: tx.run(FORGET, user_id=user_id))


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of what is older than a day; returns how much, 0 when nothing is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, before=now - DAY))
