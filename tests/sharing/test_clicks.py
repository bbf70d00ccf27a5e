"""Which clicks count, and that links are made once."""

from typing import Any

import pytest

from tests.gate.a_platform import World
from vestibule.sharing import clicks


@pytest.mark.parametrize(
    ("method", "purpose", "clicked_by", "reason"),
    [
        ("GET", "", 2, ""),
        ("GET", "", None, "not signed in"),
        ("GET", "", 4, "not in the conversation"),
        ("GET", "", 1, "the sender herself"),
        ("HEAD", "", 2, "not a GET"),
        ("GET", "prefetch", 2, "prefetch"),
        ("GET", "Prefetch;prerender", 2, "prefetch"),
    ],
)
def test_only_a_recipients_own_get_counts(
    method: str, purpose: str, clicked_by: int | None, reason: str
) -> None:
    said = clicks.not_counted_because(
        method=method, purpose=purpose, clicked_by=clicked_by, sender_id=1, members=(1, 2, 3)
    )

    assert said == reason


def test_a_link_made_again_stays_as_it_is_and_its_token_is_not_stored(world: World) -> None:
    for target in ("https://marquee.test/1", "https://marquee.test/2"):
        world.run(
            clicks.add_link(
                world.store,
                token="a token",
                partner_id="marquee",
                conversation_id=1,
                sender_id=1,
                target=target,
                now=world.now,
            )
        )

    link = world.run(clicks.find(world.store, "a token"))
    assert link.target == "https://marquee.test/1"
    assert link.link_hash != b"a token"
    assert world.run(clicks.find(world.store, "another")) is None


def test_only_counted_clicks_of_the_partners_own_links_are_counted(world: World) -> None:
    before = world.run(clicks.counted_for(world.store, "marquee"))
    world.run(
        clicks.add_link(
            world.store,
            token="counting",
            partner_id="marquee",
            conversation_id=1,
            sender_id=1,
            target="https://marquee.test/1",
            now=world.now,
        )
    )
    link = world.run(clicks.find(world.store, "counting"))
    for person, reason in ((2, ""), (2, "prefetch"), (3, "")):
        world.run(clicks.count(world.store, link, clicked_by=person, reason=reason, now=world.now))

    assert world.run(clicks.counted_for(world.store, "marquee")) == before + 2
    assert world.run(clicks.counted_for(world.store, "jukebox")) == 0


def test_a_person_counts_once_a_day_on_each_link(world: World) -> None:
    before = world.run(clicks.counted_for(world.store, "marquee"))
    for token in ("first", "second"):
        made: dict[str, Any] = {"partner_id": "marquee", "conversation_id": 1, "sender_id": 1}
        world.run(
            clicks.add_link(world.store, token=token, target="https://marquee.test/1", now=world.now, **made)
        )
        link = world.run(clicks.find(world.store, token))
        for day in (0, 0, 1):
            now = world.now + day * clicks.DAY
            world.run(clicks.count(world.store, link, clicked_by=2, reason="", now=now))

    assert world.run(clicks.counted_for(world.store, "marquee")) == before + 4
    rows = world.run(
        world.store.read(
            lambda tx: tx.all("select reason, counted_for from click where link_hash = :h", h=link.link_hash)
        )
    )
    assert sorted(rows, key=str) == sorted([("", 2), ("again today", None), ("", 2)], key=str)
