"""Where a partner wants to be told of what; one endpoint each. Touches the table `webhook_endpoint`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vestibule.reaching.addresses import checked
from vestibule.reaching.errors import NotReached
from vestibule.store import Store, Tx
from vestibule.webhooks import signals
from vestibule.webhooks.errors import WebhookError
from vestibule.webhooks.topics import Topic

COLUMNS = "partner_id, url, topics, since_at, disabled, accepted_at, failures, paused_until"
ONE = f"select {COLUMNS} from webhook_endpoint where partner_id = :partner_id"
ADMIN_ALL = f"select {COLUMNS} from webhook_endpoint order by partner_id limit 10000"
SET = """
    insert into webhook_endpoint
        (partner_id, url, topics, since_at, disabled, accepted_at, failures, paused_until)
    values (:partner_id, :url, :topics, :now, '', 0, 0, 0)
    on conflict (partner_id) do update set url = excluded.url, topics = excluded.topics,
        since_at = excluded.since_at, disabled = '', failures = 0, paused_until = 0
"""
REMOVE = "delete from webhook_endpoint where partner_id = :partner_id"
DROP_WAITING = """
    update webhook set state = 'dropped'
    where partner_id = :partner_id and (state = 'noted' or state = 'due')
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint.

    Attributes:
        topics: what it is told of.
        since_at: when it was last configured, microseconds since 1970.
        disabled: why nothing is sent to it any more, empty while something is.
        accepted_at: when it last accepted something, 0 if it never did.
        failures: failed tries since then.
        paused_until: nothing is sent to it before.
    """

    partner_id: str
    url: str
    topics: tuple[Topic, ...]
    since_at: int
    disabled: str
    accepted_at: int
    failures: int
    paused_until: int


async def configure(
    store: Store, partner_id: str, *, url: str, topics: Sequence[str], loopback: bool, now: int
) -> Endpoint:
    """Set a partner's endpoint, and enable it. What waits goes to the new address.

    Args:
        store: where it is kept.
        partner_id: whose.
        url: where webhooks are sent.
        topics: words of `Topic`.
        loopback: whether an address of this machine is taken, too.
        now: microseconds since 1970.

    Raises:
        WebhookError: if address or topics cannot be taken; nothing has changed then.
    """
    try:
        checked(url, loopback=loopback)
    except NotReached as error:
        raise WebhookError(f"url: {error}") from error
    known = [topic.value for topic in Topic]
    if not topics or not set(topics) <= set(known):
        raise WebhookError(f"topics: expected one or more of {', '.join(known)}, got {list(topics)!r}")
    words = " ".join(sorted(set(topics)))
    await store.write(lambda tx: tx.run(SET, partner_id=partner_id, url=url, topics=words, now=now))
    signals.of(store).due.set()
    [row] = await store.read(lambda tx: tx.all(ONE, partner_id=partner_id))
    return from_row(row)


async def remove(store: Store, partner_id: str) -> bool:
    """Remove a partner's endpoint, and let go of what waits; False if there was none."""

    async def work(tx: Tx) -> bool:
        await tx.run(DROP_WAITING, partner_id=partner_id)
        return bool(await tx.run(REMOVE, partner_id=partner_id))

    return await store.write(work)


async def endpoint_of(store: Store, partner_id: str) -> Endpoint | None:
    """Return a partner's endpoint, None if there is none."""
    row = await store.read(lambda tx: tx.one(ONE, partner_id=partner_id))
    return None if row is None else from_row(row)


async def enabled(store: Store) -> tuple[Endpoint, ...]:
    """List the endpoints that something is sent to."""
    rows = await store.read(lambda tx: tx.all(ADMIN_ALL))
    return tuple(one for one in map(from_row, rows) if not one.disabled)


async def wants(store: Store, partner_id: str, topic: Topic) -> bool:
    """Say whether a partner is to be told of a topic now."""
    endpoint = await endpoint_of(store, partner_id)
    return endpoint is not None and not endpoint.disabled and topic in endpoint.topics


def from_row(row: tuple[Any, ...]) -> Endpoint:
    """Make an endpoint of a row of `COLUMNS`."""
    partner_id, url, topics, *rest = row
    return Endpoint(partner_id, url, tuple(Topic(word) for word in topics.split()), *rest)
