"""Every member sees who can read a conversation, since when and how much, and is told when that changes."""

import dataclasses
import re
from typing import Any

import pytest

from tests.gate.a_grant import reselect
from tests.gate.a_platform import World
from vestibule.connections import listing, notices, readers
from vestibule.connections.grants import Reach
from vestibule.store.ids import encode
from vestibule.web import sweeping


@pytest.fixture
def group(world: World) -> int:
    return world.conversation("ana", "bob", "cleo")


def seen(world: World, who: str, conversation: int) -> str:
    page = world.get(who, f"/c/{encode(conversation)}").text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_the_others_are_told_once_and_the_banner_says_the_rest(world: World, group: int) -> None:
    world.connect("ana", group)

    assert "Ana let Jukebox read here" in world.get("bob", "/inbox").text
    first, second = seen(world, "bob", group), seen(world, "bob", group)

    assert "Since you last looked: Ana let Jukebox read here" in first
    assert "Since you last looked" not in second
    assert re.search(r"Ana let it read the conversation, since \d+ \w+ 2026\.", second)
    assert "Ana let Jukebox read here" not in world.get("bob", "/inbox").text
    assert "Since you last looked" not in seen(world, "ana", group)
    assert "Since you last looked: Ana let Jukebox" in seen(world, "cleo", group)


def test_a_change_and_an_end_are_told_too(world: World, group: int) -> None:
    world.connect("ana", group)
    seen(world, "bob", group)

    reselect(world, "ana", reach=Reach.THROUGH_PARTNER)
    changed = seen(world, "bob", group)
    world.post("ana", "/apps/jukebox/end")
    ended = seen(world, "bob", group)

    assert "Ana changed what Jukebox can read here" in changed
    assert "Ana let it read what came through it, and the replies, since" in changed
    assert "Jukebox can no longer read here through Ana" in ended
    assert "No app can read this conversation." in ended


def test_a_conversation_that_is_left_out_of_a_change_is_told(world: World, group: int) -> None:
    other = world.conversation("ana", "bob")
    world.connect("ana", group)
    seen(world, "bob", group)

    reselect(world, "ana", conversations=(other,))

    assert "can no longer read here through Ana" in seen(world, "bob", group)
    assert "Ana let Jukebox read here" in seen(world, "bob", other)


def test_followed_twice_it_is_told_once(world: World, group: int) -> None:
    world.connect("ana", group)
    user_id = world.people["ana"].account.user_id
    row = "select connection_id from reader where conversation_id = :group"
    [(connection_id,)] = world.run(world.store.read(lambda tx: tx.all(row, group=group)))
    body = {"user_id": user_id, "connection_id": connection_id, "conversations": [group]}

    async def cut_off() -> None:
        # As after a crash between the notices and the row.
        await world.store.write(lambda tx: tx.run("delete from reader where conversation_id = :g", g=group))
        await readers.handlers(world.store)[readers.TOPIC](body)

    world.run(cut_off())

    told = world.run(notices.unseen_of(world.store, world.people["bob"].account.user_id))
    assert len([notice for notice in told if notice.conversation_id == group]) == 1


def kept(world: World, who: str) -> int:
    user_id = world.people[who].account.user_id
    work: Any = lambda tx: tx.one("select count(*) from notice where user_id = :id", id=user_id)  # noqa: E731
    return int(world.run(world.store.read(work))[0])


def test_of_one_person_the_newest_notices_are_kept_and_none_for_ever(
    world: World, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lets an app in and out again and again fills nobody's table."""
    monkeypatch.setattr(notices, "MOST", 5)
    world.connect("ana", group)
    user_id = world.people["ana"].account.user_id
    connection = world.run(listing.connection_with(world.store, user_id, "jukebox"))
    for version in range(10, 20):
        again = dataclasses.replace(connection, version=version, changed_at=connection.changed_at + version)
        world.run(notices.tell(world.store, again, group, notices.What.CHANGED))

    newest = world.run(notices.unseen_of(world.store, world.people["bob"].account.user_id))
    assert [told.happened_at - connection.changed_at for told in newest] == [15, 16, 17, 18, 19]
    world.run(sweeping.sweep(world.store, connection.changed_at + 17 + notices.LIFETIME))
    assert kept(world, "bob") == 3
