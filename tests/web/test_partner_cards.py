"""Cards read from a partner's own page: fetched from home, checked as signed ones are, and named by an id."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.browser import a_partners_site
from tests.gate import a_client
from tests.gate.a_platform import PASSWORD, TODAY, World, opened
from vestibule.sharing import card as cards

GOOD = (
    '<!doctype html><meta property="og:title" content="Stalker &amp; co">'
    '<meta property="og:type" content="video.movie"><meta property="og:image" content="https://p.test/7.jpg">'
)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {"/films/7": GOOD}


@pytest.fixture(scope="module")
def home(pages: dict[str, str]) -> Iterator[str]:
    with a_partners_site.serving(pages) as origin:
        yield origin


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, home: str) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform"), sandbox=True) as platform:
        seed = a_client.SEED.setdefault("shelf", b"s" * 32)
        assert len(seed) == 32
        made = platform.register("shelf", home_origin=home, redirect_uris=[f"{home}/back"])
        assert made.status_code == 201, made.text
        yield platform


def ask(world: World, page: str, **more: Any) -> httpx2.Response:
    body = json.dumps({"page": page, **more}).encode()
    return world.signed("shelf", "POST", "/v1/cards", body)


def dialog(world: World, card: str, home: str) -> httpx2.Response:
    return world.dialog("ana", card=card, return_uri=f"{home}/back")


def test_a_page_becomes_a_card_that_the_dialog_takes_by_its_id(world: World, home: str) -> None:
    size = world.committed()
    answer = ask(world, f"{home}/films/7", campaign="spring")

    assert answer.status_code == 200, answer.text
    kept = answer.json()
    told = {name: kept[name] for name in ("kind", "title", "picture", "link", "campaign")}
    assert told == {
        "kind": "film",
        "title": "Stalker & co",
        "picture": "https://p.test/7.jpg",
        "link": f"{home}/films/7",
        "campaign": "spring",
    }
    assert kept["exp"] // 86_400 == TODAY + 400
    opened_dialog = dialog(world, kept["id"], home)
    assert opened_dialog.status_code == 200
    assert "Stalker &amp; co" in opened_dialog.text
    assert world.committed() == size


def test_the_same_page_again_is_the_same_card_brought_up_to_date(
    world: World, home: str, pages: dict[str, str]
) -> None:
    pages["/films/8"] = GOOD
    first = ask(world, f"{home}/films/8").json()
    pages["/films/8"] = GOOD.replace("Stalker", "Solaris")

    second = ask(world, f"{home}/films/8").json()

    assert first["id"] == second["id"] != ask(world, f"{home}/films/8", campaign="b").json()["id"]
    assert "Solaris" in dialog(world, first["id"], home).text


@pytest.mark.parametrize(
    ("page", "html", "why"),
    [
        (
            "/none",
            "<p>x",
            'page: expected <meta property="og:title" content="...">, found of Open Graph: none',
        ),
        ("/type", GOOD.replace("og:type", "og:tipe"), 'expected <meta property="og:type"'),
        ("/away", GOOD + '<meta property="og:url" content="https://evil.test/">', "card.link: expected an"),
        ("/long", GOOD.replace("Stalker", "x" * 201), "card.title: expected 1 to 200"),
        ("/http", GOOD.replace("https://p.test", "http://p.test"), "card.picture: expected an https"),
        (
            "/embed",
            '<link type="application/json+oembed" href="/films/7">',
            "oEmbed: expected content-type application/json, got 'text/html",
        ),
    ],
)
def test_a_page_that_lacks_something_is_told_what(  # noqa: PLR0917  (fixtures and parameters)
    world: World, home: str, pages: dict[str, str], page: str, html: str, why: str
) -> None:
    pages[page] = html

    answer = ask(world, home + page)

    assert answer.status_code == 400
    assert why in answer.json()["detail"]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("https://evil.test/7", "page: expected an address under http://127.0.0.1"),
        ("http://127.0.0.1:1/7", "page: expected an address under"),
        ("ü", "page: expected up to"),
        ("", "page: expected an address under"),
    ],
)
def test_only_pages_at_home_are_fetched(world: World, page: str, why: str) -> None:
    answer = ask(world, page)

    assert answer.status_code == 400
    assert why in answer.json()["detail"]


def test_a_home_that_is_not_a_public_address_is_not_reached(
    tmp_path_factory: pytest.TempPathFactory, home: str
) -> None:
    with opened(tmp_path_factory.mktemp("public")) as platform:
        a_client.SEED.setdefault("shelf", b"s" * 32)
        platform.register("shelf", home_origin=home, redirect_uris=[f"{home}/back"])
        answer = ask(platform, f"{home}/films/7")

    assert answer.status_code == 400
    assert "page: not reached" in answer.json()["detail"]


def test_a_body_that_is_no_page_is_refused(world: World) -> None:
    answer = world.signed("shelf", "POST", "/v1/cards", b'{"pages": []}')

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("body: ")


def test_without_a_signature_nothing_is_fetched(world: World, home: str) -> None:
    body = json.dumps({"page": f"{home}/films/7"}).encode()

    assert world.send("POST", "/v1/cards", {}, body).status_code == 401


@pytest.mark.parametrize("card", ["card_", f"card_{'x' * 22}", f"card_{'A' * 22}", "card_é"])
def test_an_id_that_stands_for_nothing_opens_no_dialog(world: World, home: str, card: str) -> None:
    answer = dialog(world, card, home)

    assert answer.status_code == 400
    assert "expected the id of a registered card" in answer.text


def test_a_registered_card_leads_back_to_its_own_partner_alone(world: World, home: str) -> None:
    kept = ask(world, f"{home}/films/7").json()

    answer = world.dialog("ana", card=kept["id"])

    assert answer.status_code == 400
    assert "return_uri: expected one that shelf has registered" in answer.text


def test_a_registered_card_is_over_in_the_end(world: World, home: str) -> None:
    kept = ask(world, f"{home}/films/7").json()
    world.now += (cards.LONGEST_LIFE + 1) * 1_000_000
    world.post("ana", "/signin", handle="ana", password=PASSWORD)

    answer = dialog(world, kept["id"], home)

    assert answer.status_code == 400
    assert "card.exp: expected after now" in answer.text
