"""A partner is told what was recommended to a person through it, once she lets it: never by whom."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gate.a_grant import connected_with
from tests.gate.a_platform import (
    DAY,
    HOME,
    TODAY,
    Connected,
    World,
    connected,
    opened,
    receipts_of,
    refused,
)
from tests.web.test_dialog import opened_form, press
from vestibule.connections.grants import Scope
from vestibule.gate.admitting import digest
from vestibule.ledger import tags
from vestibule.sharing import recommended
from vestibule.web import leaving

RECEIVING = [{"type": "recommendations", "actions": ["receive"]}]
STALKER = {"kind": "film", "title": "Stalker", "picture": "", "link": f"{HOME['marquee']}/films/7"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        assert platform.allow("marquee", scope="recommendations.receive").status_code == 201
        yield platform


def received(world: World, who: Connected, query: str = "", partner: str = "jukebox") -> Any:
    return world.signed(partner, "GET", f"/v1/recommendations{query}", token=who.token)


def lets_know(world: World, who: str) -> Connected:
    """Connect a person with Marquee, for this scope and no other, through the pages of consent."""
    carried = world.pushed("marquee", authorization_details=json.dumps(RECEIVING))
    code = world.code(who, partner="marquee", carried=carried, scope_granted="recommendations.receive")
    return connected(world.exchange(code, "marquee", redirect_uri=f"{HOME['marquee']}/back").json())


def ends(world: World, who: str) -> None:
    assert world.post(who, "/apps/marquee/end").status_code == 303


def test_what_comes_after_she_agreed_is_told_without_sender_and_note(world: World) -> None:
    press(world, opened_form(world), "bob", note="before")
    bob = lets_know(world, "bob")
    press(world, opened_form(world), "bob", "cleo", note="you will love this")

    with world.recording() as events:
        answer = received(world, bob, partner="marquee")

    assert answer.status_code == 200, answer.text
    [shown] = answer.json()["recommendations"]
    assert (shown["card"], shown["day"], answer.json()["next"]) == (STALKER, TODAY, None)
    assert set(shown) == {"id", "card", "day"}
    # Without the receipts: what is random there may spell anything.
    assert not any(word in json.dumps(shown).lower() for word in ("ana", "cleo", "love", "before"))
    [event] = events
    assert (event.said, event.leaf.op, event.lane) == (("access", 1), "recommendations.receive", tags.SHARED)
    assert (event.subject, event.private.messages) == (world.subject("bob"), (digest(shown),))
    assert [proof.index for proof in receipts_of(answer)] == [event.index]
    ends(world, "bob")


def test_the_same_pressed_twice_is_told_once_and_pages_follow_each_other(world: World) -> None:
    bob = lets_know(world, "bob")
    form = opened_form(world)
    press(world, form, "bob")
    press(world, form, "bob")
    other = world.card(title="Solaris")
    press(world, opened_form(world, card=other), "bob")

    first = received(world, bob, "?limit=1", partner="marquee").json()
    second = received(world, bob, f"?limit=1&after={first['next']}", partner="marquee").json()
    nothing = received(world, bob, f"?after={second['recommendations'][0]['id']}", partner="marquee").json()

    titles = [one["card"]["title"] for page in (first, second) for one in page["recommendations"]]
    assert titles == ["Stalker", "Solaris"]
    assert (second["next"], nothing["recommendations"]) == (None, [])
    ends(world, "bob")


def test_what_came_under_an_earlier_connection_is_not_told_under_the_next(world: World) -> None:
    lets_know(world, "bob")
    press(world, opened_form(world), "bob")
    ends(world, "bob")
    press(world, opened_form(world), "bob")
    bob = lets_know(world, "bob")

    assert received(world, bob, partner="marquee").json()["recommendations"] == []
    ends(world, "bob")


def test_another_app_is_told_nothing_of_it(world: World) -> None:
    jukebox = connected_with(world, "bob", world.conversation("bob", "ana"), Scope.RECOMMENDATIONS_RECEIVE)
    press(world, opened_form(world), "bob")

    answer = received(world, jukebox)

    assert (answer.status_code, answer.json()["recommendations"]) == (200, [])


def test_without_the_scope_it_is_refused_on_record(world: World) -> None:
    reading = connected_with(world, "ana", world.conversation("ana", "bob"), Scope.MESSAGES_READ)

    with world.recording() as events:
        answer = received(world, reading)

    refused(answer, "missing_scope")
    assert [(one.leaf.kind, one.leaf.op) for one in events] == [("refusal", "recommendations.receive")]


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?after=made-up"])
def test_what_cannot_be_understood_is_no_event(world: World, query: str) -> None:
    bob = lets_know(world, "bob")

    with world.recording() as events:
        answer = received(world, bob, query, partner="marquee")
    ends(world, "bob")

    assert (answer.status_code, events) == (400, [])


def test_it_is_forgotten_after_90_days_and_with_the_account(world: World) -> None:
    bob = lets_know(world, "bob")
    press(world, opened_form(world), "bob")
    later = world.now + 91 * DAY

    assert world.run(recommended.forget_expired(world.store, world.now)) == 0
    assert world.run(recommended.forget_expired(world.store, later)) > 0
    assert received(world, bob, partner="marquee").json()["recommendations"] == []

    press(world, opened_form(world), "bob")
    gone = world.people["bob"].account.user_id
    world.run(leaving.part(world.store, world.platform.outbox, gone, world.now))
    left: Any = lambda tx: tx.all("select place from recommendation where user_id = :gone", gone=gone)  # noqa: E731
    assert world.run(world.store.read(left)) == []
