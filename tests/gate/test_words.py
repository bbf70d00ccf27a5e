"""The other side of the conversation: whose words a partner sees, decided by whose they are."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gate.a_platform import Connected, World, refused
from vestibule.connections import agreements
from vestibule.connections.words import Who
from vestibule.people import blocks
from vestibule.store.ids import encode


@pytest.fixture
def group(world: World) -> int:
    group = world.conversation("ana", "bob", "cleo")
    world.says("bob", group, "Bob's own words")
    return group


@pytest.fixture
def ana(world: World, group: int) -> Iterator[Connected]:
    yield world.connect("ana", group)
    assert world.post("bob", "/words", let="nobody").status_code == 303


def sees(world: World, connected: Connected) -> bool:
    return "Bob's own words" in world.read(connected).text


def test_nobody_chosen_apps_or_any(world: World, ana: Connected) -> None:
    found = {}
    for who, partner in (("nobody", "jukebox"), ("chosen", "echo"), ("chosen", "jukebox"), ("anyone", "")):
        assert world.post("bob", "/words", let=who, partner=partner).status_code == 303
        found[who, partner] = sees(world, ana)

    assert [where for where, seen in found.items() if seen] == [("chosen", "jukebox"), ("anyone", "")]
    assert 'value="anyone" checked' in world.get("bob", "/words").text


def test_one_conversation_is_decided_otherwise(world: World, ana: Connected, group: int) -> None:
    path = f"/c/{encode(group)}/words"
    assert world.post("bob", path, let="anyone").status_code == 303
    assert sees(world, ana)
    world.post("bob", "/words", let="anyone")
    world.post("bob", path, let="nobody")
    assert not sees(world, ana)
    world.post("bob", path, let="usual")
    assert sees(world, ana)


@pytest.mark.parametrize("who", ["", "everybody", "usual"])
def test_a_form_that_says_something_else_changes_nothing(world: World, ana: Connected, who: str) -> None:
    assert world.post("bob", "/words", let=who).status_code == 400
    assert not sees(world, ana)


def test_a_conversation_is_decided_by_its_members_alone(world: World, group: int) -> None:
    world.sign_up(f"eve{next(world.numbers)}")
    eve = next(reversed(world.people))

    assert world.post(eve, f"/c/{encode(group)}/words", let="anyone").status_code == 404


def test_through_somebody_she_has_blocked_no_app_sees_her_words(world: World, ana: Connected) -> None:
    bob, blocked = (world.people[who].account.user_id for who in ("bob", "ana"))
    world.post("bob", "/words", let="anyone")
    assert sees(world, ana)

    world.run(blocks.block(world.store, world.platform.outbox, bob, blocked, world.now))
    seen = sees(world, ana)
    world.run(blocks.unblock(world.store, world.platform.outbox, bob, blocked, world.clock()))
    world.befriend("ana", "bob")

    assert not seen


@pytest.mark.parametrize("how", ["all", "here", "block"])
def test_a_word_taken_back_while_the_read_is_recorded_releases_nothing(
    world: World, ana: Connected, group: int, how: str
) -> None:
    bob, reader = (world.people[who].account.user_id for who in ("bob", "ana"))
    world.post("bob", "/words", let="anyone")

    async def taken_back() -> Any:
        if how == "all":
            await agreements.set_usual(world.store, bob, Who.NOBODY, [], world.now)
        elif how == "here":
            await agreements.set_here(world.store, bob, group, Who.NOBODY, world.now)
        else:
            await blocks.block(world.store, world.platform.outbox, bob, reader, world.now)
        return True

    world.meanwhile(taken_back, taken_back)
    answer = world.read(ana)
    if how == "block":
        world.run(blocks.unblock(world.store, world.platform.outbox, bob, reader, world.clock()))
        world.befriend("ana", "bob")

    refused(answer, "overtaken")
