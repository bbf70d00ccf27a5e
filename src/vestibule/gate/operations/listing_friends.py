"""A partner lists the person's friends, in two groups: those who use this app too, and those who do not.

It gets nothing but its own ids of them (docs/log.md, lanes, tags and ids). One access event for her, and one
exposure for every friend in the answer.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.connections import listing, using
from vestibule.connections.errors import UnknownId
from vestibule.connections.grants import Scope
from vestibule.connections.listing import Connection
from vestibule.gate.admitting import Admitted, admit
from vestibule.gate.errors import BadRequest
from vestibule.gate.ids import ids_of, names_of
from vestibule.gate.parts import Gate
from vestibule.gate.release import release
from vestibule.gate.tagging import entity_tag, is_known
from vestibule.partners.authentication import Signed
from vestibule.people import accounts, friends
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Draft, Recorded

MOST_FRIENDS = 100


@dataclass(frozen=True, slots=True)
class Friends:
    """An answer that may leave, with a leaf for everybody in it.

    Attributes:
        connected: friends who have a live connection with this partner, by the ids that it knows them by.
        others: friends who have none.
        next: where to go on, None at the end.
        tag: the answer's entity tag.
        unchanged: whether the partner has all of it already; then nothing of it is to leave.
        recorded: the events, for receipts.
    """

    connected: tuple[str, ...]
    others: tuple[str, ...]
    next: str | None
    tag: str
    unchanged: bool
    recorded: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    people: dict[int, Account]
    connected: frozenset[int]
    last: int | None


async def list_friends(
    gate: Gate, signed: Signed, *, after: str | None, limit: int, known: frozenset[str], now: int
) -> Friends:
    """Let a partner list friends of its token's person.

    Args:
        gate: what the gate works with.
        signed: the partner's request, its signature checked.
        after: the cursor of an earlier answer, None for the beginning.
        limit: how many friends at most, 1 to 100.
        known: entity tags of what the partner has.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is decided.
        BadRequest: if limit or cursor cannot be understood; nothing is recorded.
        Refused: if it is not permitted; the refusal is recorded.
        LogUnavailable: if it cannot be recorded now; there is no answer then.
    """
    gate.rates.take(signed.partner_id, now)
    if not 1 <= limit <= MOST_FRIENDS:
        raise BadRequest(f"limit: expected 1 to {MOST_FRIENDS}, got {limit}")
    admitted = await admit(gate, signed, Scope.FRIENDS_LIST, now)
    connection = admitted.connection
    start = 0 if after is None else _start(gate, connection, after)
    page = await _page(gate, connection, start, limit)
    await using.note_use(gate.store, connection, now)

    async def unchanged() -> bool:
        return page == await _page(gate, connection, start, limit) and await admitted.still(gate)

    names = await names_of(gate, connection.partner_id, page.people)
    # In the order of the ids, which says nothing of who joined first.
    connected = _sorted([names[friend] for friend in page.people if friend in page.connected])
    others = _sorted([names[friend] for friend in page.people if friend not in page.connected])
    further = None if page.last is None else ids_of(gate, connection).friend(page.last)
    tag = entity_tag(gate, admitted, [connected, others, further])
    has_it = is_known(tag, known)
    drafts = (admitted.event("access", 0),) if has_it else _events(admitted, page)
    recorded = await release(gate.recorder, admitted.caller, drafts, unchanged)
    return Friends(connected, others, further, tag, has_it, recorded)


def _start(gate: Gate, connection: Connection, after: str) -> int:
    try:
        return ids_of(gate, connection).friend_of(after)
    except UnknownId as error:
        raise BadRequest(str(error)) from error


async def _page(gate: Gate, connection: Connection, after: int, limit: int) -> _Page:
    """Read friends with higher ids; `last` where more of them follow."""
    found = [
        friendship.friend_id
        for friendship in await friends.friends_of(gate.store, connection.user_id)
        if friendship.state == "friends" and friendship.friend_id > after
    ]
    people = await accounts.by_ids(gate.store, found[:limit])
    connected = await _connected(gate, people, connection.partner_id)
    return _Page(people, connected, found[limit - 1] if len(found) > limit else None)


async def _connected(gate: Gate, people: dict[int, Account], partner_id: str) -> frozenset[int]:
    found = set()
    for user_id in people:
        theirs = await listing.connections_of(gate.store, user_id)
        if any(one.partner_id == partner_id and one.state == "active" for one in theirs):
            found.add(user_id)
    return frozenset(found)


def _events(admitted: Admitted, page: _Page) -> tuple[Draft, ...]:
    access = admitted.event("access", 1)
    exposures = [
        dataclasses.replace(access, kind="exposure", subject=friend.subject, items=1)
        for friend in page.people.values()
    ]
    return (access, *exposures)


def _sorted(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))
