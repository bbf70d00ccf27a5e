"""What several tests of connections look at."""

import asyncio
from typing import Any

from tests.gate.a_platform import TODAY, World
from vestibule.connections import end_leaves, granting, listing, proposing
from vestibule.connections.grants import Grant, Permission, Scope, Selection
from vestibule.connections.listing import Connection
from vestibule.connections.proposing import Proposal
from vestibule.ledger.agreement import Password
from vestibule.recorder.drafts import Append

PURPOSE = "a purpose"


def of(world: World, who: str) -> list[Connection]:
    """List somebody's connections, the newest first."""
    return list(world.run(listing.connections_of(world.store, world.people[who].account.user_id)))


def caught_up(world: World) -> None:
    """Have the log catch up with the ends."""

    async def work() -> None:
        while await end_leaves.people_left(world.store):
            await end_leaves.drain(world.store, world.platform.recorder)
            await asyncio.sleep(0)  # lets the platform's own task go on; reads do not

    world.run(work())


def whys(world: World, who: str) -> list[tuple[str, str]]:
    """List the grants and ends of somebody, with what their openings say of why, in the log's order."""
    return [
        (event.leaf.kind, event.private.extra["why"])
        for event in world.written(0)
        if event.subject == world.subject(who) and event.leaf.kind in ("grant", "end")
    ]


def entries(world: World) -> list[bytes]:
    """Read the log's leaves from the store, published or not."""
    work: Any = lambda tx: tx.all("select leaf from entry order by idx")  # noqa: E731  (passed on)
    return [row[0] for row in world.run(world.store.read(work))]


def grant(*conversations: int, **changed: Any) -> Grant:
    fields = {"permissions": (Permission(Scope.MESSAGES_READ, PURPOSE, 3),), "until_day": TODAY + 90}
    return Grant(partner="jukebox", selection=Selection(conversations, 0), **{**fields, **changed})


def proposed(world: World, who: str, *conversations: int, until: int = TODAY + 90) -> Proposal:
    platform = world.platform
    proposal: Proposal = world.run(
        proposing.propose(
            platform.store,
            platform.recorder,
            secret=platform.gate.secret,
            origin=platform.settings.origin,
            person=world.people[who].account,
            grant=grant(*conversations),
            privilege_until=until,
            now=world.clock(),
        )
    )
    return proposal


def agrees(world: World, who: str, proposal: Proposal) -> Any:
    platform = world.platform
    return granting.connect(
        platform.store,
        platform.outbox,
        platform.recorder,
        person=world.people[who].account,
        proposal=proposal,
        agreement=Password(),
        now=world.now,
    )


def recovered(world: World) -> None:
    """Do at once what the log does every half minute: carry out what was committed while it failed."""
    recorder: Any = world.platform.recorder

    async def work() -> None:
        await recorder._pool.put(Append(()))
        await recorder._effects.recover(recorder._settled)

    world.run(work())
    caught_up(world)
