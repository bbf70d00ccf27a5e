"""What is staged of a recommendation on its way, and that doing the same again stages nothing."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.gate.a_platform import World, opened
from tests.web.test_dialog import cards_of, opened_form, pair_of, press
from vestibule.store.ids import encode

STAGED = """
    select kind, surface, variant, campaign, recipient_kind, counted, person from engagement
    where partner_id = 'marquee' order by event_id
"""
FORGET = "delete from engagement"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        platform.platform.counting.cancel()
        yield platform


def staged(world: World) -> Counter[tuple[str, int]]:
    """Take what is staged: kind, and whether it counts."""
    rows = world.run(world.store.read(lambda tx: tx.all(STAGED)))
    world.run(world.store.write(lambda tx: tx.run(FORGET)))
    for kind, surface, variant, _, recipient_kind, _, person in rows:
        assert (surface, variant) == ("film.page", "b")
        assert recipient_kind == ("" if kind == "dialog" else "friend")
        assert bool(person) == (kind != "dialog")
    return Counter((row[0], row[5]) for row in rows)


def test_a_recommendation_is_staged_as_dialog_send_and_delivery_once(world: World) -> None:
    form = opened_form(world, surface="film.page", variant="b")
    for _ in range(2):
        press(world, form, "bob")
    assert staged(world) == {("dialog", 1): 1, ("send", 1): 1, ("delivery", 1): 1}


def test_a_dialog_that_is_cancelled_is_not_staged(world: World) -> None:
    form = opened_form(world, surface="film.page", variant="b")
    press(world, form, decision="cancel")
    assert staged(world) == {}


def test_the_first_click_of_the_day_counts_and_the_second_is_kept(world: World) -> None:
    press(world, opened_form(world, surface="film.page", variant="b"), "bob")
    staged(world)
    link = str(json.loads(cards_of(world, "ana", "bob")[-1].card or "")["click"])
    for _ in range(2):
        world.get("bob", link)
    assert staged(world) == {("click", 1): 1, ("click", 0): 1}


def test_muting_and_reporting_are_staged_once(world: World) -> None:
    press(world, opened_form(world, surface="film.page", variant="b"), "bob")
    staged(world)
    address = f"/c/{encode(pair_of(world, 'ana', 'bob'))}/{cards_of(world, 'ana', 'bob')[-1].seq}/via"
    for _ in range(2):
        world.post("bob", address, decision="mute")
        world.post("bob", address, decision="report", reason="unwanted", words="")
    assert staged(world) == {("mute", 1): 1, ("report", 1): 1}
