"""Partners are told that something happened: noted when it does, decided, recorded, looked at again, sent.

A `notify` event for the person whom it is about, once for each webhook however often that is sent; what makes
it due is the event's effect. The body carries ids alone, so that each read passes the gate by itself.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vestibule.connections import changing, listing
from vestibule.connections.grants import Scope
from vestibule.connections.listing import Connection
from vestibule.connections.states import Status
from vestibule.gate.admitting import digest
from vestibule.gate.decide import Ground, ask_for, decide
from vestibule.gate.ids import ids_of, person_ref
from vestibule.gate.parts import Gate
from vestibule.gate.selecting import agreed_among, chosen_by, others_in, visible, within
from vestibule.inbox import projection
from vestibule.inbox.memory import Heed
from vestibule.inbox.selected import page_of
from vestibule.ledger import tags
from vestibule.partners import register
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft, Effect
from vestibule.recorder.effects import Handler
from vestibule.recorder.errors import Overtaken, RecorderError
from vestibule.store import Store, StoreError, outbox
from vestibule.webhooks import endpoints, signals, waiting
from vestibule.webhooks.topics import Topic, body_of, payload
from vestibule.webhooks.waiting import Waiting

Clock = Callable[[], int]
"""Microseconds since 1970."""

TOPIC = "webhook.tell"
_MESSAGES = Topic.MESSAGE_CREATED
SCOPE = {
    Topic.MESSAGE_CREATED: Scope.MESSAGES_READ,
    Topic.RECOMMENDATION_RECEIVED: Scope.RECOMMENDATIONS_RECEIVE,
}
"""What a person has to have granted for a partner to be told; of its own connection it always is."""
AT_ONCE = 100
MESSAGES_AT_ONCE = 200
AGAIN_SECONDS = 1.0
NO_TOKEN = 1 << 62

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tellable:
    """Something that may be told now, and what it stands on.

    Attributes:
        grant: the log index of the grant's leaf, -1 where none is needed.
        last_day: the last UTC day on which it may be recorded, None where none is needed.
    """

    connection: Connection
    person: Account
    grant: int = -1
    last_day: int | None = None


# Noting what happens


def heeding(gate: Gate, clock: Clock) -> Heed:
    """Return what notes new messages for the partners that may see them; others leave no trace."""

    async def heed(conversations: tuple[int, ...]) -> None:
        wanting = {one.partner_id for one in await endpoints.enabled(gate.store) if _MESSAGES in one.topics}
        for conversation_id in conversations if wanting else ():
            try:
                await _note_messages(gate, conversation_id, wanting, clock)
            except StoreError:
                raise  # told again
            except Exception:  # people's inboxes go on, whatever partners miss
                logger.exception("new messages of a conversation could not be noted")

    return heed


async def _note_messages(gate: Gate, conversation_id: int, wanting: set[str], clock: Clock) -> None:
    after = await projection.projected(gate.store, conversation_id)
    for reader in await listing.readers_of(gate.store, conversation_id):
        if after is None or reader.partner_id not in wanting:
            continue
        connection = await listing.connection_with(gate.store, reader.user_id, reader.partner_id)
        if connection is not None and connection.state == Status.ACTIVE:
            for seq in await _visible_after(gate, connection, conversation_id, after):
                await _note(gate.store, _MESSAGES, connection, seq, clock(), place=conversation_id)


async def note_recommendation(store: Store, connection: Connection, place: int, now: int) -> None:
    """Note that something was recommended to a person who lets its partner know."""
    if await endpoints.wants(store, connection.partner_id, Topic.RECOMMENDATION_RECEIVED):
        await _note(store, Topic.RECOMMENDATION_RECEIVED, connection, place, now)


def outbox_handlers(store: Store) -> dict[str, outbox.Handler]:
    """Return what a connection's change leaves to do, by topic."""

    async def changed(body: dict[str, Any]) -> None:
        if await endpoints.wants(store, body["partner_id"], Topic.CONNECTION_CHANGED):
            await waiting.note(store, Topic.CONNECTION_CHANGED, **body)

    return {changing.TOPIC: changed}


async def _note(
    store: Store, topic: Topic, connection: Connection, number: int, now: int, *, place: int = 0
) -> None:
    await waiting.note(
        store,
        topic,
        partner_id=connection.partner_id,
        user_id=connection.user_id,
        connection_id=connection.connection_id,
        number=number,
        place=place,
        now=now,
    )


async def _visible_after(
    gate: Gate, connection: Connection, conversation_id: int, after: int
) -> tuple[int, ...]:
    """Return the numbers of the messages that a connection may see, as it stands now."""
    others = await others_in(gate, connection, conversation_id)
    agreed = await agreed_among(gate, connection, others, conversation_id)
    chosen = chosen_by(connection.grant, conversation_id, (connection.user_id, *agreed))
    found: list[int] = []
    while page := await page_of(gate.store, conversation_id, chosen, after=after, limit=MESSAGES_AT_ONCE):
        found += [message.seq for message in within(connection.grant, page)]
        after = page[-1].seq
    return tuple(found)


