"""The request log of the console: what a partner asked, what was decided and why, kept short and bounded."""

from collections.abc import Iterator

import pytest

from tests.gate.a_platform import DAY, SECOND, Connected, World, opened
from tests.web.conftest import text_of
from vestibule.partners import request_log
from vestibule.partners.request_log import Answered, Line, RequestLog
from vestibule.web import sweeping

PATH = "/console/jukebox/requests"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        platform.operate("members", {"partner": "jukebox", "handle": "bob", "member": True})
        yield platform


@pytest.fixture(scope="module")
def ana(world: World) -> Connected:
    return world.connect("ana", world.conversation("ana", "bob", "cleo"))


def lines(world: World, partner: str = "jukebox", limit: int = 50) -> tuple[Line, ...]:
    world.run(world.platform.request_log.flush(world.store))
    found: tuple[Line, ...] = world.run(request_log.newest(world.store, partner, now=world.now, limit=limit))
    return found


def answered(at: int, reason: str = "") -> Answered:
    return Answered(at, "GET", "/v1/connection", "marquee:1", 403 if reason else 200, 3, "", reason)


def test_the_page_shows_the_request_just_answered_with_its_decision(world: World, ana: Connected) -> None:
    assert world.read(ana).status_code == 200
    refused = world.signed("jukebox", "GET", "/v1/friends?after=x", token=ana.token)
    assert refused.status_code == 403
    page = text_of(world.get("bob", PATH).text)
    assert "GET /v1/friends by jukebox:1 403 refused no_privilege" in page
    assert refused.json()["detail"] in page
    assert "200 let pass" in page
    assert "after=x" not in page
    only = text_of(world.get("bob", f"{PATH}?refused=true").text)
    assert "no_privilege" in only
    assert "let pass" not in only


def test_requests_to_the_authorization_server_are_there_too(world: World, ana: Connected) -> None:
    assert ana.token
    newest = [line.answered for line in lines(world)]
    assert {"/oauth/par", "/oauth/token"} <= {one.path for one in newest}
    world.push("jukebox", code_challenge="short")
    last = lines(world)[0].answered
    assert (last.path, last.status, last.code) == ("/oauth/par", 400, "invalid_request")
    assert last.reason


def test_nobody_elses_requests_and_no_unsigned_ones_are_there(world: World, ana: Connected) -> None:
    before = len(lines(world))
    world.signed("echo", "GET", "/v1/connection", token=ana.token)
    headers = world.headers("jukebox", "GET", "/v1/connection")
    world.send("GET", "/v1/counters", headers)
    assert len(lines(world)) == before
    assert lines(world, "echo")[0].answered.status in {400, 401}


def test_a_token_stands_nowhere_in_it(world: World, ana: Connected) -> None:
    world.read(ana)
    rows = world.run(world.store.read(lambda tx: tx.all("select * from partner_request")))
    assert rows
    assert ana.token not in repr(rows)


def test_what_is_older_than_seven_days_is_neither_shown_nor_kept(world: World) -> None:
    log = RequestLog()
    log.note("marquee", answered(world.now - 8 * DAY))
    log.note("marquee", answered(world.now - SECOND))
    world.run(log.flush(world.store))
    assert len(lines(world, "marquee")) == 1
    world.run(sweeping.sweep(world.store, world.now))
    rows = "select count(*) from partner_request where partner_id = 'marquee'"
    assert world.run(world.store.read(lambda tx: tx.one(rows))) == (1,)


def test_of_a_flood_the_newest_are_kept_in_memory_and_in_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "MOST", 5)
    log = RequestLog()
    for number in range(request_log.MOST_WAITING + 7):
        log.note("echo", answered(world.now, f"number {number}"))
    world.run(log.flush(world.store))
    rows = "select count(*) from partner_request where partner_id = 'echo' and slot < 5"
    assert world.run(world.store.read(lambda tx: tx.one(rows))) == (5,)
    found = lines(world, "echo", limit=3)
    last = request_log.MOST_WAITING + 6
    assert [line.answered.reason for line in found] == [f"number {last - behind}" for behind in range(3)]


def test_older_ones_are_on_the_next_page(world: World) -> None:
    log = RequestLog()
    for number in range(60):
        log.note("jukebox", answered(world.now, f"number {number} of sixty"))
    world.run(log.flush(world.store))
    first = world.get("bob", PATH).text
    assert "number 59 of sixty" in first
    assert "number 9 of sixty" not in first
    older = first.partition("?before=")[2].partition('"')[0]
    assert "number 9 of sixty" in world.get("bob", f"{PATH}?before={older}").text


@pytest.mark.parametrize("query", ["before=0", "before=99999999999999999999", "before=x", "live=maybe"])
def test_a_query_that_nobody_was_given_is_refused(world: World, query: str) -> None:
    assert world.get("bob", f"{PATH}?{query}").status_code == 400


def test_following_loads_the_page_anew_without_script(world: World) -> None:
    assert '<meta http-equiv="refresh" content="5">' in world.get("bob", f"{PATH}?live=true").text
    assert "http-equiv" not in world.get("bob", PATH).text


def test_usage_is_drawn_from_the_logs_totals_with_the_numbers_under_it(world: World, ana: Connected) -> None:
    world.read(ana)
    page = world.get("bob", "/console/jukebox/usage").text
    reads = sum(
        count.events
        for (_, kind, _, _), count in world.run(
            world.platform.recorder.public_record("jukebox")
        ).daily.items()
        if kind == "access"
    )
    assert f'<desc id="reads-desc">Reads: {reads} in all' in page
    assert f'<td class="number">{reads}</td>' in page
