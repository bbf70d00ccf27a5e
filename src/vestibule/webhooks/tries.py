"""What came of each try, and what follows. Touches the tables webhook_try, webhook and webhook_endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from vestibule.store import Store, Tx, Value
from vestibule.webhooks import pace, waiting
from vestibule.webhooks.endpoints import Endpoint
from vestibule.webhooks.waiting import COLUMNS, Waiting

KEPT = 30 * 86_400_000_000
FIRST_CHARACTERS = 256

ADD = """
    insert into webhook_try (partner_id, webhook_id, tried_at, status, millis, answer)
    values (:partner_id, :webhook_id, :tried_at, :status, :millis, :answer)
    on conflict (partner_id, webhook_id, tried_at) do nothing
"""
MOVE = """
    update webhook set state = :state, tries = :tries, due_at = :due_at
    where partner_id = :partner_id and webhook_id = :webhook_id and state = 'due'
"""
ACCEPTED = """
    update webhook_endpoint set accepted_at = :now, failures = 0, paused_until = 0
    where partner_id = :partner_id
"""
FAILED = """
    update webhook_endpoint set failures = :failures, paused_until = :paused_until, disabled = :disabled
    where partner_id = :partner_id and since_at = :since_at
"""
LOG = f"""
    select {COLUMNS} from webhook where partner_id = :partner_id and webhook_id < :before
        and state <> 'dropped' and state <> 'noted'
    order by webhook_id desc limit :limit
"""
TRIES = """
    select tried_at, status, millis, answer from webhook_try
    where partner_id = :partner_id and webhook_id = :webhook_id order by tried_at limit 100
"""
RECOVER_OLD = """
    delete from webhook where (partner_id, webhook_id) in (
        select partner_id, webhook_id from webhook where noted_at < :before
        order by noted_at, partner_id, webhook_id limit 500)
"""
RECOVER_OLD_TRIES = """
    delete from webhook_try where (partner_id, webhook_id, tried_at) in (
        select partner_id, webhook_id, tried_at from webhook_try where tried_at < :before
        order by tried_at, partner_id, webhook_id limit 500)
"""
NEWEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Try:
    """One try.

    Attributes:
        tried_at: when it began, microseconds since 1970.
        status: the HTTP status, 0 if there was no answer.
        millis: how long it took.
        answer: the first characters of the answer; without one, why there was none.
    """

    tried_at: int
    status: int
    millis: int
    answer: str
    fields: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the endpoint took it: any status from 200 to 299, and nothing else."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of the delivery log: a webhook and what came of its tries, oldest first."""

    webhook: Waiting
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Follows:
    """What follows from a failed try: for the webhook, and for its endpoint."""

    state: str
    due_at: int
    paused_until: int
    disabled: str


def after_failure(endpoint: Endpoint, one: Waiting, tried: Try, chance: float) -> Follows:
    """Decide what follows from a failed try; pure.

    A `410 Gone` disables the endpoint (Standard Webhooks); so does a webhook that is given up, if nothing was
    accepted since it was noted.
    """
    asked = pace.retry_after(tried.fields, tried.tried_at)
    paused = tried.tried_at + max(asked, pace.pause_after(endpoint.failures + 1))
    if tried.status == HTTPStatus.GONE:
        return Follows("given up", one.due_at, paused, "answered 410 Gone")
    wait = pace.again_after(one.tries + 1, chance)
    if wait is not None:
        return Follows("due", tried.tried_at + max(asked, wait), paused, "")
    dead = endpoint.accepted_at < one.noted_at
    return Follows("given up", one.due_at, paused, "accepted nothing for days" if dead else "")


async def keep(store: Store, endpoint: Endpoint, one: Waiting, tried: Try, chance: float) -> None:
    """Write down a try and what follows from it, in one transaction.

    Args:
        store: where.
        endpoint: as it was when it was tried.
        one: what was sent.
        tried: what came of it.
        chance: 0 to 1, for the jitter.
    """
    whose: dict[str, Value] = {"partner_id": one.partner_id, "webhook_id": one.webhook_id}

    async def work(tx: Tx) -> None:
        await tx.run(
            ADD,
            **whose,
            tried_at=tried.tried_at,
            status=tried.status,
            millis=tried.millis,
            answer=tried.answer,
        )
        if tried.accepted:
            await tx.run(MOVE, **whose, state="accepted", tries=one.tries + 1, due_at=one.due_at)
            await tx.run(ACCEPTED, partner_id=one.partner_id, now=tried.tried_at)
            return
        follows = after_failure(endpoint, one, tried, chance)
        await tx.run(MOVE, **whose, state=follows.state, tries=one.tries + 1, due_at=follows.due_at)
        await tx.run(
            FAILED,
            partner_id=one.partner_id,
            since_at=endpoint.since_at,
            failures=endpoint.failures + 1,
            paused_until=follows.paused_until,
            disabled=follows.disabled,
        )

    await store.write(work)


async def log(
    store: Store, partner_id: str, *, before: int = NEWEST, limit: int = 50
) -> tuple[Delivery, ...]:
    """List a partner's webhooks of the last 30 days, newest first, each with its tries.

    Args:
        store: where.
        partner_id: whose.
        before: only webhooks with a lower id.
        limit: how many at most.
    """

    async def read(tx: Tx) -> tuple[Delivery, ...]:
        rows = await tx.all(LOG, partner_id=partner_id, before=before, limit=limit)
        found = [waiting.from_row(row) for row in rows]
        tries = [await tx.all(TRIES, partner_id=partner_id, webhook_id=one.webhook_id) for one in found]
        return tuple(
            Delivery(one, tuple(Try(*row) for row in of_one))
            for one, of_one in zip(found, tries, strict=True)
        )

    return await store.read(read)


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of what is older than 30 days; returns how much, 0 when nothing is left."""

    async def work(tx: Tx) -> int:
        tries = await tx.run(RECOVER_OLD_TRIES, before=now - KEPT)
        return tries + await tx.run(RECOVER_OLD, before=now - KEPT)

    return await store.write(work)
