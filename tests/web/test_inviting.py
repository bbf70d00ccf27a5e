"""Invitations: a link for somebody who is not here, who becomes a friend and gets the card."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from tests.gate.a_platform import DAY, HOME, ORIGIN, World, opened
from tests.web.test_dialog import cards_of, opened_form, press
from vestibule.ledger import tags
from vestibule.people import friends
from vestibule.sharing import invitations


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        for handle in ("nia", "oli", "pia"):
            platform.sign_up(handle)
        yield platform


def link_in(page: httpx2.Response) -> str:
    assert page.status_code == 200, page.text
    [path] = re.findall(r'value="http://platform\.test(/i/[A-Za-z0-9_-]{32})"', page.text)
    return str(path)


def test_an_invitation_is_a_link_and_no_event_and_the_app_is_told_when_she_goes_back(world: World) -> None:
    form = opened_form(world)
    with world.recording() as events:
        page, again = (press(world, form, invite="yes") for _ in range(2))
        back = press(world, form, decision="done")

    assert link_in(page) == link_in(again)
    assert events == []
    assert back.headers["location"].startswith(f"{HOME['marquee']}/back?")
    assert "result=sent" in back.headers["location"]
    assert press(world, form, decision="done", who="bob").status_code == 410


def test_whoever_takes_it_first_becomes_a_friend_and_gets_the_card_with_an_event_of_hers(
    world: World,
) -> None:
    link = link_in(press(world, opened_form(world), invite="yes"))
    shown = world.get(None, link)
    with world.recording() as events:
        taken = [world.post("nia", link) for _ in range(2)]
        late = world.post("oli", link)

    assert "Ana recommends" in shown.text
    assert "you will love this" not in shown.text
    assert f"/signup?next={link}" in shown.text
    assert [answer.status_code for answer in taken] == [303, 303]
    assert late.status_code == world.get("oli", link).status_code == world.get(None, link).status_code == 410
    assert [(event.subject, event.lane, event.leaf.op) for event in events] == [
        (world.subject("nia"), tags.OWN, "dialog")
    ]
    assert [card.body for card in cards_of(world, "ana", "nia")] == ["you will love this"]
    kinds = world.run(
        world.store.read(
            lambda tx: tx.all("select recipient_kind from sent where event_index = :i", i=events[0].index)
        )
    )
    assert kinds == [("invited",)]


def test_whoever_has_taken_it_makes_no_friendship_by_it_that_was_ended_since(world: World) -> None:
    link = link_in(press(world, opened_form(world), invite="yes"))
    taken = world.post("pia", link).headers["location"]
    world.post("ana", "/friends/end", handle="pia")

    assert world.post("pia", link).headers["location"] == taken

    ana, pia = (world.people[who].account.user_id for who in ("ana", "pia"))
    assert not world.run(friends.are_friends(world.store, ana, pia))


def test_it_can_be_sent_along_with_friends_and_counts_as_one(world: World) -> None:
    with world.recording() as events:
        link_in(press(world, opened_form(world), "bob", invite="yes"))

    assert [event.subject for event in events] == [world.subject("bob")]


def test_the_sender_somebody_blocked_and_a_guess_take_nothing(world: World) -> None:
    link = link_in(press(world, opened_form(world), invite="yes"))
    own = world.post("ana", link)
    world.post("ana", "/friends/block", handle="oli")
    with world.recording() as events:
        blocked, guessed = world.post("oli", link), world.post("oli", "/i/guess")
    world.post("ana", "/friends/unblock", handle="oli")
    assert world.get("bob", link).status_code == 200  # nobody has taken it

    assert [answer.status_code for answer in (own, blocked, guessed)] == [410] * 3
    assert events == []
    assert world.post(None, link).headers["location"].startswith("/signin")


def test_it_is_over_after_two_weeks_and_while_the_partner_is_suspended(world: World) -> None:
    link = link_in(press(world, opened_form(world), invite="yes"))
    world.operate("partner-suspensions", {"partner": "marquee", "suspended": True})
    suspended = world.get(None, link)
    world.operate("partner-suspensions", {"partner": "marquee", "suspended": False})
    assert (suspended.status_code, world.get(None, link).status_code) == (410, 200)
    world.now += 14 * DAY

    assert world.get(None, link).status_code == 410
    assert world.run(invitations.forget_expired(world.store, world.now)) > 0


def test_a_sender_finds_her_invitations_with_their_links_and_who_took_them(world: World) -> None:
    open_one = link_in(
        press(world, opened_form(world, "cleo"), who="cleo", invite="yes", note="for the road")
    )
    taken = link_in(press(world, opened_form(world, "cleo"), who="cleo", invite="yes"))
    assert world.post("oli", taken).status_code == 303

    page = world.get("cleo", "/invitations").text

    assert f'value="{ORIGIN}{open_one}"' in page
    assert "for the road" in page
    assert taken not in page
    assert "Taken by <strong>Oli</strong>" in page
    assert open_one not in world.get("ana", "/invitations").text
    assert 'href="/invitations"' in world.get("cleo", "/friends").text


def name_of(page: str) -> str:
    [name] = re.findall(r'name="invitation" value="([0-9a-f]{64})"', page)
    return str(name)


def test_what_is_withdrawn_nobody_takes_though_the_form_is_sent_again(world: World) -> None:
    form = opened_form(world, "bob")
    link = link_in(press(world, form, who="bob", invite="yes", note="a secret note"))
    name = name_of(world.get("bob", "/invitations").text)
    answer = world.post("bob", "/invitations/withdraw", invitation=name)

    assert answer.headers["location"] == "/invitations?said=invitation-withdrawn"
    assert name not in world.get("bob", "/invitations").text
    assert link_in(press(world, form, who="bob", invite="yes", note="a secret note")) == link
    with world.recording() as events:
        for who in (None, "bob", "oli"):
            assert world.get(who, link).status_code == 410
        assert world.post("oli", link).status_code == 410
    assert events == []
    kept = world.run(
        world.store.read(lambda tx: tx.all("select note from invitation where taken_by = sender_id"))
    )
    assert set(kept) == {("",)}


def test_only_its_sender_withdraws_one_and_only_while_nobody_has_taken_it(world: World) -> None:
    link = link_in(press(world, opened_form(world, "bob"), who="bob", invite="yes"))
    name = name_of(world.get("bob", "/invitations").text)

    assert world.post("ana", "/invitations/withdraw", invitation=name).status_code == 422
    assert world.post("ana", "/invitations/withdraw", invitation="x").status_code == 404
    assert world.post("cleo", link).status_code == 303
    answer = world.post("bob", "/invitations/withdraw", invitation=name)

    assert answer.status_code == 422
    assert "somebody has taken it" in answer.text
    assert "Taken by <strong>Cleo</strong>" in answer.text
