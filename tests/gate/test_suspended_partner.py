"""A partner suspended as a whole: at once, whatever it holds, and lifted only by whoever did it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.gate.a_platform import Connected, World, refused
from vestibule.ledger.leaf import SuspensionLeaf
from vestibule.ledger.replay import replay
from vestibule.partners import register, suspending


def operator(world: World, *, suspended: bool, partner: str = "jukebox") -> Any:
    return world.operate("partner-suspensions", {"partner": partner, "suspended": suspended})


def itself(world: World, *, suspended: bool, partner: str = "jukebox") -> Any:
    body = json.dumps({"suspended": suspended}).encode()
    headers = world.headers(partner, "POST", "/v1/own-suspension", body)
    return world.send("POST", "/v1/own-suspension", headers, body, kind="application/json")


ENTRIES = "select leaf from entry where log_id = :log_id order by idx limit 100000"
SUSPENDERS: dict[str, Callable[..., Any]] = {"operator": operator, "partner": itself}


@pytest.fixture(params=SUSPENDERS)
def by(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """Who suspends; whatever a test leaves is lifted after it."""
    yield request.param
    for lift in SUSPENDERS.values():
        lift(world, suspended=False)
        lift(world, suspended=False, partner="marquee")


def leaves_of(world: World) -> list[SuspensionLeaf]:
    return [leaf for _, leaf in replay(world.run(entries(world))).suspensions]


async def entries(world: World) -> list[bytes]:
    rows = await world.store.read(lambda tx: tx.all(ENTRIES, log_id=world.platform.recorder.log_id))
    return [row[0] for row in rows]


def recorded(world: World, number: int) -> None:
    """Wait until so many suspension leaves stand in the log."""

    async def wait() -> None:
        while len(replay(await entries(world)).suspensions) < number:  # noqa: ASYNC110  (the store tells nobody)
            await asyncio.sleep(0)

    world.run(asyncio.wait_for(wait(), 30))


def test_nothing_passes_from_the_next_request_on(world: World, ana: Connected, by: str) -> None:
    assert world.read(ana).status_code == 200
    before = len(leaves_of(world))

    assert SUSPENDERS[by](world, suspended=True).status_code == 200

    refused(world.read(ana), "partner_suspended")
    assert world.refresh(ana.refresh).json()["error"] == "invalid_grant"
    assert world.oauth("jukebox", "/oauth/introspect", {"token": ana.token}).json() == {"active": False}
    refused(world.signed("jukebox", "GET", "/v1/connection", token=ana.token), "no_privilege")
    recorded(world, before + 1)
    assert SUSPENDERS[by](world, suspended=False).status_code == 200
    assert world.read(ana).status_code == 200
    assert [(leaf.by, leaf.lifted) for leaf in leaves_of(world)[before:]] == [(by, False), (by, True)]
    assert replay(world.run(entries(world))).breaches == ()


def test_it_needs_no_log_and_the_leaf_follows(world: World, ana: Connected, by: str) -> None:
    before = len(leaves_of(world))
    with world.broken_log():
        assert SUSPENDERS[by](world, suspended=True).status_code == 200
        found = world.run(register.partner(world.store, "jukebox"))
        assert found.suspended_by == by
        assert world.read(ana).status_code == 503
    recorded(world, before + 1)


def test_each_lifts_only_what_they_did(world: World, ana: Connected, by: str) -> None:
    [other] = [act for name, act in SUSPENDERS.items() if name != by]
    SUSPENDERS[by](world, suspended=True)

    answer = other(world, suspended=False)

    assert answer.status_code == 400
    assert "expected one that the" in answer.json()["detail"]
    refused(world.read(ana), "partner_suspended")


def test_a_read_that_is_overtaken_does_not_leave(world: World, ana: Connected, by: str) -> None:
    async def done() -> bool:
        found = await register.partner(world.store, "jukebox")
        return found is not None and found.suspended_by is not None

    world.meanwhile(lambda: suspending.suspend(world.store, "jukebox", by), done)
    refused(world.read(ana), "overtaken")
    assert replay(world.run(entries(world))).breaches == ()


def test_one_that_comes_while_the_last_is_being_lifted_stands(world: World, ana: Connected, by: str) -> None:
    before = len(leaves_of(world))
    SUSPENDERS[by](world, suspended=True)
    recorded(world, before + 1)
    again: list[None] = []

    async def suspend() -> None:
        await suspending.suspend(world.store, "jukebox", by)
        again.append(None)

    world.meanwhile(suspend, lambda: asyncio.sleep(0, bool(again)))
    SUSPENDERS[by](world, suspended=False)

    refused(world.read(ana), "partner_suspended")
    recorded(world, before + 3)
    assert [leaf.lifted for leaf in leaves_of(world)[before:]] == [False, True, False]
    assert replay(world.run(entries(world))).breaches == ()


def test_it_asks_nobody_for_anything_and_its_dialog_does_not_open(world: World, by: str) -> None:
    carried = world.pushed("jukebox")
    SUSPENDERS[by](world, suspended=True)
    SUSPENDERS[by](world, suspended=True, partner="marquee")

    page = world.get("ana", "/oauth/authorize", params=carried)
    dialog = world.dialog("ana")

    assert page.status_code == 403
    assert "This app is suspended" in page.text
    assert dialog.status_code == 400
    assert "suspended as a whole" in dialog.text
    shown = world.get(None, "/register/jukebox").text
    assert "Suspended as a whole" in shown
