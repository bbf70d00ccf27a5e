"""The leaves of grants: a grant is usable only once every one of its leaves is published.

Touches the tables `connection` and `grant_leaf`. Each leaf's effect writes down its place, the last one's
makes the grant the one that stands; an effect that is applied again finds its work done.
"""

from dataclasses import dataclass
from typing import Any

from vestibule.connections import end_leaves, keeping, listing, states
from vestibule.connections.grants import Grant
from vestibule.connections.states import Why
from vestibule.ledger import tags
from vestibule.ledger.agreement import AGREED
from vestibule.ledger.consent import CONSENT
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Append, Draft, Effect
from vestibule.recorder.effects import Handler
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox

TOPIC = "connection.granted"
ADD = """
    insert into grant_leaf
        (user_id, connection_id, grant_id, scope, partner_id, leaf_index, state, why)
    values (:user_id, :connection_id, :grant_id, :scope, :partner_id, :leaf_index, 'standing', '')
    on conflict (user_id, connection_id, grant_id, scope) do nothing
"""
OF_GRANT = """
    select count(*) from grant_leaf
    where user_id = :user_id and connection_id = :connection_id and grant_id = :grant_id
"""


@dataclass(frozen=True, slots=True)
class Granting:
    """A grant on its way into the log.

    Attributes:
        grant_id: by which its connection knows it.
        why: began, changed or resumed.
        event_id: 16 bytes; the same again has the same leaves.
        consent: the canonical grant she agreed to, as text.
        agreed: what openings say of how she agreed to it.
        last_day: the last UTC day on which its leaves may be written: the privileges it stands on.
        now: microseconds since 1970.
    """

    person: Account
    connection_id: int
    grant_id: int
    grant: Grant
    why: Why
    event_id: bytes
    consent: str
    agreed: str
    last_day: int
    now: int


async def write(recorder: Recorder, granting: Granting) -> None:
    """Write a grant's leaves, and return when they are published and carried out.

    Raises:
        LogUnavailable: if they are not known to be published. If they were committed all the same, they are
            carried out when the log recovers.
    """
    await recorder.append(Append(_drafts(granting), event_id=granting.event_id))


def _drafts(granting: Granting) -> tuple[Draft, ...]:
    person, grant = granting.person, granting.grant
    said = {"why": granting.why, CONSENT: granting.consent, AGREED: granting.agreed}
    body = {
        "user_id": person.user_id,
        "connection_id": granting.connection_id,
        "grant_id": granting.grant_id,
        "partner_id": grant.partner,
        "scopes": len(grant.scopes),
        "grant": grant.to_json(),
        "consent": granting.consent,
        "agreed": granting.agreed,
        "now": granting.now,
    }
    return tuple(
        Draft(
            "grant",
            scope.value,
            grant.partner,
            tags.SHARED,
            person.subject,
            0,
            last_day=min(grant.until_day, granting.last_day),
            extra={name: str(word) for name, word in said.items()},
            effect=Effect(TOPIC, {**body, "scope": scope.value}),
        )
        for scope in grant.scopes
    )


def effect_handlers(store: Store, box: Outbox) -> dict[str, Handler]:
    """Return what a grant's leaf sets in motion, by topic."""

    async def written(index: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: _written(tx, index, body))
        end_leaves.due_of(store).add(body["user_id"])
        await box.drain(body["user_id"])

    return {TOPIC: written}


async def _count(tx: Tx, user_id: int, connection_id: int, grant_id: int) -> int:
    row = await tx.one(OF_GRANT, user_id=user_id, connection_id=connection_id, grant_id=grant_id)
    return 0 if row is None else int(row[0])


async def _written(tx: Tx, index: int, body: dict[str, Any]) -> None:
    user_id, connection_id, grant_id = body["user_id"], body["connection_id"], body["grant_id"]
    await tx.run(
        ADD,
        user_id=user_id,
        connection_id=connection_id,
        grant_id=grant_id,
        scope=body["scope"],
        partner_id=body["partner_id"],
        leaf_index=index,
    )
    connection = await listing.connection_in(tx, user_id, connection_id)
    if connection is None or await _count(tx, user_id, connection_id, grant_id) < body["scopes"]:
        return
    step = states.granted(connection.where, grant_id)
    begins = step.state.standing == grant_id
    await keeping.move(
        tx,
        connection,
        step,
        body["now"],
        grant=Grant.from_json(body["grant"]) if begins else None,
        consent=body["consent"] if begins else None,
        agreed=body["agreed"] if begins else None,
    )
