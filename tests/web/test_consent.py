"""Consent in two steps: what a person chooses, what exactly she then reads, and what she agrees to."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import httpx2
import pytest

from tests.gate.a_platform import HOME, PASSWORD, READ, TODAY, World, opened, queried
from vestibule.connections import listing
from vestibule.connections.grants import Reach
from vestibule.connections.listing import Connection
from vestibule.store.ids import encode

UNIX_EPOCH = date(1970, 1, 1).toordinal()
ANSWER = "/oauth/authorize"
WAITING = r'href="(/oauth/authorize\?client_id=jukebox[^"]+)"'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def carried(world: World) -> dict[str, str]:
    """A request that ana has opened."""
    pushed = world.pushed()
    assert world.opens("ana", pushed).status_code == 200
    return pushed


@pytest.fixture(autouse=True)
def nothing_connected(world: World) -> None:
    world.post("ana", "/apps/jukebox/end")


def chooses(world: World, carried: dict[str, str], *conversations: int, **changed: Any) -> httpx2.Response:
    form = {
        "scope_granted": READ,
        "conversation": [encode(conversation) for conversation in conversations],
        "reach": "conversations",
        "since": "2020-01-01",
        "until": "2027-01-01",
        "decision": "continue",
    }
    return world.post("ana", ANSWER, **{**carried, **form, **changed})


def text_of(answer: httpx2.Response) -> str:
    main = re.sub(r"(?s)<footer.*", "", answer.text)
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", main).split()))


def standing(world: World, partner: str = "jukebox") -> Connection | None:
    found: Connection | None = world.run(
        listing.connection_with(world.store, world.people["ana"].account.user_id, partner)
    )
    return found


def outdated(answer: httpx2.Response) -> None:
    assert answer.status_code == 409
    assert "This is not what you were shown" in answer.text
    assert "Nothing was changed" in answer.text
    assert 'href="/oauth/authorize?client_id=jukebox' in answer.text


# The first step


def test_the_form_starts_with_no_conversation_chosen(world: World) -> None:
    world.conversation("ana", "bob")

    boxes = re.findall(r'<input[^>]*name="conversation"[^>]*>', world.opens("ana", world.pushed()).text)

    assert boxes
    assert not any("checked" in box for box in boxes)


def test_a_partner_without_the_privilege_can_be_offered_nothing(world: World) -> None:
    page = world.opens("ana", world.pushed("marquee"))

    assert f'name="scope_granted" value="{READ}"' not in page.text
    assert "Marquee also asks for this: “Read messages”" in text_of(page)


def test_the_page_stands_alone_without_script_or_frame_and_leads_to_this_partner_alone(world: World) -> None:
    page = world.opens("ana", world.pushed())
    policy = page.headers["content-security-policy"]

    assert f"form-action 'self' {HOME['jukebox']};" in policy
    assert HOME["marquee"] not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert "<nav" not in page.text


def test_what_the_partner_hands_over_cannot_break_out_of_the_page(world: World) -> None:
    nasty = '"><script>alert(1)</script>'

    assert "<script>alert" not in world.opens("ana", world.pushed(state=nasty)).text


def test_the_page_says_what_the_log_shows_while_few_are_connected(world: World) -> None:
    assert "everyone can see in the public log" in text_of(world.opens("ana", world.pushed()))


def test_what_is_wrong_with_a_choice_is_said_and_the_choice_is_kept(
    world: World, carried: dict[str, str]
) -> None:
    group = world.conversation("ana", "bob")

    answer = chooses(world, carried, group, until="2040-01-01", since="2021-02-03")

    assert answer.status_code == 422
    assert "The end has to lie between" in answer.text
    assert 'value="2021-02-03"' in answer.text
    [box] = re.findall(rf'<input[^>]*value="{encode(group)}"[^>]*>', answer.text)
    assert "checked" in box
    for value in carried.values():
        assert value in unescape(answer.text)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"scope_granted": []}, "Nothing is ticked"),
        ({"scope_granted": ["messages.send", "friends.list"]}, "Nothing is ticked"),
        ({"conversation": []}, "No conversation is chosen"),
        ({"conversation": "not an id"}, "your own conversations"),
        ({"conversation": encode(12345)}, "your own conversations"),
        ({"until": "tomorrow"}, "year, month and day"),
        ({"since": "1-2-3-4"}, "year, month and day"),
        ({"until": "2020-01-01"}, "The end has to lie between"),
        ({"reach": "picked", "decision": "pick", "picked": "1.2.3"}, "your own conversations"),
        ({"reach": "picked", "decision": "pick"}, "Pick between 1 and 200"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_what_to_do(
    world: World, carried: dict[str, str], changed: dict[str, Any], words: str
) -> None:
    answer = chooses(world, carried, world.conversation("ana", "bob"), **changed)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert standing(world) is None


def test_a_reach_wider_than_asked_for_cannot_be_chosen(world: World) -> None:
    details = '[{"type":"messages","actions":["read"],"reach":"through_partner"}]'
    carried = world.pushed(authorization_details=details)
    page = world.opens("ana", carried)

    assert re.findall(r'name="reach" value="(\w+)"', page.text) == ["through_partner"]
    answer = chooses(world, carried, world.conversation("ana", "bob"))
    assert answer.status_code == 422
    assert "more than the app asked for" in answer.text


# The second step


def test_she_reads_the_very_grant_before_anything_is_granted(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob")

    with world.recording() as events:
        page = chooses(world, carried, group)

    assert page.status_code == 200
    said = text_of(page)
    assert "What Jukebox will be able to view Jukebox can read the messages in: new-" in said
    assert "Only messages sent on or after 1 January 2020 (UTC)." in said
    assert "All of this ends by itself after 1 January 2027 (UTC)." in said
    assert "Jukebox cannot write messages in your name." in said
    assert "The others in these conversations see that Jukebox reads here" in said
    assert (events, standing(world)) == ([], None)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_what_she_agreed_to_is_what_she_read(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob", "cleo")
    page = chooses(world, carried, group, reach="through_partner", until="2026-12-31")

    # What else the last form says does not count.
    answer = world.agrees("ana", carried, page, conversation="x", until="2030-01-01", reach="conversations")

    assert answer.headers["location"].startswith(f"{HOME['jukebox']}/back?")
    connection = standing(world)
    assert connection is not None
    assert connection.grant.selection.conversations == (group,)
    assert connection.grant.selection.reach is Reach.THROUGH_PARTNER
    assert connection.grant.until_day == TODAY + 38


def test_a_wrong_password_grants_nothing_and_can_be_corrected(world: World, carried: dict[str, str]) -> None:
    page = chooses(world, carried, world.conversation("ana", "bob"))

    with world.recording() as events:
        wrong = world.agrees("ana", carried, page, password="my dog's name")

    assert wrong.status_code == 422
    assert "That is not your password. Nothing was granted." in wrong.text
    assert events == []
    assert "code" in queried(world.agrees("ana", carried, wrong))


def test_guessing_the_password_is_slowed_down(world: World) -> None:
    carried = world.pushed()
    world.opens("cleo", carried)
    form = {"scope_granted": READ, "conversation": encode(world.conversation("cleo", "ana"))}
    form |= {"since": "2020-01-01", "until": "2026-12-31"}
    page = world.post("cleo", ANSWER, **carried, **form, decision="continue")
    answers = [world.agrees("cleo", carried, page, password=f"guess {number}") for number in range(12)]

    assert answers[-1].status_code == 429
    assert "Too many wrong passwords" in answers[-1].text
    assert world.agrees("cleo", carried, page).status_code == 429


def test_going_back_keeps_what_was_chosen(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob", "cleo")
    chooses(world, carried, group, since="2021-02-03")

    page = world.post("ana", ANSWER, **carried, decision="back")

    assert 'value="2021-02-03"' in page.text
    [box] = re.findall(rf'<input[^>]*value="{encode(group)}"[^>]*>', page.text)
    assert "checked" in box


@pytest.mark.parametrize("shown", ["", "0" * 64, "nonsense"])
def test_a_digest_that_was_tampered_with_changes_nothing(
    world: World, carried: dict[str, str], shown: str
) -> None:
    page = chooses(world, carried, world.conversation("ana", "bob"))

    with world.recording() as events:
        outdated(world.agrees("ana", carried, page, shown=shown))

    assert events == []


def test_who_was_shown_nothing_cannot_agree(world: World, carried: dict[str, str]) -> None:
    outdated(world.post("ana", ANSWER, **carried, decision="agree", shown="", password=PASSWORD))


def test_of_two_windows_only_the_one_that_shows_the_newest_choice_can_agree(
    world: World, carried: dict[str, str]
) -> None:
    one, other = world.conversation("ana", "bob"), world.conversation("ana", "bob", "cleo")
    earlier, later = chooses(world, carried, one), chooses(world, carried, other)

    outdated(world.agrees("ana", carried, earlier))
    assert world.agrees("ana", carried, later).status_code == 303


def test_another_session_of_hers_was_shown_nothing(world: World, carried: dict[str, str]) -> None:
    page = chooses(world, carried, world.conversation("ana", "bob"))
    first, elsewhere = world.people["ana"].client, world.browser()
    world.run(elsewhere.post("/signin", data={"handle": "ana", "password": PASSWORD}))
    world.people["ana"].client = elsewhere
    try:
        with world.recording() as events:
            outdated(world.agrees("ana", carried, page))
    finally:
        world.people["ana"].client = first
        world.run(elsewhere.aclose())

    assert events == []


def test_another_person_can_neither_choose_nor_agree(world: World, carried: dict[str, str]) -> None:
    page = chooses(world, carried, world.conversation("ana", "bob"))

    answer = world.agrees("bob", carried, page)

    assert answer.status_code == 403
    assert "somebody else" in answer.text


def test_a_request_that_was_decided_on_cannot_be_agreed_to_again(
    world: World, carried: dict[str, str]
) -> None:
    page = chooses(world, carried, world.conversation("ana", "bob"))
    assert world.agrees("ana", carried, page).status_code == 303

    with world.recording() as events:
        assert world.agrees("ana", carried, page).status_code == 410

    assert events == []


def test_another_privilege_than_the_one_she_read_of_is_not_agreed_to(world: World) -> None:
    carried = world.pushed("echo")
    world.opens("ana", carried)
    page = chooses(world, carried, world.conversation("ana", "bob"))
    assert world.allow("echo", purpose="To sell what you talk about.").status_code == 201

    with world.recording() as events:
        answer = world.agrees("ana", carried, page)

    assert (answer.status_code, events) == (409, [])
    assert "To sell what you talk about." in world.opens("ana", carried).text


# Picking messages


def test_messages_can_be_picked_page_by_page_and_only_those_are_granted(
    world: World, carried: dict[str, str]
) -> None:
    group = world.conversation("ana", "bob")
    for number in range(60):
        world.says("ana", group, f"said {number}")
    kept = {"conversation": encode(group), "reach": "picked", "scope_granted": READ}
    kept |= {"since": "2020-01-01", "until": "2027-01-01"}

    newest = chooses(world, carried, group, reach="picked")
    [earlier] = re.findall(r'name="show" value="([^"]+)" class="second slim"', newest.text)
    boxes = re.findall(r'name="picked" value="([^"]+)"', newest.text)
    assert len(boxes) == 50
    oldest = world.post("ana", ANSWER, **carried, **kept, picked=boxes[-1], decision="pick", show=earlier)
    assert f'type="hidden" name="picked" value="{boxes[-1]}"' in oldest.text
    first = re.findall(r'type="checkbox" name="picked" value="([^"]+)"', oldest.text)[0]
    page = world.post(
        "ana", ANSWER, **carried, **kept, picked=[boxes[-1], first], decision="pick", turn="continue"
    )
    assert re.search(r"can read only the 2 messages that you picked, in: new-\d+ · 2 messages", text_of(page))
    assert world.agrees("ana", carried, page).status_code == 303

    connection = standing(world)
    assert connection is not None
    seqs = sorted(int(box.partition(".")[2]) for box in (boxes[-1], first))
    assert connection.grant.selection.picked == tuple((group, seq) for seq in seqs)


def test_a_picked_message_from_before_the_chosen_day_does_not_count(
    world: World, carried: dict[str, str]
) -> None:
    group, tomorrow = world.conversation("ana", "bob"), str(date.fromordinal(UNIX_EPOCH + TODAY + 1))
    picking = {"reach": "picked", "decision": "pick", "turn": "continue", "picked": f"{encode(group)}.1"}

    assert "only the 1 message" in text_of(chooses(world, carried, group, **picking))
    assert "Pick between 1 and 200" in chooses(world, carried, group, **picking, since=tomorrow).text


def test_from_picking_one_can_go_back(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob")

    page = chooses(world, carried, group, reach="picked", decision="pick", turn="back")

    assert "Jukebox asks to come in" in page.text


def test_nothing_is_shown_of_a_conversation_she_is_not_in(world: World, carried: dict[str, str]) -> None:
    world.befriend("bob", "cleo")
    theirs = world.conversation("bob", "cleo")
    world.says("bob", theirs, "a word for those here")
    hers = world.conversation("ana", "bob")

    answer = chooses(world, carried, hers, reach="picked", decision="pick", show=f"{encode(theirs)}.0")

    assert "a word for those here" not in answer.text


# A connection that stands


def test_a_larger_request_shows_the_difference_and_what_stands_goes_on_until_she_agrees(world: World) -> None:
    one, other = world.conversation("ana", "bob"), world.conversation("ana", "bob", "cleo")
    connected = world.connect("ana", one)
    carried = world.pushed()
    asking = world.opens("ana", carried)
    assert "Jukebox asks to change what it can do" in asking.text

    page = chooses(world, carried, one, other, until="2026-12-31")

    said = text_of(page)
    assert "What this changes Until you agree, everything stays as it is." in said
    assert "as before Read messages" in said
    assert re.search(r"as before new-\d+ new new-\d+", said)
    assert "new Until 31 December 2026 (UTC)" in said
    assert "no longer Until 1 January 2027 (UTC)" in said
    assert world.read(connected).status_code == 200
    before = standing(world)
    assert world.agrees("ana", carried, page).status_code == 303
    after = standing(world)
    assert before is not None
    assert after is not None
    assert after.connection_id == before.connection_id
    assert set(after.grant.selection.conversations) == {one, other}
    assert world.read(connected).status_code == 200


def test_deciding_later_leaves_the_request_on_her_apps_page_for_half_an_hour(
    world: World, carried: dict[str, str]
) -> None:
    answer = world.post("ana", ANSWER, **carried, decision="later")
    assert answer.headers["location"] == "/apps?said=waiting"

    [address] = re.findall(WAITING, world.get("ana", "/apps").text)
    assert world.get("ana", unescape(address)).status_code == 200
    assert "Waiting for you" not in world.get("bob", "/apps").text
    world.now += 1801 * 1_000_000
    assert not re.findall(WAITING, world.get("ana", "/apps").text)


def test_what_is_decided_waits_no_longer(world: World, carried: dict[str, str]) -> None:
    assert re.findall(WAITING, world.get("ana", "/apps").text)
    world.post("ana", ANSWER, **carried, decision="decline")
    assert not re.findall(WAITING, world.get("ana", "/apps").text)


def test_from_the_apps_page_she_narrows_what_stands_and_comes_back_there(world: World) -> None:
    one, other = world.conversation("ana", "bob"), world.conversation("ana", "bob", "cleo")
    connected = world.connect("ana", one, other)
    begun = world.post("ana", "/apps/jukebox/change")
    address = begun.headers["location"]
    assert address.startswith("/oauth/authorize?")
    form = world.get("ana", address)
    assert "Change what Jukebox can do" in form.text
    assert "What Jukebox can view" in form.text
    assert "asks to" not in form.text
    assert HOME["jukebox"] not in form.headers["content-security-policy"]
    carried = queried(begun)

    page = chooses(world, carried, other)
    answer = world.agrees("ana", carried, page)

    assert answer.headers["location"] == "/apps?said=changed#jukebox"
    after = standing(world)
    assert after is not None
    assert after.grant.selection.conversations == (other,)
    assert world.read(connected).status_code == 403


def test_a_change_of_her_own_gives_the_app_no_wider_reach_and_tells_it_nothing(world: World) -> None:
    group = world.conversation("ana", "bob")
    carried = world.pushed()
    world.opens("ana", carried)
    world.agrees("ana", carried, chooses(world, carried, group, reach="through_partner"))
    begun = queried(world.post("ana", "/apps/jukebox/change"))

    assert chooses(world, begun, group).status_code == 422
    assert world.post("ana", ANSWER, **begun, decision="decline").headers["location"] == "/apps"
    connection = standing(world)
    assert connection is not None
    assert connection.grant.selection.reach is Reach.THROUGH_PARTNER


def test_there_is_nothing_to_change_without_a_connection(world: World) -> None:
    for partner in ("jukebox", "nobody"):
        answer = world.post("ana", f"/apps/{partner}/change")
        assert answer.status_code == 409
        assert "You have no connection with this app" in answer.text


# Words


def test_a_browser_that_prefers_german_reads_german(world: World) -> None:
    group = world.conversation("ana", "bob")
    carried = world.pushed()
    ana = world.people["ana"].client
    ana.headers["accept-language"] = "de-DE,de;q=0.9,en;q=0.5"
    try:
        asking = world.opens("ana", carried)
        page = chooses(world, carried, group)
        wrong = world.agrees("ana", carried, page, password="falsch")
        stopped = world.agrees("ana", carried, page, shown="0")
    finally:
        del ana.headers["accept-language"]

    assert '<html lang="de">' in asking.text
    assert "Jukebox bittet um Einlass" in asking.text
    assert "Jukebox kann die Nachrichten lesen in: new-" in text_of(page)
    assert "mit Ablauf des 1. Januar 2027 (UTC)" in text_of(page)
    assert "Das ist nicht Ihr Passwort" in wrong.text
    assert "Das ist nicht, was Ihnen gezeigt wurde" in stopped.text


def test_a_title_is_shown_inertly(world: World, carried: dict[str, str]) -> None:
    form = {"to": ["bob"], "title": "<b>safe\u202e\u2066 song</b>", "body": "hello", "key": "inert-1"}
    place = world.post("ana", "/new", **form).headers["location"]
    conversation = place.rpartition("/")[2].partition("#")[0]

    page = chooses(world, carried, conversation=conversation)

    assert "<bdi>&lt;b&gt;safe song&lt;/b&gt;</bdi>" in page.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.text)
