"""The send dialog and the click link: a friend's recommendation, of which the app learns only *sent*."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx2
import pytest

from tests.gate.a_platform import HOME, ORIGIN, PASSWORD, SECOND, SEED, World, opened, queried
from vestibule.inbox import conversations, messages
from vestibule.inbox.message import Message
from vestibule.ledger import tags
from vestibule.sdk.signing import sign_card
from vestibule.sharing import card as cards
from vestibule.sharing import dialogs


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


Form = dict[str, str]
"""What a dialog's page carries in hidden fields."""


def form_of(page: str) -> Form:
    return {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', page)
    }


def opened_form(world: World, who: str = "ana", **changed: Any) -> Form:
    page = world.dialog(who, **changed)
    assert page.status_code == 200, page.text
    return form_of(page.text)


def press(world: World, form: Form, *to: str, who: str = "ana", **changed: str) -> httpx2.Response:
    decided = {"to": list(to), "note": "you will love this", "decision": "send"}
    return world.post(who, "/dialog", **{**form, **decided, **changed})


def pair_of(world: World, one: str, other: str) -> int:
    a, b = (world.people[name].account.user_id for name in (one, other))
    pair: int = world.run(conversations.open_pair(world.store, world.platform.outbox, a, b, world.now))
    return pair


def cards_of(world: World, one: str, other: str) -> list[Message]:
    """Read the cards in the conversation of two."""
    page = world.run(messages.page(world.store, pair_of(world, one, other), limit=200))
    return [message for message in page if message.card]


def test_a_sent_card_is_one_event_and_one_message_for_each_friend_in_lanes_of_their_own(world: World) -> None:
    before = {name: len(cards_of(world, "ana", name)) for name in ("bob", "cleo")}
    with world.recording() as events:
        answer = press(world, opened_form(world), "bob", "cleo")

    assert answer.status_code == 303
    assert [(event.leaf.kind, event.leaf.op, event.leaf.n) for event in events] == [("send", "dialog", 1)] * 2
    assert {event.subject for event in events} == {world.subject("bob"), world.subject("cleo")}
    assert {event.lane for event in events} == {tags.OWN}
    assert all(event.private.request is None for event in events)
    by_subject = {event.subject: event.index for event in events}
    for name in ("bob", "cleo"):
        sent = cards_of(world, "ana", name)[before[name] :]
        assert [(message.via_partner, message.event_index) for message in sent] == [
            ("marquee", by_subject[world.subject(name)])
        ]
        assert sent[0].body == "you will love this"
        assert HOME["marquee"] not in (sent[0].card or "")


def test_the_app_learns_sent_and_nothing_else(world: World) -> None:
    answer = press(world, opened_form(world), "bob")

    assert answer.headers["location"].startswith(f"{HOME['marquee']}/back?")
    assert queried(answer) == {"state": "state of the partner", "result": "sent"}
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.content == b""


def coop(answer: httpx2.Response) -> str:
    return answer.headers["cross-origin-opener-policy"]


def test_a_dialog_in_a_popup_answers_its_opener_at_the_exact_origin_if_its_script_asks(world: World) -> None:
    page = world.dialog("ana", display="popup", state="<s>")
    form = form_of(page.text)
    without_script = press(world, form, "bob")

    done = press(world, form, "bob", display="popup")

    assert (coop(page), coop(done)) == ("unsafe-none", "unsafe-none")
    assert queried(without_script) == {"state": "<s>", "result": "sent"}
    assert done.status_code == 200
    told = {name: unescape(value) for name, value in re.findall(r'data-(\w+)="(.*?)"', done.text)}
    back = f"{HOME['marquee']}/back?state=%3Cs%3E&result=sent"
    assert told == {"result": "sent", "state": "<s>", "origin": HOME["marquee"], "back": back}


def test_how_it_ended_is_said_in_german_too(world: World) -> None:
    form = form_of(world.dialog("ana", display="popup").text)
    ana = world.people["ana"].client
    ana.headers["accept-language"] = "de-DE,de;q=0.9,en;q=0.5"
    try:
        done = press(world, form, "bob", display="popup")
        refused = world.dialog("ana", return_uri="https://elsewhere.test/")
    finally:
        del ana.headers["accept-language"]

    assert "Marquee erfährt das, und sonst nichts." in done.text
    assert "Das kann nicht empfohlen werden" in refused.text
    assert all('<html lang="de">' in page.text for page in (done, refused))


