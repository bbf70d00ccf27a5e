"""What stands behind "via Marquee": what it learned, muting, which nobody notices, and reporting."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from tests.gate.a_platform import World, opened
from tests.web.test_dialog import cards_of, opened_form, pair_of, press
from vestibule.inbox import conversations, projection
from vestibule.store.ids import encode


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


def via(world: World, reader: str = "bob") -> str:
    """Send a card to a friend of ana; return the address of the page behind it."""
    press(world, opened_form(world), reader)
    return f"/c/{encode(pair_of(world, 'ana', reader))}/{cards_of(world, 'ana', reader)[-1].seq}/via"


def unread(world: World, who: str) -> int:
    count: int = world.run(conversations.unread_of(world.store, world.people[who].account.user_id))
    return count


def conversation_page(world: World, who: str) -> str:
    return world.get(who, f"/c/{encode(pair_of(world, 'ana', 'bob'))}").text


def test_the_page_says_what_the_app_learned(world: World) -> None:
    page = world.get("bob", via(world)).text

    assert "Neither who sent it, nor to whom, nor the note" in page
    assert "Mute recommendations via Marquee" in page
    assert "Report it" in page
    assert f'href="{via(world)}"' in conversation_page(world, "bob")


def test_what_is_muted_is_folded_up_and_not_unread_and_comes_back(world: World) -> None:
    address = via(world)
    conversation_page(world, "bob")
    assert unread(world, "bob") == 0

    assert world.post("bob", address, decision="mute").headers["location"] == f"{address}?said=muted"
    via(world)
    folded, count = conversation_page(world, "bob"), unread(world, "bob")
    world.post("bob", address, decision="unmute")

    assert "<summary>A recommendation via Marquee, which you muted</summary>" in folded
    assert count == 0
    assert "which you muted" not in conversation_page(world, "bob")
    via(world)
    assert unread(world, "bob") == 1


def places(world: World, who: str) -> list[tuple[int, int]]:
    """The conversations of an inbox in their order, each with the time that it shows."""
    lines = world.run(conversations.inbox_of(world.store, world.people[who].account.user_id))
    return [(line.conversation_id, line.last_at) for line in lines]


@pytest.mark.parametrize("followed", [False, True], ids=["before its rows follow", "after"])
def test_what_is_muted_moves_no_conversation_up_and_shows_no_words(world: World, *, followed: bool) -> None:
    address, other = via(world), world.conversation("ana", "bob", "cleo")
    pair = pair_of(world, "ana", "bob")
    world.now += 1_000_000
    world.says("cleo", other, "are you there?")
    world.run(projection.drain(world.store))
    before = places(world, "bob")
    assert [place for place, _ in before[:2]] == [other, pair]

    world.post("bob", address, decision="mute")
    world.now += 1_000_000
    via(world)
    if followed:
        world.run(projection.drain(world.store))
    kept, moved, inbox = places(world, "bob"), places(world, "ana"), world.get("bob", "/inbox").text
    world.post("bob", address, decision="unmute")

    assert kept == before
    assert moved[0][0] == pair
    assert "you will love this" not in inbox
    assert "A recommendation · via Marquee" in inbox
    world.now += 1_000_000
    world.says("ana", pair, "and now?")
    assert places(world, "bob")[0][0] == pair
    world.run(projection.drain(world.store))
    assert places(world, "bob")[0][0] == pair


def test_the_sender_and_the_log_do_not_notice_a_mute(world: World) -> None:
    def seen() -> tuple[Any, ...]:
        with world.recording() as events:
            answer = press(world, opened_form(world), "bob")
        page = conversation_page(world, "ana")
        return answer.status_code, answer.headers["location"], len(events), page.count("you will love this")

    address = via(world)
    plain = seen()
    world.post("bob", address, decision="mute")
    muted = seen()
    world.post("bob", address, decision="unmute")

    assert muted[:3] == plain[:3]
    assert muted[3] == plain[3] + 1
    assert "muted" not in conversation_page(world, "ana")


def queue(world: World) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {world.platform.operator_token}"}
    found: list[dict[str, Any]] = world.get(None, "/operator/reports", headers=headers).json()
    return found


def test_a_report_waits_for_the_operator_once_and_without_the_note(world: World) -> None:
    address = via(world)
    for _ in range(2):
        answer = world.post("bob", address, decision="report", reason="misleading", words="no such film")
        assert answer.headers["location"] == f"{address}?said=reported"

    [found] = queue(world)
    assert (found["partner"], found["reason"], found["words"]) == ("marquee", "misleading", "no such film")
    assert found.keys() == {"partner", "event_index", "card", "reason", "words", "reported_at"}
    assert "you will love this" not in repr(found)
    settled = {"event_index": found["event_index"]}
    assert world.operate("report-settlements", settled).json() == {"settled": 1}
    assert queue(world) == []
    assert world.operate("report-settlements", settled).status_code == 400
    assert world.get(None, "/operator/reports").status_code == 401


@pytest.mark.parametrize(
    ("who", "form", "why"),
    [
        ("bob", {"reason": "made up"}, "choose a reason"),
        ("bob", {}, "choose a reason"),
        ("bob", {"reason": "other", "words": "x" * 1001}, "say it in up to 1000 characters, got 1001"),
        ("ana", {"reason": "other"}, "this is your own recommendation"),
    ],
)
def test_a_report_that_cannot_be_taken_says_why(
    world: World, who: str, form: dict[str, str], why: str
) -> None:
    answer = world.post(who, via(world), decision="report", **form)

    assert answer.status_code == 422
    assert why in unescape(answer.text)


def test_whoever_is_not_in_the_conversation_finds_nothing_there(world: World) -> None:
    address = via(world)

    assert world.get("cleo", address).status_code == 404
    assert world.post("cleo", address, decision="mute").status_code == 404
    assert world.get("bob", address.replace("/via", "000/via")).status_code == 404
    assert world.post("bob", address.replace("/via", "000/via"), decision="mute").status_code == 404


def test_another_site_cannot_mute_for_her(world: World) -> None:
    client, headers = world.people["bob"].client, {"origin": "https://marquee.test"}

    answer = world.run(client.post(via(world), data={"decision": "mute"}, headers=headers))

    assert answer.status_code == 403
