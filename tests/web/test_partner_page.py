"""A partner's public page: its charts, its tables and its receipts say what a replay of the log says."""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from tests.gate.a_platform import DAY, READ, TODAY, World, opened
from tests.web.conftest import text_of
from vestibule.ledger.leaf import Event
from vestibule.ledger.replay import replay
from vestibule.recorder.public_record import Count, PartnerRecord
from vestibule.tlog.policy import Policy
from vestibule.tlog.tiles import read_entries
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import check_release, open_receipt
from vestibule.verdict.trust import trust
from vestibule.web.pages import day as day_words
from vestibule.web.public.partner_page import unused_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Some weeks: two connections, reads on three days, a refusal, a privilege withdrawn and given anew."""
    with opened(tmp_path_factory.mktemp("platform")) as world:
        talk, other = world.conversation("ana", "bob"), world.conversation("ana", "cleo")
        world.says("ana", talk, "a song")
        ana, bob = world.connect("ana", talk), world.connect("bob", talk)
        assert world.read(ana).status_code == 200
        assert world.read(bob).status_code == 200
        world.now += DAY
        withdraw(world, "jukebox")
        assert world.allow("jukebox", until_day=TODAY + 500).status_code == 201
        assert world.read(world.connect("ana", talk)).status_code == 200
        world.now += 9 * DAY
        assert world.read(world.connect("ana", talk, other)).status_code == 200
        assert world.read(ana).status_code == 401
        withdraw(world, "echo")
        yield world


def withdraw(world: World, partner: str) -> None:
    assert world.operate("withdrawals", {"partner": partner, "scope": READ}).status_code == 201


def page_of(world: World, partner: str) -> str:
    answer = world.get(None, f"/register/{partner}")
    assert answer.status_code == 200
    return answer.text


def entries_of(world: World) -> list[bytes]:
    def fetch(path: str) -> bytes:
        return world.get(None, f"/log/{path}").content

    policy = Policy.parse(fetch("policy"))
    return list(read_entries(fetch, policy.verify(fetch("checkpoint")).checkpoint))


def cells(row: str) -> list[str]:
    return [unescape(text_of(cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]


def table(page: str, label: str) -> list[list[str]]:
    found = re.search(f'aria-label="{label}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert found is not None, label
    return [cells(row) for row in re.findall(r"<tr>(.*?)</tr>", found[1], re.DOTALL)]


def charts(page: str) -> dict[str, dict[str, int]]:
    """Read every chart of the page as XML: its label, and what its bars say they stand for."""
    found = {}
    for label, svg in re.findall(r"<figcaption><strong>([^<]*)</strong>.*?(<svg.*?</svg>)", page, re.DOTALL):
        bars = ET.fromstring(svg).iter(f"{SVG}rect")  # noqa: S314  (our own page)
        titles = [str(bar.findtext(f"{SVG}title")).split(": ") for bar in bars]
        found[unescape(label)] = {day: int(value) for day, value in titles}
    return found


def test_totals_and_days_are_those_of_a_replay(world: World) -> None:
    history = replay(entries_of(world))
    page = page_of(world, "jukebox")

    shown = {(row[1], row[0]): (int(row[2]), row[3]) for row in table(page, "What the log counts")}

    mine = {key[1:3]: total for key, total in history.totals.items() if key[0] == "jukebox"}
    assert shown[READ, "Read through a connection"] == (4, str(mine["access", READ][1]))
    assert {events for events, _ in shown.values()} == {events for events, _ in mine.values()}
    assert sum(int(row[3]) for row in table(page, "Events a day")) == sum(e for e, _ in mine.values())


def test_every_chart_shows_the_numbers_of_its_table(world: World) -> None:
    page = page_of(world, "jukebox")
    rows: dict[str, dict[str, int]] = {}
    for day, words, op, events, *_ in table(page, "Events a day"):
        rows.setdefault(f"{words}, {op}", {})[day] = int(events)

    assert charts(page) == rows
    assert rows[f"Read through a connection, {READ}"] == {
        day_words(TODAY): 2,
        day_words(TODAY + 1): 1,
        day_words(TODAY + 10): 1,
    }


def test_first_and_last_read_and_refused_attempts_name_day_and_line(world: World) -> None:
    page = text_of(page_of(world, "jukebox"))
    reads = [
        index
        for index, entry in enumerate(entries_of(world))
        if b'"k":"access"' in entry and b'"p":"jukebox"' in entry
    ]
    assert f"First read {day_words(TODAY)}, line {reads[0]} " in page
    assert f"Last read {day_words(TODAY + 10)}, line {reads[-1]} " in page
    assert f"Refused attempts 1, the last on {day_words(TODAY + 10)}, line" in page
    assert "Refused attempts none recorded" in text_of(page_of(world, "marquee"))


def test_privileges_over_time_have_their_days_and_what_ended_them(world: World) -> None:
    [newer, older] = table(page_of(world, "jukebox"), "Its privileges over time")
    assert newer[:3] == [READ, day_words(TODAY + 1), day_words(TODAY + 500)]
    assert older[:2] == [READ, day_words(TODAY)]
    assert older[2].startswith(f"{day_words(TODAY + 1)}, withdrawn by line")
    [withdrawn] = table(page_of(world, "echo"), "Its privileges over time")
    assert f"{day_words(TODAY + 10)}, withdrawn by line" in withdrawn[2]


def test_people_are_counted_as_at_most(world: World) -> None:
    history = replay(entries_of(world))
    [row] = table(page_of(world, "jukebox"), "People connected")
    assert row == [
        READ,
        f"at most {history.live('jukebox', READ)}",
        f"at most {history.most_live('jukebox', READ)}",
    ]


def test_what_a_partner_does_not_have_is_left_out(world: World) -> None:
    page = page_of(world, "marquee")
    assert "No event of Marquee is in the log." in text_of(page)
    assert "People connected" not in page
    assert "<figure" not in page
    assert "elationship" not in page


def test_every_line_that_the_page_names_has_a_receipt_that_holds(world: World) -> None:
    page = page_of(world, "jukebox")
    trusted = trust(world.get(None, "/log/policy").content)
    entries = entries_of(world)
    named = {int(index) for index in re.findall(r'href="/log/receipt/(\d+)"', page)}
    assert len(named) > 8
    for index in named:
        answer = world.get(None, f"/log/receipt/{index}")
        receipt = open_receipt(answer.content, trusted)
        assert (receipt.index, receipt.text) == (index, entries[index].decode())
        assert receipt.private is None
        assert "public" in answer.headers["cache-control"]
        assert f'filename="leaf-{index}.tlog-proof"' in answer.headers["content-disposition"]


def test_every_leaf_has_a_receipt_without_its_private_half_and_nothing_beyond_the_log_has(
    world: World,
) -> None:
    for index, entry in enumerate(entries_of(world)):
        text = world.get(None, f"/log/receipt/{index}").text
        assert open_receipt(text, trust(world.get(None, "/log/policy").content)).text == entry.decode()
    for beyond in (str(world.size()), "-1", "01", "+1", "1e3", "9" * 40, "x"):
        assert world.get(None, f"/log/receipt/{beyond}").status_code == 404


def test_a_leaf_that_is_committed_but_not_published_has_no_receipt_yet(world: World) -> None:
    size = world.size()
    with world.broken_log():
        assert world.signed("jukebox", "GET", "/v1/connection", token="no such token").status_code == 503
        assert world.committed() == size + 1
        assert world.get(None, f"/log/receipt/{size}").status_code == 404
    assert world.signed("jukebox", "GET", "/v1/connection", token="no such token").status_code == 401
    assert world.get(None, f"/log/receipt/{size}").status_code == 200


def test_a_public_receipt_is_none_that_a_partner_may_act_on(world: World) -> None:
    index = next(at for at, entry in enumerate(entries_of(world)) if b'"k":"access"' in entry)
    request = next(one.private.request for one in world.written(index) if one.index == index)
    assert request is not None
    text = world.get(None, f"/log/receipt/{index}").text
    trusted = trust(world.get(None, "/log/policy").content)
    assert isinstance(open_receipt(text, trusted).leaf, Event)
    with pytest.raises(BadReceipt, match=f"leaf {index}: expected an opening, got none"):
        check_release(text, trusted, partner="jukebox", request=request)


@pytest.mark.parametrize(
    ("today", "unused"),
    [(TODAY + 89, ["friends.list"]), (TODAY + 90, ["friends.list", READ])],
)
def test_a_privilege_that_nobody_used_for_90_days_is_listed_with_who_lets_it(
    today: int, unused: list[str]
) -> None:
    count = Count(1, 1, 7, 7)
    daily = {(TODAY, "access", READ, "grant"): count, (today, "refusal", "friends.list", "grant"): count}
    record = PartnerRecord(9, daily, {READ: (3, 4)}, ())

    found = unused_of(record, [READ, "friends.list"], today)

    assert [one.scope for one in found] == unused
    said = {"friends.list": (None, 0), READ: (TODAY, 3)}
    assert [(one.last_day, one.live) for one in found] == [said[scope] for scope in unused]


def test_the_register_marks_what_nobody_uses(world: World) -> None:
    assert world.allow("marquee").status_code == 201

    assert f"may ask: {READ} (unused)" in text_of(world.get(None, "/register").text)
    page = text_of(world.get(None, "/register/marquee").text)
    assert f"{READ} : never used, and nobody lets it." in page
