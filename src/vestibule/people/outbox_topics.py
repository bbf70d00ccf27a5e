"""The effects this room applies from the outbox."""

from functools import partial

from vestibule.people import blocks, friends
from vestibule.store import Store
from vestibule.store.outbox import Handler


def handlers(store: Store) -> dict[str, Handler]:
    """Return the room's handlers by topic."""
    return {friends.MIRROR: partial(friends.mirror, store), blocks.PART: partial(friends.part, store)}