# Deciding whether it may be told


async def tellable(gate: Gate, one: Waiting, now: int) -> Tellable | None:
    """Say whether something may be told now, over what the store holds; None if not, or not any more."""
    connection = await listing.connection(gate.store, one.user_id, one.connection_id)
    person = await accounts.by_id(gate.store, one.user_id)
    partner = await register.partner(gate.store, one.partner_id)
    if connection is None or person is None or partner is None or partner.suspended_by is not None:
        return None
    if one.topic is Topic.CONNECTION_CHANGED:
        return Tellable(connection, person)
    scope = SCOPE[one.topic]
    privilege = await register.privilege(gate.store, one.partner_id, scope)
    # No token is asked for: what is told is that there is something to ask for, with one.
    ground = Ground(one.partner_id, connection, privilege, NO_TOKEN)
    if person.deleted_at is not None or decide(ground, ask_for(scope, one.place, now), now) is not None:
        return None
    if one.topic is Topic.MESSAGE_CREATED and not await _sees(gate, connection, one):
        return None
    if privilege is None:
        return None
    last_day = min(connection.grant.until_day, privilege.until_day)
    return Tellable(connection, person, connection.leaves[scope], last_day)


async def _sees(gate: Gate, connection: Connection, one: Waiting) -> bool:
    others = await others_in(gate, connection, one.place)
    agreed = await agreed_among(gate, connection, others, one.place)
    chosen = chosen_by(connection.grant, one.place, (connection.user_id, *agreed))
    return one.number in await visible(gate, connection, chosen, one.place, (one.number,))


# Recording it


async def run(gate: Gate, clock: Clock) -> None:
    """Record what was noted until cancelled, beginning with what an earlier process left."""
    noted = signals.of(gate.store).noted
    while True:
        noted.clear()
        try:
            while await record(gate, clock):
                pass
        except (RecorderError, StoreError) as error:
            logger.warning("what partners are to be told waits for the log: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
        except Exception:  # what cannot be told now is tried again, and nothing else ends with it
            logger.exception("what a partner is to be told could not be recorded")
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            await noted.wait()


async def record(gate: Gate, clock: Clock) -> int:
    """Record some of what was noted, and return how much there was; what may not be told is let go of.

    Raises:
        LogUnavailable: if the log cannot write; what is not recorded stays noted.
    """
    found: list[Waiting] = []
    for endpoint in await endpoints.enabled(gate.store):
        found += await waiting.noted(gate.store, endpoint.partner_id, AT_ONCE)
    # Side by side, so that one commit of the log takes them all; what fails keeps none of the others waiting.
    done = await asyncio.gather(*(_record(gate, one, clock()) for one in found), return_exceptions=True)
    for failed in done:
        if failed is not None:
            raise failed
    return len(found)


async def _record(gate: Gate, one: Waiting, now: int) -> None:
    told = await tellable(gate, one, now)
    if told is None:
        await waiting.drop(gate.store, one)
        return
    said = payload(one.topic, one.noted_at, await _data(gate, one, told.connection))
    draft = Draft(
        "notify",
        one.topic.value,
        one.partner_id,
        tags.SHARED,
        told.person.subject,
        1,
        grant=told.grant,
        last_day=told.last_day,
        messages=(digest(said),),
        extra={"webhook": one.message_id},
        effect=Effect(
            TOPIC, {"partner_id": one.partner_id, "webhook_id": one.webhook_id, "body": body_of(said)}
        ),
    )
    key = f"vestibule/webhook/v1\n{one.partner_id}\n{one.webhook_id}".encode()
    try:
        await gate.recorder.append(Append((draft,), event_id=hashlib.sha256(key).digest()[:16]))
    except Overtaken:
        await waiting.drop(gate.store, one)


async def _data(gate: Gate, one: Waiting, connection: Connection) -> Mapping[str, str]:
    ids = ids_of(gate, connection)
    whose = {"person": await person_ref(gate, connection), "connection": ids.connection(one.connection_id)}
    match one.topic:
        case Topic.MESSAGE_CREATED:
            ref = {"conversation": ids.conversation(one.place), "id": ids.message(one.place, one.number)}
        case Topic.RECOMMENDATION_RECEIVED:
            ref = {"id": ids.recommendation(one.number)}
        case Topic.CONNECTION_CHANGED:
            ref = {"change": one.word}
        case Topic.REPORT_DUE:
            raise ValueError(f"expected a topic about a person, got {one.topic}")
    return whose | ref


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what a `notify` event sets in motion, by topic."""

    async def tell(_: int, body: dict[str, Any]) -> None:
        await waiting.tell(store, **body)

    return {TOPIC: tell}
