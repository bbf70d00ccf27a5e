"""A partner is suspended while its dialog is open: at every moment up to the delivery nothing arrives."""

from collections.abc import Iterator

import pytest

from tests.gate.a_platform import HOME, World, opened
from tests.gate.test_suspended_partner import entries, operator
from tests.web.test_dialog import cards_of, opened_form, press
from tests.web.test_inviting import link_in
from vestibule.gate.operations import sending
from vestibule.ledger.replay import replay
from vestibule.partners import register, suspending
from vestibule.sharing import dialogs
from vestibule.sharing.card import Card
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.errors import DialogOver
from vestibule.sharing.placement import Placement

CARD = Card("film", "Stalker", "", f"{HOME['marquee']}/films/7", 4_000_000_000, "")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(autouse=True)
def lifted(world: World) -> Iterator[None]:
    yield
    operator(world, suspended=False, partner="marquee")


async def suspend(world: World) -> None:
    await suspending.suspend(world.store, "marquee", "operator")


async def is_suspended(world: World) -> bool:
    found = await register.partner(world.store, "marquee")
    return found is not None and found.suspended_by is not None


def while_recorded(world: World) -> None:
    """The events stand in the log already, and wait for their checkpoint."""
    world.meanwhile(lambda: suspend(world), lambda: is_suspended(world))


def test_what_was_checked_and_is_not_recorded_yet_is_not_recorded(world: World) -> None:
    """The form was in order; the suspension came after it had been looked at."""
    found = cards_of(world, "ana", "bob")
    dialog = Dialog(dialogs.hash_key(dialogs.new_key()), "marquee", CARD, "", "", Placement())
    people = {name: world.people[name].account for name in ("ana", "bob")}
    world.run(suspend(world))
    sending_it = sending.send_dialog(
        world.platform.gate,
        dialog,
        sender=people["ana"],
        friends=[people["bob"].user_id],
        note="",
        now=world.now,
    )
    with world.recording() as events, pytest.raises(DialogOver, match="suspended meanwhile"):
        world.run(sending_it)
    assert events == []
    assert cards_of(world, "ana", "bob") == found


def test_what_is_recorded_and_not_delivered_yet_is_not_delivered(world: World) -> None:
    form, before = opened_form(world), len(cards_of(world, "ana", "bob"))
    while_recorded(world)
    answer = press(world, form, "bob")

    assert answer.status_code == 422
    assert "suspended meanwhile; nothing was delivered" in answer.text
    assert len(cards_of(world, "ana", "bob")) == before
    assert replay(world.run(entries(world))).breaches == ()


def test_an_invitation_taken_in_that_moment_brings_nothing(world: World) -> None:
    link = link_in(press(world, opened_form(world), invite="yes"))
    before = len(cards_of(world, "ana", "bob"))
    while_recorded(world)
    assert world.post("bob", link).status_code == 410
    assert len(cards_of(world, "ana", "bob")) == before
