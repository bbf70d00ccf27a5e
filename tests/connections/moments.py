"""What several tests of connections look at."""

import asyncio

from tests.gate.a_platform import World
from vestibule.connections import end_leaves, listing
from vestibule.connections.listing import Connection


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