def test_no_page_but_the_dialog_in_a_popup_keeps_its_opener(world: World) -> None:
    to_popup = world.dialog(None, display="popup").headers["location"]
    to_page = world.dialog(None).headers["location"]

    assert coop(world.dialog("ana")) == "same-origin"
    assert coop(world.get(None, to_page)) == coop(world.get(None, "/register")) == "same-origin"
    assert coop(world.get(None, to_popup)) == "unsafe-none"
    assert coop(world.get(None, to_popup.replace("/signin", "/signup"))) == "unsafe-none"
    assert "cross-origin-opener-policy" not in world.dialog(None, display="popup").headers


def test_cancelling_tells_the_app_so_and_sends_nothing(world: World) -> None:
    form = opened_form(world)
    with world.recording() as events:
        answer, again = (press(world, form, "bob", decision="cancel") for _ in range(2))
        late = press(world, form, "bob")

    assert queried(answer) == queried(again) == {"state": "state of the partner", "result": "cancelled"}
    assert (late.status_code, events) == (422, [])
    assert "used already" in late.text


def test_sending_the_same_again_is_the_same_message_and_leaf(world: World) -> None:
    form = opened_form(world)
    before = len(cards_of(world, "ana", "bob"))

    with world.recording() as events:
        first, second = press(world, form, "bob"), press(world, form, "bob")

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert len(events) == 1
    assert len(cards_of(world, "ana", "bob")) == before + 1


@pytest.mark.parametrize(
    ("to", "changed"), [(("bob", "cleo"), {}), (("cleo",), {}), (("bob",), {"note": "another note"})]
)
def test_sending_it_again_with_another_choice_is_refused(
    world: World, to: tuple[str, ...], changed: dict[str, str]
) -> None:
    form = opened_form(world)
    press(world, form, "bob")

    with world.recording() as events:
        answer = press(world, form, *to, **changed)

    assert (answer.status_code, events) == (422, [])
    assert "used already" in answer.text


def test_cancelling_what_was_sent_says_that_it_is_over(world: World) -> None:
    form = opened_form(world)
    press(world, form, "bob")

    answer = press(world, form, decision="cancel")

    assert answer.status_code == 410
    assert "location" not in answer.headers


def test_somebody_else_cannot_send_it_again(world: World) -> None:
    form = opened_form(world)
    press(world, form, "ana", who="cleo")

    with world.recording() as events:
        answer = press(world, form, "ana", who="bob")

    assert (answer.status_code, events) == (422, [])


@pytest.mark.parametrize(
    ("who", "to", "changed", "why"),
    [
        ("ana", [], {}, "choose 1 to 20 recipients, got 0"),
        ("bob", ["cleo"], {}, "choose among your friends"),
        ("ana", ["nobody"], {}, "choose among your friends"),
        ("ana", ["ana"], {}, "choose among your friends"),
        ("ana", ["bob", "nobody"], {}, "choose among your friends"),
        ("ana", ["bob"], {"note": "x" * 1001}, "write a note of up to 1000 characters, got 1001"),
        ("ana", ["bob"], {"note": "a\x00b"}, "expected no NUL"),
        ("ana", ["bob"], {"group": "made-up"}, "choose among your groups"),
    ],
)
def test_what_cannot_be_sent_says_why_and_the_dialog_stays_open(
    world: World, who: str, to: list[str], changed: dict[str, str], why: str
) -> None:
    form = opened_form(world, who)
    with world.recording() as events:
        answer = press(world, form, *to, who=who, **changed)

    assert (answer.status_code, events) == (422, [])
    assert why in answer.text
    assert form_of(answer.text) == form
    assert press(world, form, "ana" if who == "bob" else "bob", who=who).status_code == 303


def test_a_blocked_friend_is_not_written_to(world: World) -> None:
    world.post("cleo", "/friends/block", handle="ana")

    with world.recording() as events:
        answer = press(world, opened_form(world), "cleo")
    world.post("cleo", "/friends/unblock", handle="ana")
    world.befriend("ana", "cleo")

    assert (answer.status_code, events) == (422, [])


