"""A privilege that is withdrawn: every token under it permits nothing more, from the next request on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.gate.a_grant import connected_with
from tests.gate.a_platform import Connected, World, refused
from tests.gate.test_deleting import delete
from tests.gate.test_listing_friends import listed
from tests.gate.test_receiving import received
from tests.gate.test_writing import write
from vestibule.connections.grants import Scope
from vestibule.inbox import messages

ACTS: dict[Scope, Callable[[World, Connected], Any]] = {
    Scope.MESSAGES_READ: lambda world, connected: world.read(connected),
    Scope.MESSAGES_SEND: write,
    Scope.MESSAGES_DELETE: lambda world, connected: delete(world, connected, "0" * 32),
    Scope.FRIENDS_LIST: listed,
    Scope.RECOMMENDATIONS_RECEIVE: received,
}


@pytest.mark.parametrize("scope", list(Scope))
def test_the_next_request_with_any_token_under_it_is_refused_on_record(world: World, scope: Scope) -> None:
    group = world.conversation("ana", "bob")
    connected = connected_with(world, "ana", group, *Scope)
    before = ACTS[scope](world, connected)
    assert before.json().get("code") in {None, "not_own"}

    withdrawn = world.operate("withdrawals", {"partner": "jukebox", "scope": scope.value})
    stored = world.run(messages.page(world.store, group, limit=200))
    with world.recording() as events:
        answer = ACTS[scope](world, connected)
    # For the next test, which asks her anew.
    assert world.allow("jukebox", scope=scope.value).status_code == 201

    assert withdrawn.status_code == 201, withdrawn.text
    refused(answer, "no_privilege")
    assert [(event.leaf.kind, event.leaf.op) for event in events] == [("refusal", scope.value)]
    assert world.run(messages.page(world.store, group, limit=200)) == stored


def introspected(world: World, token: str) -> Any:
    return world.oauth("jukebox", "/oauth/introspect", {"token": token}).json()


def own(world: World, connected: Connected) -> Any:
    return world.signed("jukebox", "GET", "/v1/connection", token=connected.token)


def test_with_the_last_privilege_its_tokens_are_dead_and_cannot_be_refreshed(world: World) -> None:
    connected = connected_with(world, "ana", world.conversation("ana", "bob"), Scope.MESSAGES_READ)
    assert world.refresh(connected.refresh).status_code == 200

    world.operate("withdrawals", {"partner": "jukebox", "scope": "messages.read"})
    refreshed, told, shown = (
        world.refresh(connected.refresh),
        introspected(world, connected.token),
        own(world, connected),
    )
    assert world.allow("jukebox").status_code == 201

    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")
    assert told == {"active": False}
    refused(shown, "no_privilege")
    # Under a newer privilege, which she never saw, it is as dead.
    assert world.refresh(connected.refresh).json()["error"] == "invalid_grant"
    assert introspected(world, connected.refresh) == {"active": False}


def test_with_one_of_two_its_scope_is_told_nowhere_any_more(world: World) -> None:
    scopes = (Scope.MESSAGES_READ, Scope.FRIENDS_LIST)
    connected = connected_with(world, "ana", world.conversation("ana", "bob"), *scopes)

    world.operate("withdrawals", {"partner": "jukebox", "scope": "friends.list"})
    refreshed, told, shown = (
        world.refresh(connected.refresh).json(),
        introspected(world, connected.token),
        own(world, connected).json(),
    )
    assert world.allow("jukebox", scope="friends.list").status_code == 201

    for answer in (refreshed, told):
        assert [detail["type"] for detail in answer["authorization_details"]] == ["messages"]
    assert shown["scopes"] == ["messages.read"]
