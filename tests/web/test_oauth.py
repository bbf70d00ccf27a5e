"""The consent page as a person meets it."""

import re
from collections.abc import Iterator

import pytest

from tests.gate.a_platform import HOME, READ, World, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


def page_for(world: World, partner: str = "jukebox") -> str:
    answer = world.opens("ana", world.pushed(partner))
    assert answer.status_code == 200
    return answer.text


def test_the_form_starts_with_no_conversation_chosen(world: World) -> None:
    world.conversation("ana", "bob")

    boxes = re.findall(r'<input[^>]*name="conversation"[^>]*>', page_for(world))

    assert boxes
    assert not any("checked" in box for box in boxes)


def test_a_partner_without_the_privilege_can_be_offered_nothing(world: World) -> None:
    assert f'name="scope_granted" value="{READ}"' not in page_for(world, "marquee")


def test_the_form_may_lead_to_this_partner_and_no_other(world: World) -> None:
    answer = world.opens("ana", world.pushed("jukebox"))
    policy = answer.headers["content-security-policy"]

    assert f"form-action 'self' {HOME['jukebox']}" in policy
    assert HOME["marquee"] not in policy
    assert "frame-ancestors 'none'" in policy


def test_what_the_partner_hands_over_cannot_break_out_of_the_page(world: World) -> None:
    nasty = '"><script>alert(1)</script>'
    answer = world.opens("ana", {**world.pushed("jukebox"), "state": nasty})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_the_page_says_what_the_log_shows_while_few_are_connected(world: World) -> None:
    assert "connected pe" in page_for(world)


def test_after_a_mistake_the_request_is_still_in_the_form(world: World) -> None:
    group = world.conversation("ana", "bob")

    carried = world.pushed("jukebox")
    answer = world.consent("ana", group, carried=carried, until="2040-01-01")

    assert answer.status_code == 422
    for value in carried.values():
        assert value in answer.text


def test_choosing_one_conversation_grants_that_one_alone(world: World) -> None:
    chosen, other = world.conversation("ana", "bob"), world.conversation("ana", "bob", "cleo")

    connected = world.connect("ana", chosen)

    assert len(connected.refs) == 1
    assert world.connect("ana", chosen, other).refs[0] == connected.refs[0]
