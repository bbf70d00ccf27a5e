"""A store in a fresh folder, with people and friendships in it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from vestibule.inbox import conversations, messages
from vestibule.inbox import outbox_topics as inbox_topics
from vestibule.inbox.live import Live
from vestibule.inbox.message import Message
from vestibule.people import accounts, friends
from vestibule.people import outbox_topics as people_topics
from vestibule.store import FolderBlobs, Store, open_store
from vestibule.store.outbox import Outbox

NOW = 1_795_000_000_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """What a test of this room works with."""

    store: Store
    outbox: Outbox
    live: Live
    blobs: FolderBlobs

    async def person(self, handle: str) -> int:
        account = await accounts.sign_up(
            self.store, handle=handle, name=handle.title(), password="correct horse", now=NOW
        )
        return account.user_id

    async def befriend(self, a: int, b: int) -> None:
        await friends.ask(self.store, self.outbox, a, b, NOW)
        await friends.accept(self.store, self.outbox, b, a, NOW)

    async def pair(self) -> tuple[int, int, int]:
        """Make two friends with a conversation: its id, and theirs."""
        anna, bob = await self.person("anna"), await self.person("bob")
        await self.befriend(anna, bob)
        return await conversations.open_pair(self.store, self.outbox, anna, bob, NOW), anna, bob

    async def send(self, conversation_id: int, sender_id: int, key: str, body: str = "hello") -> Message:
        return await messages.send(
            self.store,
            self.live,
            conversation_id=conversation_id,
            sender_id=sender_id,
            client_key=key,
            body=body,
            now=NOW,
        )


Opened = Callable[[], AbstractAsyncContextManager[Place]]


@pytest.fixture
def place(tmp_path: Path) -> Opened:
    """Open the same folder, as often as asked, one after the other."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Place]:
        store = await open_store(tmp_path / "data")
        handlers = {**people_topics.handlers(store), **inbox_topics.handlers(store)}
        try:
            yield Place(store, Outbox(store, handlers), Live(), FolderBlobs(tmp_path / "blobs"))
        finally:
            await store.close()

    return opened