def test_a_message_is_not_delivered_before_its_leaf(world: World) -> None:
    before = len(cards_of(world, "ana", "bob"))
    form = opened_form(world)

    with world.broken_log():
        answer = press(world, form, "bob")
        undelivered = len(cards_of(world, "ana", "bob"))
    press(world, opened_form(world), "cleo")
    again = press(world, form, "bob")

    assert (answer.status_code, undelivered) == (503, before)
    assert "location" not in answer.headers
    assert again.status_code == 303
    assert len(cards_of(world, "ana", "bob")) == before + 1


def test_a_dialog_is_over_half_an_hour_after_its_card(world: World) -> None:
    form = opened_form(world)
    world.now += (600 + 1790) * SECOND
    assert press(world, opened_form(world), "bob").status_code == 303
    assert press(world, form, "bob").status_code == 303
    form = opened_form(world)
    world.now += (600 + 1801) * SECOND

    answer = press(world, form, "bob")

    assert answer.status_code == 410
    assert "location" not in answer.headers


@pytest.mark.parametrize("key", ["", "made-up", "x" * 31, "x" * 33, "é" * 32])
def test_a_dialogs_key_is_one_of_ours(world: World, key: str) -> None:
    assert press(world, opened_form(world), "bob", key=key).status_code == 410


def dialog_rows(world: World) -> int:
    [(rows,)] = world.run(world.store.read(lambda tx: tx.all("select count(*) from dialog")))
    return int(rows)


def test_opening_dialogs_writes_nothing_and_what_is_over_is_forgotten(world: World) -> None:
    before = dialog_rows(world)

    forms = [opened_form(world) for _ in range(5)]
    assert dialog_rows(world) == before
    press(world, forms[0], "bob")
    press(world, forms[1], decision="cancel")
    assert dialog_rows(world) == before + 2

    world.run(dialogs.forget_expired(world.store, world.now))
    assert "used already" in press(world, forms[1], "bob").text
    world.run(dialogs.forget_expired(world.store, world.now + (600 + 1802) * SECOND))
    assert dialog_rows(world) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"card": ""},
        {"card": "a.b.c"},
        {"return_uri": "https://evil.test/back"},
        {"state": "x" * 501},
        {"surface": "a film"},
    ],
)
@pytest.mark.parametrize("decision", ["send", "cancel"])
def test_what_a_browser_changes_in_the_form_is_noticed(
    world: World, changed: dict[str, str], decision: str
) -> None:
    with world.recording() as events:
        answer = press(world, opened_form(world), "bob", decision=decision, **changed)

    assert (answer.status_code, events) == (410, [])
    assert "location" not in answer.headers


def test_a_card_of_the_longest_life_can_be_sent_by_whoever_opened_it(world: World) -> None:
    form = opened_form(world, card=world.card(expires=world.seconds + cards.LONGEST_LIFE))

    assert press(world, form, "bob").status_code == 303


def test_the_largest_card_survives_the_way_over_the_sign_in_page(world: World) -> None:
    address = f"{HOME['marquee']}/{'x' * (cards.LONGEST_URL - 30)}"
    card = world.card(
        title="🎬" * 200, link=address, picture=f"https://p.test/{'x' * 1985}", campaign="c" * 64
    )
    dialog = world.dialog(None, card=card, state="s" * 500, surface="s" * 64)
    form = form_of(world.get(None, dialog.headers["location"]).text)

    answer = world.post(None, "/signin", handle="ana", password=PASSWORD, **form)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/dialog?card=")
    assert world.get("ana", answer.headers["location"]).status_code == 200


