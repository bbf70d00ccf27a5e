"""A partner lists friends: its own ids in two groups, an event for each of them, nothing more."""

from typing import Any

import pytest

from tests.gate.a_grant import connected_with
from tests.gate.a_platform import Connected, World, receipts_of, refused
from vestibule.connections.grants import Scope
from vestibule.ledger import tags
from vestibule.people import friends


def listed(world: World, connected: Connected, query: str = "") -> Any:
    return world.signed("jukebox", "GET", f"/v1/friends{query}", token=connected.token)


def known_as(world: World, who: str) -> str:
    key = world.run(world.platform.recorder.lane_key("jukebox", world.subject(who)))
    return tags.partner_person_id(key)


@pytest.fixture
def ana(world: World) -> Connected:
    return connected_with(world, "ana", world.conversation("ana", "bob"), Scope.FRIENDS_LIST)


def test_friends_are_listed_in_two_groups_by_the_partners_own_ids(world: World, ana: Connected) -> None:
    connected_with(world, "bob", world.conversation("bob", "ana"), Scope.MESSAGES_READ)

    with world.recording() as events:
        answer = listed(world, ana)
    world.post("bob", "/apps/jukebox/end")

    assert answer.status_code == 200
    said = answer.json()
    assert (said["connected"], said["others"]) == ([known_as(world, "bob")], [known_as(world, "cleo")])
    assert said["next"] is None
    assert set(said) == {"connected", "others", "next", "receipts"}
    by_person = {event.subject: event for event in events}
    assert by_person[world.subject("ana")].said == ("access", 1)
    for who in ("bob", "cleo"):
        event = by_person[world.subject(who)]
        assert (event.said, event.leaf.op, event.lane) == (("exposure", 1), "friends.list", tags.SHARED)
    assert {proof.index for proof in receipts_of(answer)} == {event.index for event in events}


def test_pages_follow_each_other_and_each_is_an_event(world: World, ana: Connected) -> None:
    first = listed(world, ana, "?limit=1").json()
    with world.recording() as events:
        second = listed(world, ana, f"?limit=1&after={first['next']}").json()

    assert second["next"] is None
    assert sorted(event.said for event in events) == [("access", 1), ("exposure", 1)]
    assert {*first["others"], *second["others"]} == {known_as(world, "bob"), known_as(world, "cleo")}


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?after=made-up"])
def test_what_cannot_be_understood_is_no_event(world: World, ana: Connected, query: str) -> None:
    with world.recording() as events:
        answer = listed(world, ana, query)

    assert (answer.status_code, events) == (400, [])


def test_without_the_scope_it_is_refused_on_record(world: World) -> None:
    connected = connected_with(world, "ana", world.conversation("ana", "bob"), Scope.MESSAGES_READ)

    with world.recording() as events:
        answer = listed(world, connected)

    refused(answer, "missing_scope")
    assert [(event.leaf.kind, event.leaf.op) for event in events] == [("refusal", "friends.list")]


def test_whoever_only_asked_to_be_a_friend_is_not_listed(world: World, ana: Connected) -> None:
    world.sign_up("emil")
    assert world.post("emil", "/friends/ask", handle="ana").status_code == 303

    assert known_as(world, "emil") not in listed(world, ana).text


def test_a_friendship_that_ends_while_it_is_recorded_is_not_told(world: World, ana: Connected) -> None:
    one, other = (world.people[who].account.user_id for who in ("ana", "cleo"))

    async def over() -> bool:
        return not await friends.are_friends(world.store, one, other)

    unfriend = lambda: friends.unfriend(world.store, world.platform.outbox, one, other, world.now)  # noqa: E731
    world.meanwhile(unfriend, over)
    answer = listed(world, ana)
    world.befriend("ana", "cleo")

    refused(answer, "overtaken")
