"""Which clicks count, that links are made once, and what a counted click takes along."""

from typing import Any

import pytest

from tests.gate.a_platform import World
from vestibule.sharing import clicks
from vestibule.sharing.clicks import ClickLink
from vestibule.sharing.placement import Placement
from vestibule.sharing.visit import Visit

SCANNED = "a link scanner"
NAVIGATE = {"sec-fetch-mode": "navigate"}
PLACEMENT = Placement("film.page", "button", "b")


@pytest.mark.parametrize(
    ("method", "headers", "clicked_by", "reason"),
    [
        ("GET", {}, 2, ""),
        ("GET", NAVIGATE, 2, ""),
        ("GET", {}, None, "not signed in"),
        ("GET", {}, 4, "not in the conversation"),
        ("GET", {}, 1, "the sender herself"),
        ("HEAD", {}, 2, "not a GET"),
        ("GET", {"sec-purpose": "prefetch;prerender"}, 2, "prefetch"),
        ("GET", {"purpose": "Prefetch"}, 2, "prefetch"),
        ("GET", {"x-moz": "prefetch"}, 2, "prefetch"),
        ("GET", {"x-purpose": "preview"}, 2, "prefetch"),
        ("GET", {"sec-fetch-mode": "no-cors"}, 2, "not opened as a page"),
        ("GET", {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}, None, SCANNED),
        ("GET", {"user-agent": "WhatsApp/2.23.20.0 A"}, None, SCANNED),
        ("GET", {"user-agent": "facebookexternalhit/1.1"}, 2, SCANNED),
        ("GET", {"user-agent": "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5"}, None, SCANNED),
        (
            "GET",
            {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
            2,
            "",
        ),
        ("GET", {"user-agent": "Mozilla/5.0 (iPhone) [FBAN/FBIOS;FBAV/450.0]"}, 2, ""),
    ],
)
def test_only_a_recipients_own_navigation_counts(
    method: str, headers: dict[str, str], clicked_by: int | None, reason: str
) -> None:
    visit = Visit.of(method, headers, clicked_by)

    assert visit.not_counted_because(sender_id=1, members=(1, 2, 3)) == reason


@pytest.mark.parametrize(
    ("target", "counted"),
    [
        (
            "https://m.test/1",
            "https://m.test/1?click=v&click_surface=film.page&click_interface=button&click_variant=b",
        ),
        (
            "https://m.test/?a=1#top",
            "https://m.test/?a=1&click=v&click_surface=film.page&click_interface=button&click_variant=b#top",
        ),
    ],
)
def test_a_counted_click_takes_value_and_placement_along_and_another_nothing(
    target: str, counted: str
) -> None:
    link = ClickLink(b"", "marquee", 1, 1, target, "friend", "", PLACEMENT)

    assert link.leads_to("v") == counted
    assert link.leads_to("") == target
    assert (
        ClickLink(b"", "m", 1, 1, "https://m.test/1", "friend", "", Placement())
        .leads_to("v")
        .endswith("/1?click=v")
    )


def made(world: World, token: str, target: str = "https://marquee.test/1") -> ClickLink:
    world.run(
        clicks.add_link(
            world.store,
            token=token,
            partner_id="marquee",
            conversation_id=1,
            sender_id=1,
            target=target,
            placement=PLACEMENT,
            campaign="spring",
            recipient_kind="app-friend",
            now=world.now,
        )
    )
    link = world.run(clicks.find(world.store, token))
    assert isinstance(link, ClickLink)
    return link


def clicked(world: World, link: ClickLink, by: int, reason: str = "", days: int = 0) -> str:
    now = world.now + days * clicks.DAY
    value: str = world.run(
        clicks.count(world.store, link, clicked_by=by, reason=reason, recipient_kind="friend", now=now)
    )
    return value


def rows(world: World, columns: str, link: ClickLink) -> list[tuple[Any, ...]]:
    select = f"select {columns} from click where link_hash = :h order by clicked_at, click_id"
    found: list[tuple[Any, ...]] = world.run(world.store.read(lambda tx: tx.all(select, h=link.link_hash)))
    return found


def test_a_link_made_again_stays_as_it_is_and_its_token_is_not_stored(world: World) -> None:
    links = [
        made(world, "a token", target) for target in ("https://marquee.test/1", "https://marquee.test/2")
    ]

    assert links[0] == links[1]
    assert links[0].target == "https://marquee.test/1"
    assert links[0].placement == PLACEMENT
    assert links[0].link_hash != b"a token"
    assert world.run(clicks.find(world.store, "another")) is None


def test_only_counted_clicks_of_the_partners_own_links_are_counted(world: World) -> None:
    before = world.run(clicks.counted_for(world.store, "marquee"))
    link = made(world, "counting")
    values = [clicked(world, link, person, reason) for person, reason in ((2, ""), (2, "prefetch"), (3, ""))]

    assert [bool(value) for value in values] == [True, False, True]
    assert world.run(clicks.counted_for(world.store, "marquee")) == before + 2
    assert world.run(clicks.counted_for(world.store, "jukebox")) == 0


def test_a_person_counts_once_a_day_on_each_link_and_each_time_in_the_total(world: World) -> None:
    before, total = (
        world.run(count(world.store, "marquee")) for count in (clicks.counted_for, clicks.total_of)
    )
    for token in ("first", "second"):
        link = made(world, token)
        values = [clicked(world, link, 2, days=day) for day in (0, 0, 1)]
        clicked(world, link, 2, "prefetch")
        assert [len(value) for value in values] == [22, 0, 22]

    assert world.run(clicks.counted_for(world.store, "marquee")) == before + 4
    assert world.run(clicks.total_of(world.store, "marquee")) == total + 6
    assert sorted(rows(world, "reason, counted_for", link), key=str) == sorted(
        [("", 2), ("again today", None), ("prefetch", None), ("", 2)], key=str
    )
    hashes = {clicks.hash_token(value) for value in values if value}
    assert {row[0] for row in rows(world, "value_hash", link)} == {*hashes, None}


def test_who_clicked_is_forgotten_when_the_day_is_over(world: World) -> None:
    link = made(world, "forgetting")
    clicked(world, link, 2)

    world.run(clicks.forget_who(world.store, world.now))
    again = clicked(world, link, 2)
    while world.run(clicks.forget_who(world.store, world.now + clicks.DAY)):
        pass

    assert again == ""
    assert sorted(rows(world, "counted, counted_for", link)) == [(0, None), (1, None)]
