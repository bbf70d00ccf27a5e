"""The click link: what counts, what the app gets along, and where a link never leads."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.gate.a_platform import HOME, ORIGIN, World, opened
from tests.web.test_dialog import cards_of, opened_form, press
from vestibule.sharing import clicks


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


def click_link(world: World, reader: str = "bob", **changed: Any) -> str:
    press(world, opened_form(world, **changed), reader)
    return str(json.loads(cards_of(world, "ana", reader)[-1].card or "")["click"])


def counted(world: World) -> int:
    count: int = world.run(clicks.counted_for(world.store, "marquee"))
    return count


def test_a_recipients_click_takes_a_one_time_value_to_the_app_and_not_a_word_about_her(world: World) -> None:
    link, before = click_link(world, surface="film.page", variant="b"), counted(world)

    answer = world.get("bob", link)

    address, _, query = answer.headers["location"].partition("?")
    assert (answer.status_code, address) == (303, f"{HOME['marquee']}/films/7")
    assert re.fullmatch(r"click=[A-Za-z0-9_-]{22}&click_surface=film\.page&click_variant=b", query)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert counted(world) == before + 1


SCANNER = {"user-agent": "Slackbot-LinkExpanding 1.0"}


def test_clicks_of_the_sender_heads_prefetches_and_scanners_lead_on_uncounted_and_bare(world: World) -> None:
    link, before = click_link(world), counted(world)
    bob = world.people["bob"].client

    with world.recording() as events:
        answers = [
            world.get("ana", link),
            world.run(bob.head(link)),
            *(
                world.run(bob.get(link, headers=headers))
                for headers in (
                    {"sec-purpose": "prefetch;prerender"},
                    {"purpose": "prefetch"},
                    {"sec-fetch-mode": "no-cors"},
                    SCANNER,
                )
            ),
        ]

    assert [answer.status_code for answer in answers] == [303] * 6
    assert {answer.headers["location"] for answer in answers} == {f"{HOME['marquee']}/films/7"}
    assert (counted(world), events) == (before, [])


def test_clicks_of_nobody_of_strangers_and_again_lead_on_uncounted_and_bare(world: World) -> None:
    link, before = click_link(world), counted(world)

    answers = [world.get(who, link) for who in (None, "cleo", "bob", "bob", None)]

    assert [answer.status_code for answer in answers] == [303] * 5
    assert ["click=" in answer.headers["location"] for answer in answers] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert counted(world) == before + 1


def test_no_partner_is_registered_under_the_platforms_own_origin(world: World) -> None:
    answer = world.register("circle", home_origin=ORIGIN, redirect_uris=[f"{ORIGIN}/back"])

    assert answer.status_code == 400
    assert "expected another origin than our own" in answer.text


@pytest.mark.parametrize("target", ["https://evil.test/", f"{ORIGIN}/r/itself"])
def test_a_click_never_leads_out_of_the_registered_origin_nor_round_in_a_circle(
    world: World, target: str
) -> None:
    link, before = click_link(world), counted(world)
    digest = clicks.hash_token(link.rpartition("/")[2])
    update = "update click_link set target = :target where link_hash = :digest"
    world.run(world.store.write(lambda tx: tx.run(update, target=target, digest=digest)))

    answer = world.get("bob", link)

    assert (answer.status_code, counted(world)) == (403, before)
    assert "location" not in answer.headers
    assert "cannot be reached from here" in answer.text


def test_an_unknown_link_leads_nowhere(world: World) -> None:
    answer = world.get("bob", "/r/made-up")

    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert urlsplit(str(answer.request.url)).path == "/r/made-up"


def test_a_link_survives_that_its_partner_is_suspended_and_explains(world: World) -> None:
    link, before = click_link(world), counted(world)

    world.operate("partner-suspensions", {"partner": "marquee", "suspended": True})
    stopped = world.get("bob", link)
    world.operate("partner-suspensions", {"partner": "marquee", "suspended": False})
    again = world.get("bob", link)

    assert (stopped.status_code, "location" in stopped.headers) == (403, False)
    assert "Marquee is suspended" in stopped.text
    assert "click=" in again.headers["location"]
    assert counted(world) == before + 1
