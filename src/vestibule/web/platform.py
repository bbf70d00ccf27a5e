"""The platform, wired: one store, one log, one gate, and what events and commits set in motion."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from vestibule.connections import end_leaves, grant_leaves, readers
from vestibule.gate.operations import deleting, delivering, notifying, writing
from vestibule.gate.parts import Gate
from vestibule.gate.rate import Rates
from vestibule.inbox import outbox_topics as inbox_topics
from vestibule.inbox import projection
from vestibule.inbox.live import Live
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.oauth.rfc9449 import Nonces
from vestibule.partners import ahead, reconciling, registering, rotating
from vestibule.partners import suspending as stopping_partners
from vestibule.partners.once import Once
from vestibule.partners.request_log import RequestLog
from vestibule.people import outbox_topics as people_topics
from vestibule.people.relying_party import RelyingParty
from vestibule.reaching.client import Reaching
from vestibule.recorder import marks
from vestibule.recorder.keys import LogKeys, kept, load_keys
from vestibule.recorder.recorder import Recorder
from vestibule.recorder.second_head import SecondHead
from vestibule.recorder.witnessing import Witnessing, read_witnessing
from vestibule.reports import closing, own_counts, parts, publishing
from vestibule.reports import writing as counting
from vestibule.reports.events import Events, FolderEvents
from vestibule.reports.parts import Reports
from vestibule.sharing.limits import Limits
from vestibule.store import Blobs, FolderBlobs, Store, StoreError, open_store
from vestibule.store.outbox import Handler, Outbox
from vestibule.web import leaving, sweeping
from vestibule.web.replaying import Replays
from vestibule.web.settings import Settings
from vestibule.webhooks import sending as webhook_sending
from vestibule.webhooks.keys import Keys as WebhookKeys
from vestibule.webhooks.topics import ABOUT_NOBODY
from vestibule.webhooks.waiting import Waiting

SECRET_BYTES = 32

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Platform:
    """What request handlers work with.

    Attributes:
        blobs: attachments.
        events: what happened to recommendations, in files.
        log_blobs: the log's public files.
        once: what clients and partners have used up.
        dpop_nonces: what their proofs have to carry.
        replays: the log as its own visitors check it.
        clock: microseconds since 1970.
        operator_token: what the operator's requests carry.
        party: who asks people for passkeys.
        projecting: lets inbox rows follow the messages.
        sweeping: forgets what has expired.
        leaving: finishes the deletion of accounts.
        ending: records the ends of connections behind the requests that made them.
        stopping: records the suspensions of partners, likewise.
        reaching: HTTP to addresses that partners choose.
        webhook_keys: what webhooks are signed from.
        notifying: records what partners are to be told.
        delivering: sends it to them.
        request_log: what became of partners' requests.
        noting: writes that down behind their answers.
        counting: takes staged events into files.
        reports: what engagement reports are filed with.
        closing: sees that reports are due, and which are missing.
        publishing: settles what anybody may be shown of reports.
    """

    settings: Settings
    store: Store
    outbox: Outbox
    recorder: Recorder
    gate: Gate
    once: Once
    dpop_nonces: Nonces
    blobs: Blobs
    events: Events
    log_blobs: Blobs
    replays: Replays
    live: Live
    clock: Callable[[], int]
    operator_token: str
    party: RelyingParty
    projecting: asyncio.Task[None]
    sweeping: asyncio.Task[None]
    leaving: asyncio.Task[None]
    ending: asyncio.Task[None]
    stopping: asyncio.Task[None]
    reaching: Reaching
    webhook_keys: WebhookKeys
    notifying: asyncio.Task[None]
    delivering: asyncio.Task[None]
    request_log: RequestLog
    noting: asyncio.Task[None]
    counting: asyncio.Task[None]
    reports: Reports
    closing: asyncio.Task[None]
    publishing: asyncio.Task[None]


def system_clock() -> int:
    """Return microseconds since 1970."""
    return time.time_ns() // 1000


async def open_platform(settings: Settings, clock: Callable[[], int] = system_clock) -> Platform:
    """Open everything in the data folder, making what is not there, and finish what an earlier process left.

    Raises:
        StoreError: if the store cannot be opened.
        LogRefusesToStart: if store, published log and keys contradict each other, or the settings leave out
            who outside the folder knew its log.
    """
    fresh = not (settings.data / "vestibule.db").exists()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    marks.check(settings.data, second_head=settings.second_head, witnesses=settings.witnesses)
    store = await open_store(settings.data)
    log_blobs = FolderBlobs(settings.data / "log")
    live = Live()
    keys = load_keys(settings.data / "keys", settings.log_origin)
    operator_token = kept(settings.data / "operator.token", secrets.token_hex(SECRET_BYTES).encode()).decode()
    outbox = _outbox(store)
    recorder = await _open_recorder(settings, store, outbox, log_blobs, live, keys=keys, clock=clock)
    if settings.witnesses is not None:
        await asyncio.to_thread(marks.leave, settings.data / marks.WITNESSES, settings.witnesses)
    await _recover(outbox)
    rates = Rates(settings.partner_rate, settings.partner_burst)
    limits = Limits(settings.dialogs_an_hour, 10 * settings.dialogs_an_hour)
    gate = Gate(store, outbox, recorder, rates, _secret(settings, "ids"), limits)
    projection.heed(store, notifying.heeding(gate, clock))
    await projection.recover_projection(store)
    reaching = Reaching(loopback=settings.sandbox)
    events = settings.events or FolderEvents(settings.data / "events")
    webhook_keys = WebhookKeys(settings.data / "keys", clock() // 1_000_000)
    request_log = RequestLog()
    reports = Reports(
        store,
        recorder,
        parts.counting(store, events, clock),
        settings.origin,
        parts.counted_since(settings.data, None if fresh else clock() // MICROSECONDS_A_DAY),
    )
    return Platform(
        settings=settings,
        store=store,
        outbox=outbox,
        recorder=recorder,
        gate=gate,
        # The seconds of an earlier process's requests are over only with the second it may have ended in.
        once=Once(0 if fresh else clock() // 1_000_000 + 1, await ahead.load(store)),
        dpop_nonces=Nonces(),
        blobs=FolderBlobs(settings.data / "blobs"),
        events=events,
        log_blobs=log_blobs,
        replays=Replays(log_blobs, recorder),
        live=live,
        clock=clock,
        operator_token=operator_token,
        party=RelyingParty(settings.origin, _secret(settings, "passkeys")),
        projecting=asyncio.create_task(projection.run(store)),
        sweeping=asyncio.create_task(sweeping.run(store, outbox, clock)),
        leaving=asyncio.create_task(leaving.run(store, outbox, recorder.log_id, clock)),
        ending=asyncio.create_task(end_leaves.run(store, recorder)),
        stopping=asyncio.create_task(stopping_partners.run(store, recorder)),
        reaching=reaching,
        webhook_keys=webhook_keys,
        notifying=asyncio.create_task(notifying.run(gate, clock)),
        delivering=asyncio.create_task(_deliver(gate, reaching, webhook_keys, clock)),
        request_log=request_log,
        noting=asyncio.create_task(request_log.run(store)),
        counting=asyncio.create_task(counting.run(store, events, clock)),
        reports=reports,
        closing=asyncio.create_task(closing.run(reports, clock)),
        publishing=asyncio.create_task(
            publishing.run(store, own_counts.counting(store, events, clock), settings.report_threshold)
        ),
    )


async def _deliver(gate: Gate, reaching: Reaching, keys: WebhookKeys, clock: Callable[[], int]) -> None:
    """Send partners what they are to be told, each time looking again whether they may be."""

    async def may(one: Waiting) -> bool:
        return one.topic in ABOUT_NOBODY or await notifying.tellable(gate, one, clock()) is not None

    await webhook_sending.run(webhook_sending.Sending(gate.store, reaching, keys, clock, may))


def _secret(settings: Settings, name: str) -> bytes:
    """Return a secret of this platform, made at its first start."""
    return kept(settings.data / "keys" / f"{name}.secret", secrets.token_bytes(SECRET_BYTES))


async def _open_recorder(
    settings: Settings,
    store: Store,
    outbox: Outbox,
    blobs: Blobs,
    live: Live,
    *,
    keys: LogKeys,
    clock: Callable[[], int],
) -> Recorder:
    """Open the log, together with what carries out its events."""
    effects = {
        **registering.effect_handlers(store),
        **stopping_partners.effect_handlers(store),
        **rotating.effect_handlers(store),
        **reconciling.effect_handlers(store),
        **grant_leaves.effect_handlers(store, outbox),
        **delivering.effect_handlers(store, live),
        **writing.effect_handlers(store, live),
        **deleting.effect_handlers(store),
        **notifying.effect_handlers(store),
    }
    return await Recorder.open(
        store,
        blobs,
        keys,
        effects,
        clock,
        witnessing=_witnessing(settings, keys),
        second_head=None if settings.second_head is None else SecondHead(settings.second_head, settings.data),
        epoch_seconds=settings.epoch_seconds,
    )


def _outbox(store: Store) -> Outbox:
    """Make the outbox, with what carries out what commits leave to do."""
    topics: dict[str, Handler] = {
        **people_topics.handlers(store),
        **inbox_topics.handlers(store),
        **readers.handlers(store),
        **notifying.outbox_handlers(store),
    }
    return Outbox(store, topics)


async def _recover(outbox: Outbox) -> None:
    """Carry out what an earlier process left in the outbox."""
    for owner, reason in (await outbox.recover()).items():
        logger.error("effects of %d still wait: %s", owner, reason)


def _witnessing(settings: Settings, keys: LogKeys) -> Witnessing | None:
    if settings.witnesses is None:
        return None
    return read_witnessing(
        settings.witnesses, settings.witnessing, keys.signing.verifier, settings.log_url, settings.pace
    )


async def close_platform(platform: Platform) -> None:
    """End the live streams and the background tasks, finish the pool under way, close the store."""
    platform.live.close()
    platform.replays.close()
    tasks = (
        platform.projecting,
        platform.sweeping,
        platform.leaving,
        platform.ending,
        platform.stopping,
        platform.notifying,
        platform.delivering,
        platform.noting,
        platform.counting,
        platform.closing,
        platform.publishing,
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await platform.reaching.close()
    with suppress(StoreError):
        await platform.request_log.flush(platform.store)
    await platform.recorder.close()
    await platform.store.close()


@asynccontextmanager
async def running(settings: Settings, clock: Callable[[], int] = system_clock) -> AsyncIterator[Platform]:
    """Open the platform, and close it afterwards; raises what `open_platform` raises."""
    platform = await open_platform(settings, clock)
    try:
        yield platform
    finally:
        await close_platform(platform)
