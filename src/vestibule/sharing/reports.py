"""Recommendations that recipients reported, as a queue of the operator. Touches `recommendation_report`.

A report holds card, reason and what the recipient says about it. The sender's note is not in it: it stays
between the two.
"""

from dataclasses import asdict, dataclass
from typing import Final

from vestibule.sharing.engagement import Event, stage
from vestibule.sharing.errors import BadReport
from vestibule.store import Store, Tx

REASONS: Final = {
    "unwanted": "It is advertising, or I did not ask for it",
    "misleading": "It is not what it says",
    "offensive": "It is offensive or violent",
    "children": "It is nothing for children, and reaches them",
    "other": "Something else",
}
LONGEST_WORDS = 1000

ADD = """
    insert into recommendation_report (partner_id, conversation_id, seq, user_id, event_index, card, reason,
        words, reported_at, state)
    values (:partner_id, :conversation_id, :seq, :user_id, :event_index, :card, :reason, :words,
        :reported_at, 'open')
    on conflict (partner_id, conversation_id, seq, user_id) do nothing
"""
COLUMNS = "partner_id, conversation_id, seq, user_id, event_index, card, reason, words, reported_at"
ADMIN_OPEN = f"""
    select {COLUMNS} from recommendation_report where state = 'open'
    order by reported_at, partner_id, conversation_id, seq, user_id limit 200
"""
SETTLE = """
    update recommendation_report set state = 'settled'
    where partner_id = :partner_id and conversation_id = :conversation_id and seq = :seq
        and user_id = :user_id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        event_index: the `send` event of the recommendation in the log.
        card: what was stored with the message, JSON.
        reason: one of `REASONS`.
        words: what she says, may be empty.
        reported_at: microseconds since 1970.
    """

    partner_id: str
    conversation_id: int
    seq: int
    user_id: int
    event_index: int
    card: str
    reason: str
    words: str
    reported_at: int


async def add(store: Store, report: Report, event: Event) -> None:
    """Put a report into the queue, and count it; the same person reports the same message once.

    Args:
        store: where the queue is.
        report: what she says.
        event: that she does, as it is counted.

    Raises:
        BadReport: if reason or words are not acceptable.
    """
    if report.reason not in REASONS:
        raise BadReport("choose a reason")
    if len(report.words) > LONGEST_WORDS or "\x00" in report.words:
        raise BadReport(f"say it in up to {LONGEST_WORDS} characters, got {len(report.words)}")

    async def work(tx: Tx) -> None:
        if await tx.run(ADD, **asdict(report)):
            await stage(tx, event)

    await store.write(work)


async def open_reports(store: Store) -> tuple[Report, ...]:
    """Return the oldest 200 reports that nobody has settled."""
    return tuple(Report(*row) for row in await store.read(lambda tx: tx.all(ADMIN_OPEN)))


async def settle(store: Store, report: Report) -> None:
    """Take a report out of the queue."""
    await store.write(
        lambda tx: tx.run(
            SETTLE,
            partner_id=report.partner_id,
            conversation_id=report.conversation_id,
            seq=report.seq,
            user_id=report.user_id,
        )
    )
