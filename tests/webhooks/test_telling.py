"""What partners are told, of whom, and what the log says of it."""

import hashlib
from collections.abc import Iterator

import pytest

from tests.gate.a_platform import DAY, SECRET, World
from tests.gate.test_receiving import lets_know
from tests.reaching.a_far_end import status
from tests.web.test_dialog import opened_form, press
from tests.webhooks.a_partner import Endpoint, connected_pair, follow, later, sandbox, settle, until, verified
from vestibule.ledger import canonical, tags


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with sandbox(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def jukebox(world: World) -> Iterator[Endpoint]:
    endpoint = Endpoint(world)
    yield endpoint
    endpoint.close()


def test_a_message_that_the_connection_sees_is_told_by_its_ids(world: World, jukebox: Endpoint) -> None:
    pair, connection = connected_pair(world)
    with world.recording() as events:
        world.says("ana", pair, SECRET)
        follow(world)
        [said] = jukebox.wait(1)
    assert said["type"] == "message.created"
    message = world.read(connection).json()["messages"][-1]
    assert said["data"]["person"] == connection.person
    assert (said["data"]["conversation"], said["data"]["id"]) == (connection.refs[0], message["id"])
    assert SECRET not in str(jukebox.end.bodies)
    told = [event for event in events if event.leaf.kind == "notify"]
    assert [(event.leaf.op, event.said, event.subject, event.lane) for event in told] == [
        ("message.created", ("notify", 1), world.subject("ana"), tags.SHARED)
    ]
    [webhook_id] = jukebox.ids
    assert told[0].private.extra == {"webhook": webhook_id}
    world.post("ana", "/apps/jukebox/end")


def test_it_is_signed_as_standard_webhooks_says_by_a_key_of_the_partners_own(
    world: World, jukebox: Endpoint
) -> None:
    pair, _ = connected_pair(world)
    world.says("ana", pair, "one")
    settle(world)
    keys = world.signed("jukebox", "GET", "/v1/webhooks").json()["keys"]
    head, body = jukebox.end.heads[0], jukebox.end.bodies[0]
    assert verified(keys, head, body)
    assert not verified(keys, head, body + b" ")
    other = Endpoint(world, "echo")
    assert not verified(world.signed("echo", "GET", "/v1/webhooks").json()["keys"], head, body)
    other.close()
    world.post("ana", "/apps/jukebox/end")


def test_words_of_those_who_have_not_agreed_leave_no_trace(world: World, jukebox: Endpoint) -> None:
    group, _ = connected_pair(world, "ana", "bob", "cleo")
    with world.recording() as events:
        world.says("bob", group, "not for Jukebox")
        world.says("cleo", group, "nor this")
        world.says("ana", group, "but this")
        settle(world)
        jukebox.wait(1)
    assert len(jukebox.data("message.created")) == 1
    assert [event.leaf.kind for event in events] == ["notify"]
    ids = world.run(world.store.read(lambda tx: tx.all("select count(*) from webhook where user_id <> 0")))
    world.says("bob", group, "and once more")
    settle(world)
    assert ids == world.run(
        world.store.read(lambda tx: tx.all("select count(*) from webhook where user_id <> 0"))
    )
    world.post("ana", "/apps/jukebox/end")


def test_a_partner_is_told_only_of_what_it_asked_for(world: World, jukebox: Endpoint) -> None:
    jukebox.configure("connection.changed")
    pair, _ = connected_pair(world)
    world.says("ana", pair, "one")
    settle(world)
    world.post("ana", "/apps/jukebox/suspend")
    world.post("ana", "/apps/jukebox/end")
    jukebox.wait(2)
    assert [said["data"]["change"] for said in jukebox.sent] == ["suspended", "ended"]


def test_changes_of_a_connection_are_told_in_their_order(world: World, jukebox: Endpoint) -> None:
    _, connection = connected_pair(world)
    world.post("ana", "/apps/jukebox/suspend")
    resumed = world.post("ana", "/apps/jukebox/resume", password="correct horse battery")
    assert resumed.status_code == 303, resumed.text
    world.post("ana", "/apps/jukebox/end")
    jukebox.wait(3)
    assert [said["change"] for said in jukebox.data("connection.changed")] == [
        "suspended",
        "resumed",
        "ended",
    ]
    assert {said["person"] for said in jukebox.data("connection.changed")} == {connection.person}


def test_a_recommendation_is_told_without_sender_and_note(world: World) -> None:
    marquee = Endpoint(world, "marquee")
    bob = lets_know(world, "bob")
    with world.recording() as events:
        press(world, opened_form(world), "bob", note=SECRET)
        settle(world)
        [said] = marquee.wait(1)
    listed = world.signed("marquee", "GET", "/v1/recommendations", token=bob.token).json()["recommendations"]
    assert (said["type"], said["data"]["id"]) == ("recommendation.received", listed[-1]["id"])
    assert set(said["data"]) == {"person", "connection", "id"}
    assert [(event.leaf.kind, event.leaf.op) for event in events][-1] == ("notify", "recommendation.received")
    world.post("bob", "/apps/marquee/end")
    marquee.close()


def test_nothing_is_told_of_what_happened_without_a_connection(world: World, jukebox: Endpoint) -> None:
    pair = world.conversation("ana", "bob")
    world.says("ana", pair, "nobody reads along")
    with world.recording() as events:
        settle(world)
    assert (jukebox.sent, events) == ([], [])


def test_the_log_stands_before_any_byte_leaves(world: World, jukebox: Endpoint) -> None:
    """The leaf is committed, but cannot be published; once it can, it is not written a second time."""
    pair, _ = connected_pair(world)
    size = world.committed()
    settle(world)
    with world.recording() as events:
        with world.broken_log():
            world.says("ana", pair, "while the log is away")
            follow(world)
            until(world, lambda: noted(world) == 1 and bool(world.written(size)))
            assert jukebox.sent == []
        settle(world)
        assert len(jukebox.wait(1)) == 1
    assert [event.leaf.kind for event in events] == ["notify"]
    world.post("ana", "/apps/jukebox/end")


def noted(world: World) -> int:
    rows = world.run(
        world.store.read(lambda tx: tx.all("select webhook_id from webhook where state = 'noted'"))
    )
    return len(rows)


def test_what_may_no_longer_be_told_when_it_is_sent_is_not(world: World, jukebox: Endpoint) -> None:
    """The first try fails; then she ends the connection, and the second never leaves."""
    pair, _ = connected_pair(world)
    jukebox.configure("message.created")
    settle(world)
    jukebox.answers(status(500))
    world.says("ana", pair, "one")
    follow(world)
    jukebox.logged(lambda log: bool(log and log[0]["tries"]))
    world.post("ana", "/apps/jukebox/end")
    later(world, DAY)
    until(world, lambda: states(world)[-1] == "dropped")
    assert len(jukebox.sent) == 1


def states(world: World) -> list[str]:
    rows = world.run(world.store.read(lambda tx: tx.all("select state from webhook order by webhook_id")))
    return [row[0] for row in rows]


def test_the_opening_carries_the_hash_of_what_was_told(world: World, jukebox: Endpoint) -> None:
    pair, _ = connected_pair(world)
    with world.recording() as events:
        world.says("ana", pair, "one")
        settle(world)
    [said] = jukebox.wait(1)
    [event] = [one for one in events if one.leaf.kind == "notify"]
    assert event.private.messages == (hashlib.sha256(canonical.encode(said)).hexdigest(),)
    world.post("ana", "/apps/jukebox/end")


def test_a_partner_that_is_suspended_is_told_nothing(world: World, jukebox: Endpoint) -> None:
    pair, _ = connected_pair(world)
    suspended = world.operate("partner-suspensions", {"partner": "jukebox", "suspended": True})
    assert suspended.status_code == 200, suspended.text
    with world.recording() as events:
        world.says("ana", pair, "not for Jukebox now")
        follow(world)
        world.post("ana", "/apps/jukebox/suspend")
        until(world, lambda: states(world)[-2:] == ["dropped", "dropped"])
    assert jukebox.sent == []
    assert "notify" not in [event.leaf.kind for event in events]
    assert world.operate("partner-suspensions", {"partner": "jukebox", "suspended": False}).status_code == 200
    world.post("ana", "/apps/jukebox/end")
