"""At random, on a whole platform whose log fails now and then: it counts exactly the active connections."""

from collections.abc import Awaitable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connections.moments import agrees, entries, of, proposed, recovered
from tests.gate.a_platform import DAY, TODAY, World
from vestibule.connections import ending, suspending
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.listing import Connection
from vestibule.connections.states import By, Status
from vestibule.ledger.replay import replay
from vestibule.recorder.errors import RecorderError

WHO = ("ana", "cleo")
BY = st.sampled_from([By.PERSON, By.PARTNER, By.OPERATOR])
ACTS = st.one_of(
    st.tuples(
        st.sampled_from(["agree", "agree", "end", "expire", "unused", "break", "mend"]), st.just(By.PERSON)
    ),
    st.tuples(st.sampled_from(["suspend", "resume"]), BY),
)


def act(world: World, who: str, what: str, by: By, group: int) -> None:
    """Do one thing, as far as it is possible; the log may be down."""
    if what in ("break", "mend"):
        world.disk.fails = what == "break"
        return
    try:
        if what == "agree":
            world.run(agrees(world, who, proposed(world, who, group)))
        else:
            world.run(_out_or_in(world, who, what, by))
    except (ConnectionRefused, RecorderError):
        pass


def _out_or_in(world: World, who: str, what: str, by: By) -> Awaitable[Any]:
    store, box, now = world.store, world.platform.outbox, world.clock()
    person = world.people[who].account
    connection_id = of(world, who)[0].connection_id if of(world, who) else 0
    if what == "end":
        return ending.end(store, box, person.user_id, "jukebox", now)
    if what == "expire":
        return ending.expire(store, box, TODAY + 91, now)
    if what == "unused":
        return suspending.suspend_unused(store, box, now + 91 * DAY)
    if what == "suspend":
        return suspending.suspend(
            store, box, user_id=person.user_id, connection_id=connection_id, by=by, now=now
        )
    return suspending.resume(
        store,
        box,
        world.platform.recorder,
        person=person,
        connection_id=connection_id,
        by=by,
        privilege_until=TODAY + 90,
        now=now,
    )


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WHO), ACTS), min_size=4, max_size=16))
def test_the_log_never_counts_less_than_nothing_and_in_the_end_exactly_the_active_ones(
    world: World, group: int, acts: list[tuple[str, tuple[str, By]]]
) -> None:
    for who, (what, by) in acts:
        act(world, who, what, by, group)
        assert all(is_published(world, connection) for name in WHO for connection in of(world, name))
    world.disk.fails = False
    recovered(world)

    history = replay(entries(world))

    assert history.breaches == ()
    active = [one for name in WHO for one in of(world, name) if one.state == Status.ACTIVE]
    assert sum(steps[-1][1] for steps in history.lives.values()) == len(active)


def is_published(world: World, connection: Connection) -> bool:
    """Say whether a connection is active only with its leaves below the published checkpoint."""
    if connection.state != Status.ACTIVE:
        return True
    return bool(connection.leaves) and max(connection.leaves.values()) < world.size()
