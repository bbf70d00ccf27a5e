"""To whom a card is sent: searching, groups, limits, and who may not."""

import re
from collections.abc import Iterator

import pytest

from tests.gate.a_platform import SECOND, World, opened
from tests.web.test_dialog import cards_of, form_of, opened_form, pair_of, press
from vestibule.inbox import messages
from vestibule.ledger import tags
from vestibule.sharing import limits
from vestibule.sharing.errors import TooManySent
from vestibule.sharing.limits import DAY, HOUR, Limits, Use
from vestibule.store.ids import encode


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        platform.sign_up("dora")
        platform.befriend("ana", "dora")
        platform.befriend("ana", "cleo")
        yield platform


@pytest.fixture(scope="module")
def group(world: World) -> int:
    return world.conversation("ana", "bob", "cleo")


def offered(page: str, name: str) -> dict[str, bool]:
    """Read the boxes of the picker and whether they are ticked."""
    return {
        value: "checked" in rest
        for value, rest in re.findall(rf'type="checkbox" name="{name}" value="(.*?)"(.*?)>', page)
    }


def test_a_search_without_script_keeps_what_is_chosen_and_sends_nothing(world: World, group: int) -> None:
    form = opened_form(world)
    with world.recording() as events:
        page = press(world, form, "dora", decision="find", search="BO", note="my note")

    assert (page.status_code, events) == (200, [])
    assert form_of(page.text) == form
    assert offered(page.text, "to") == {"dora": True, "bob": False}
    assert offered(page.text, "group") == {encode(group): False}
    assert "my note" in page.text
    assert press(world, form, "dora").status_code == 303


def test_the_preview_shows_the_very_message(world: World) -> None:
    page = press(world, opened_form(world), "bob", decision="preview", note="<b>look</b>")

    assert page.status_code == 200
    assert '<p class="said" data-preview>&lt;b&gt;look&lt;/b&gt;</p>' in page.text
    assert "via Marquee" in page.text


def test_the_enter_key_in_the_search_field_does_not_send(world: World) -> None:
    page = world.dialog("ana").text

    assert re.findall(r'<button[^>]*name="decision" value="(\w+)"', page)[0] == "find"


def test_a_group_gets_one_message_and_each_other_member_an_event_of_her_own(world: World, group: int) -> None:
    form = opened_form(world)
    with world.recording() as events:
        answers = [press(world, form, group=encode(group)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert {event.subject for event in events} == {world.subject("bob"), world.subject("cleo")}
    assert [(event.leaf.kind, event.leaf.op, event.leaf.n, event.lane) for event in events] == [
        ("send", "dialog", 1, tags.OWN)
    ] * 2
    sent = [one for one in world.run(messages.page(world.store, group)) if one.card]
    assert [one.via_partner for one in sent] == ["marquee"]
    assert sent[0].event_index in {event.index for event in events}


def test_a_group_she_is_not_in_cannot_be_chosen(world: World, group: int) -> None:
    with world.recording() as events:
        answer = press(world, opened_form(world, "dora"), who="dora", group=encode(group))

    assert (answer.status_code, events) == (422, [])
    assert "choose among your groups" in answer.text
    assert offered(answer.text, "group") == {}


def test_a_pair_is_no_group(world: World) -> None:
    pair = pair_of(world, "ana", "bob")

    assert press(world, opened_form(world), group=encode(pair)).status_code == 422


def test_a_childs_account_can_only_go_back(world: World) -> None:
    world.operate("kids", {"handle": "dora", "kid": True})
    page = world.dialog("dora")
    form = form_of(page.text)
    with world.recording() as events:
        sent = press(world, form, "ana", who="dora")
        back = press(world, form, who="dora", decision="cancel")
    world.operate("kids", {"handle": "dora", "kid": False})

    assert (page.status_code, sent.status_code, events) == (403, 403, [])
    assert "child" in page.text
    assert 'value="send"' not in page.text
    assert "result=cancelled" in back.headers["location"]
    assert cards_of(world, "ana", "dora") == [] or all(
        one.sender_id != world.people["dora"].account.user_id for one in cards_of(world, "ana", "dora")
    )
    assert world.dialog("dora").status_code == 200


def test_who_signs_up_as_a_child_is_one(world: World) -> None:
    client = world.browser()
    form = {"handle": "kid", "name": "Kid", "password": "correct horse battery", "kid": "yes"}
    world.run(client.post("/signup", data=form))
    page = world.run(client.get(str(world.dialog("ana").request.url)))
    world.run(client.aclose())

    assert page.status_code == 403
    assert world.operate("kids", {"handle": "no such", "kid": True}).status_code == 400


def test_too_much_in_an_hour_says_so_and_the_same_dialog_again_is_not_more(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with opened(tmp_path_factory.mktemp("limited"), dialogs_an_hour=1) as limited:
        first, second = opened_form(limited), opened_form(limited)
        sent = [press(limited, first, "bob").status_code for _ in range(2)]
        with limited.recording() as events:
            refused = press(limited, second, "bob")
        limited.now += 3601 * SECOND
        later = press(limited, opened_form(limited), "bob")

    assert sent == [303, 303]
    assert (refused.status_code, events) == (429, [])
    assert "1 recommendations an hour through this app" in refused.text
    assert form_of(refused.text) == second
    assert later.status_code == 303


@pytest.mark.parametrize(
    ("uses", "recipients", "why"),
    [
        ([Use("m", 1, DAY - 1)] * 2, 1, "2 recommendations an hour through this app"),
        ([Use("m", 9, DAY - HOUR)], 2, "10 recipients in 24 hours through this app"),
        ([Use("j", 1, DAY - 1)] * 4, 1, "4 recommendations an hour through apps"),
        ([Use("j", 19, DAY - HOUR)], 2, "20 recipients in 24 hours through apps"),
    ],
)
def test_limits_hold_for_one_partner_and_twice_as_much_for_all(
    uses: list[Use], recipients: int, why: str
) -> None:
    with pytest.raises(TooManySent, match=why):
        Limits(2, 10).check(uses, "m", recipients, DAY)


@pytest.mark.parametrize(
    "uses",
    [
        [Use("m", 1, DAY - 1)],
        [Use("m", 1, DAY - HOUR)] * 2,
        [Use("m", 8, DAY - HOUR)],
        [Use("j", 9, DAY - 1)],
    ],
)
def test_limits_let_pass_what_is_not_above_them(uses: list[Use]) -> None:
    Limits(2, 10).check(uses, "m", 2, DAY)


def test_what_was_counted_is_forgotten_after_a_day(world: World) -> None:
    count = "select count(*) from recommending"
    world.run(limits.forget_expired(world.store, world.now + 2 * DAY))

    assert world.run(world.store.read(lambda tx: tx.all(count))) == [(0,)]
