"""Granting: proposed in every word (`proposing`), agreed to, and usable once its leaves are published.

Touches the tables `connection` and `known_as`. A person has at most one connection with a partner that has
not ended: whoever is connected and agrees anew changes that one, and the partner's tokens go on.
"""

from vestibule.connections import grant_leaves, keeping, listing, records, states
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.listing import Connection
from vestibule.connections.proposing import Proposal, changed_by, check
from vestibule.connections.records import Record
from vestibule.connections.states import Status, Step, Why
from vestibule.ledger.agreement import AGREED, Agreement
from vestibule.ledger.consent import CONSENT
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.people import sessions
from vestibule.people.accounts import Account
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox

BEGIN = """
    insert into connection
        (user_id, connection_id, partner_id, state, suspended_by, standing, pending, version, grant_json,
        consent, agreed, until_day, created_at, changed_at, active_at, last_used_at)
    values (:user_id, :connection_id, :partner_id, :state, '', null, :pending, 1, :grant_json,
        :consent, :agreed, :until_day, :now, :now, :now, null)
"""
KNOW = """
    insert into known_as (person, partner_id, user_id) values (:person, :partner_id, :user_id)
    on conflict (person) do nothing
"""


async def decline(store: Store, user_id: int, partner_id: str, grant_id: int | None, now: int) -> bool:
    """Take in that a person does not agree: what may still be awaited with the partner does not begin.

    She may have agreed while the log could not write; those leaves can yet be found committed.

    Args:
        store: where the connection is.
        user_id: who declines.
        partner_id: what it asked for.
        grant_id: the grant she was shown last, None before.
        now: microseconds since 1970.

    Returns:
        False if that grant stands by now: it is too late to decline, and she can end it.
    """

    async def work(tx: Tx) -> bool:
        for connection in await listing.with_partner_in(tx, user_id, partner_id):
            if connection.state == Status.ENDED:
                continue
            if grant_id is not None and connection.standing == grant_id:
                return False
            await keeping.move(tx, connection, states.forgo(connection.where), now)
        return True

    return await store.write(work)


async def connect(
    store: Store,
    box: Outbox,
    recorder: Recorder,
    *,
    person: Account,
    proposal: Proposal,
    agreement: Agreement,
    now: int,
    session_hash: bytes | None = None,
) -> Connection:
    """Begin a connection, or change the one there is, as a person agreed to it.

    Args:
        store: where it will be.
        box: the outbox that has the conversations' readers follow.
        recorder: publishes the grant before it is usable.
        person: who agreed.
        proposal: to what, as `propose` made it for her.
        agreement: how.
        now: microseconds since 1970.
        session_hash: the session she agreed in, which must not be over: an account that was deleted, or a
            thief who was signed out, while the proof was looked at, begins nothing. None for no session.

    Raises:
        ConnectionRefused: if the grant is not acceptable any more, or she, another or a newer proposal came
            before it.
        LogUnavailable: if its leaves are not known to be published. What stood before goes on; the same
            proposal can be tried again, and if its leaves were committed, it begins when the log recovers.
    """
    check(proposal.grant, now // MICROSECONDS_A_DAY)
    record = Record.fresh(proposal.consent, agreement, proposal.picked)

    async def work(tx: Tx) -> tuple[Why, Record]:
        if session_hash is not None and not await sessions.is_open_in(tx, person.user_id, session_hash):
            raise ConnectionRefused("the session is over, please sign in again")
        return await _await_leaves(tx, person, proposal, record, now)

    why, kept = await store.write(work)
    await store.write(
        lambda tx: tx.run(
            KNOW, person=proposal.consent.person, partner_id=proposal.grant.partner, user_id=person.user_id
        )
    )
    await grant_leaves.write(recorder, _granting(person, proposal, kept, why, now))
    await box.drain(person.user_id)
    connection = await listing.connection(store, person.user_id, proposal.connection_id)
    if connection is None or connection.standing != proposal.grant_id:
        raise ConnectionRefused(
            "the connection ended before it began, or was changed or suspended: please look again"
        )
    return connection


def _granting(
    person: Account, proposal: Proposal, record: Record, why: Why, now: int
) -> grant_leaves.Granting:
    return grant_leaves.Granting(
        person=person,
        connection_id=proposal.connection_id,
        grant_id=proposal.grant_id,
        grant=proposal.grant,
        why=why,
        event_id=record.event_id,
        consent=record.extra[CONSENT],
        agreed=record.extra[AGREED],
        last_day=proposal.privilege_until,
        now=now,
    )


async def _await_leaves(
    tx: Tx, person: Account, proposal: Proposal, record: Record, now: int
) -> tuple[Why, Record]:
    """Write down, in a transaction, that a proposal's leaves are awaited.

    Returns:
        why they are written, and the record that was kept of it, at this or at an earlier try.
    """
    found = await listing.with_partner_in(tx, person.user_id, proposal.grant.partner)
    live = changed_by(found, proposal.grant_id)
    kept = await records.kept_in(tx, person.user_id, proposal.connection_id, proposal.consent.issued)
    why = Why.BEGAN if live is None or live.state == Status.WAITING else Why.CHANGED
    if live is not None and kept is not None and proposal.grant_id in (live.standing, live.pending):
        return why, kept
    expected = None if proposal.connection_id == proposal.grant_id else proposal.connection_id
    if kept is not None or expected != (None if live is None else live.connection_id):
        raise ConnectionRefused("the connection changed or ended meanwhile, please look again")
    if live is None:
        await _begin(tx, person, proposal, record, now)
    else:
        await _change(tx, live, proposal, now)
    await records.keep(tx, person.user_id, proposal.connection_id, record)
    return why, record


async def _change(tx: Tx, live: Connection, proposal: Proposal, now: int) -> None:
    """Let another grant wait for its leaves; of what only waits, the newest question is shown."""
    grant = proposal.grant if live.state == Status.WAITING else None
    await keeping.move(tx, live, Step(states.change(live.where, proposal.grant_id)), now, grant=grant)


async def _begin(tx: Tx, person: Account, proposal: Proposal, record: Record, now: int) -> None:
    begun = states.begin(proposal.grant_id)
    await tx.run(
        BEGIN,
        user_id=person.user_id,
        connection_id=proposal.connection_id,
        partner_id=proposal.grant.partner,
        state=begun.status,
        pending=begun.pending,
        grant_json=proposal.grant.to_json(),
        consent=record.extra[CONSENT],
        agreed=record.extra[AGREED],
        until_day=proposal.grant.until_day,
        now=now,
    )
