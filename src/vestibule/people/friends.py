"""Asking, accepting, declining and ending friendships. Touches the table friendship.

Of the two rows of a pair the one under the lower id is the truth: every decision is one transaction on it.
The row under the higher id mirrors it through the outbox; `changed_at` grows with each decision, so a
repeated or late mirror changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from vestibule.people import accounts
from vestibule.people.blocks import blocked_between
from vestibule.people.errors import Blocked, NotAsked, Oneself, UnknownPerson
from vestibule.store import Store, Tx
from vestibule.store.outbox import Outbox, put

State = Literal["none", "asked", "asking", "friends"]
MIRROR = "people.mirror"

_TRUTH = "select state, changed_at from friendship where user_id = :user_id and friend_id = :friend_id"
_SET = """
insert into friendship (user_id, friend_id, state, changed_at)
values (:user_id, :friend_id, :state, :changed_at)
on conflict (user_id, friend_id) do update set state = excluded.state, changed_at = excluded.changed_at
where excluded.changed_at > friendship.changed_at
"""
_OF = """
select friend_id, state, changed_at from friendship
where user_id = :user_id and state <> 'none' and not exists (
    select 1 from block
    where block.user_id = :user_id and block.blocked_id = friendship.friend_id and block.blocked = 1
)
order by friend_id
"""
_FLIPPED: dict[State, State] = {"none": "none", "asked": "asking", "asking": "asked", "friends": "friends"}


@dataclass(frozen=True, slots=True)
class Friendship:
    """How another person stands to somebody.

    Attributes:
        friend_id: The other person.
        state: `asked` (waits for the other's answer), `asking` (waits for an answer of this person) or
        `friends`. changed_at: Microseconds since 1970.
    """

    friend_id: int
    state: State
    changed_at: int


async def ask(store: Store, outbox: Outbox, a: int, b: int, now: int) -> State:
    """Let `a` ask `b` for friendship and return how `b` now stands to `a`.

    When `b` was asking already, they are friends.

    Raises:
        Oneself: `a` is `b`.
        UnknownPerson: there is no `b`.
        Blocked: one of the two has blocked the other.
    """
    await check_pair(store, a, b)
    return await _decide(store, outbox, a, b, now=now, decision=_asked)


async def accept(store: Store, outbox: Outbox, a: int, b: int, now: int) -> None:
    """Let `a` accept the request of `b`; accepting twice is fine.

    Raises:
        NotAsked: `b` has no open request.
        Blocked: one of the two has blocked the other.
    """
    await check_pair(store, a, b)
    await _decide(store, outbox, a, b, now=now, decision=_accepted)


async def decline(store: Store, outbox: Outbox, a: int, b: int, now: int) -> None:
    """Let `a` decline the request of `b`, or take back her own; without one nothing happens."""
    await _decide(store, outbox, a, b, now=now, decision=_declined)


async def unfriend(store: Store, outbox: Outbox, a: int, b: int, now: int) -> None:
    """End whatever there is between `a` and `b`: friendship or request."""
    await _decide(store, outbox, a, b, now=now, decision=_ended)


async def friends_of(store: Store, user_id: int) -> tuple[Friendship, ...]:
    """Return everybody who is a friend, was asked or is asking, without those this person has blocked."""

    async def read(tx: Tx) -> tuple[Friendship, ...]:
        return tuple(Friendship(*row) for row in await tx.all(_OF, user_id=user_id))

    return await store.read(read)


async def are_friends(store: Store, a: int, b: int) -> bool:
    """Whether two persons are friends."""

    async def read(tx: Tx) -> bool:
        row = await tx.one(_TRUTH, user_id=min(a, b), friend_id=max(a, b))
        return row is not None and row[0] == "friends"

    return await store.read(read)


async def mirror(store: Store, body: dict[str, Any]) -> None:
    """Apply a decision to the row under the higher id."""
    low, high = body["low"], body["high"]

    async def write(tx: Tx) -> None:
        await tx.run(_SET, user_id=high, friend_id=low, state=body["state"], changed_at=body["changed_at"])

    await store.write(write)


async def part(store: Store, body: dict[str, Any]) -> None:
    """End whatever there is between two persons because one has blocked the other."""
    low, high = sorted((body["blocker"], body["blocked"]))

    async def end(tx: Tx) -> int | None:
        row = await tx.one(_TRUTH, user_id=low, friend_id=high)
        if row is None:
            return None
        if row[0] == "none":
            return int(row[1])
        changed_at: int = max(body["changed_at"], row[1] + 1)
        await tx.run(_SET, user_id=low, friend_id=high, state="none", changed_at=changed_at)
        return changed_at

    # Without a truth there is no mirror: one as new as the block would outdate the pair's first decision.
    if (changed_at := await store.write(end)) is not None:
        await mirror(store, {"low": low, "high": high, "state": "none", "changed_at": changed_at})


async def check_pair(store: Store, a: int, b: int) -> None:
    """Refuse two persons who cannot be friends; persons for trying know their partner's others only.

    Raises:
        Oneself: `a` is `b`.
        UnknownPerson: there is no `b`, or none whom `a` can know.
        Blocked: one of the two has blocked the other.
    """
    if a == b:
        raise Oneself("expected another person, got oneself")
    people = await accounts.by_ids(store, (a, b))
    one, other = people.get(a), people.get(b)
    if one is None or other is None or other.deleted_at is not None or one.tried_by != other.tried_by:
        raise UnknownPerson("there is no such person")
    if await blocked_between(store, a, b):
        raise Blocked("friendship with this person is not possible")


async def _decide(
    store: Store, outbox: Outbox, a: int, b: int, *, now: int, decision: Callable[[State], State]
) -> State:
    """Write the decision of `a` about `b` under the lower id, let the mirror follow, return the new state."""
    low, high = min(a, b), max(a, b)

    async def write(tx: Tx) -> State:
        row = await tx.one(_TRUTH, user_id=low, friend_id=high)
        truth: State = row[0] if row else "none"
        before = truth if a == low else _FLIPPED[truth]
        after = decision(before)
        if after == before:
            return after
        changed_at = max(now, row[1] + 1) if row else now
        state = after if a == low else _FLIPPED[after]
        await tx.run(_SET, user_id=low, friend_id=high, state=state, changed_at=changed_at)
        await put(
            tx, low, MIRROR, {"low": low, "high": high, "state": _FLIPPED[state], "changed_at": changed_at}
        )
        return after

    after = await store.write(write)
    await outbox.drain(low)
    return after


def _asked(state: State) -> State:
    return "friends" if state in {"asking", "friends"} else "asked"


def _accepted(state: State) -> State:
    if state not in {"asking", "friends"}:
        raise NotAsked("this person has not asked")
    return "friends"


def _declined(state: State) -> State:
    return "friends" if state == "friends" else "none"


def _ended(_state: State) -> State:
    return "none"