def test_a_key_that_was_used_sends_no_other_card(world: World) -> None:
    form = opened_form(world)
    press(world, form, "bob")
    other = opened_form(world, card=world.card(title="Another"))

    with world.recording() as events:
        answer = press(world, {**other, "key": form["key"]}, "bob")

    assert (answer.status_code, events) == (422, [])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"partner": "unknown"}, "card.iss: expected the id of a partner on the register, got 'unknown'"),
        (
            {"partner": "jukebox"},
            "card header.kid: expected a key of jukebox in force today, one of j",
        ),
        ({"return_uri": "https://evil.test/back"}, "return_uri: expected one that marquee has registered"),
        ({"return_uri": f"{HOME['marquee']}/back?more"}, "return_uri"),
        ({"return_uri": f"{HOME['jukebox']}/back"}, "return_uri"),
        ({"state": "x" * 501}, "state: expected at most 500 characters, got 501"),
        ({"display": "frame"}, "display: expected popup or page, got 'frame'"),
        ({"surface": "The film"}, "surface: expected up to 64 of a-z 0-9 . _ -, got 'The film'"),
        ({"interface": "é"}, "interface: expected"),
        ({"variant": "x" * 65}, "variant: expected"),
        ({"key_id": "marquee:2"}, "one of marquee:1; got 'marquee:2'"),
        ({"key_id": "jukebox:1"}, "card header.kid: expected a key of marquee in force today"),
        ({"seed": SEED["jukebox"]}, "card signature: expected one by the key marquee:1 of marquee"),
        ({"platform": "https://other.test"}, "card.aud: expected http://platform.test, got 'https://other"),
        ({"card": "a.b"}, "card: expected a compact JWS: expected three parts"),
        ({"changed_card": {"link": "https://evil.test/7"}}, "card.link: expected an address under"),
        ({"changed_card": {"link": "https://["}}, "card.link"),
        (
            {"changed_card": {"link": f"{HOME['marquee']}@evil.test/7"}},
            "card.link: expected an address under",
        ),
        (
            {"changed_card": {"link": f"{HOME['marquee']}/7?click=1"}},
            "card.link: expected no parameter click,",
        ),
        ({"changed_card": {"expires": 1}}, "card.exp: expected after now"),
        ({"changed_card": {"expires": 2**40}}, "(400 days), got 1099511627776"),
        ({"changed_card": {"title": ""}}, "card.title"),
        ({"changed_card": {"kind": "advert"}}, "card.kind"),
        ({"changed_card": {"campaign": "For You"}}, "card.campaign"),
    ],
)
def test_a_card_that_is_not_in_order_opens_no_dialog_and_sends_her_nowhere(
    world: World, changed: dict[str, Any], why: str
) -> None:
    given = dict(changed)
    if "changed_card" in given:
        given["card"] = world.card(**given.pop("changed_card"))
    answer = world.dialog("ana", **given)

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert why in unescape(answer.text)
    assert 'name="key"' not in answer.text


def test_a_card_signed_for_one_title_shows_no_other(world: World) -> None:
    texts = [
        sign_card(ORIGIN, partner="marquee", card=card.claims(), key_id="marquee:1", seed=SEED["marquee"])
        for card in (world.card(), world.card(title="Another title"))
    ]
    header, _, signature = texts[0].split(".")

    answer = world.dialog("ana", card=f"{header}.{texts[1].split('.')[1]}.{signature}")

    assert answer.status_code == 400
    assert "Another title" not in answer.text


def test_opening_the_dialog_tells_the_log_and_the_app_nothing(world: World) -> None:
    size = world.committed()

    page = world.dialog("ana")

    assert world.committed() == size
    assert f"form-action 'self' {HOME['marquee']}" in page.headers["content-security-policy"]


def test_only_ones_own_friends_are_offered(world: World) -> None:
    page = world.dialog("bob").text

    assert 'value="ana"' in page
    assert 'value="cleo"' not in page


def test_another_site_cannot_press_send_for_her(world: World) -> None:
    form = opened_form(world)
    form |= {"to": "bob", "note": "", "decision": "send"}
    client = world.people["ana"].client

    with world.recording() as events:
        answer = world.run(client.post("/dialog", data=form, headers={"origin": HOME["marquee"]}))

    assert (answer.status_code, events) == (403, [])


def test_pressing_send_again_delivers_nothing_while_the_leaf_is_not_published(world: World) -> None:
    before = len(cards_of(world, "ana", "bob"))
    form = opened_form(world)

    with world.broken_log():
        answers = [press(world, form, "bob") for _ in range(2)]
        undelivered = len(cards_of(world, "ana", "bob"))
    again = press(world, form, "bob")

    assert [answer.status_code for answer in answers] == [503, 503]
    assert undelivered == before
    assert again.status_code == 303
    assert len(cards_of(world, "ana", "bob")) == before + 1


def test_what_was_sent_is_kept_for_reports_without_a_person(world: World) -> None:
    with world.recording() as events:
        press(
            world, opened_form(world, card=world.card(campaign="spring"), interface="button"), "bob", "cleo"
        )

    select = "select * from sent where event_index >= :first order by event_index"
    rows = world.run(world.store.read(lambda tx: tx.all(select, first=events[0].index)))
    assert [(row[0], row[1], row[3:8]) for row in rows] == [
        ("marquee", event.index, ("", "button", "", "spring", "friend")) for event in events
    ]
    assert len({row[2] for row in rows}) == 1
