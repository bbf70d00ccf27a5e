"""The effects this room applies from the outbox."""

from functools import partial

from vestibule.inbox import conversations, projection
from vestibule.store import Store
from vestibule.store.outbox import Handler


def handlers(store: Store) -> dict[str, Handler]:
    """Return the room's handlers by topic."""
    return {
        conversations.LINE: partial(projection.line, store),
        conversations.PAIR: partial(conversations.settle_pair, store),
        conversations.BLOCKS: partial(conversations.apply_block, store),
    }
