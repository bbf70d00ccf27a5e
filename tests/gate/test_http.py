"""What HTTP says about answers to partners: tags, links, rate, gzip. Each read is an event all the same."""

import gzip
import re
from typing import Any

import pytest

from tests.gate.a_grant import connected_with
from tests.gate.a_platform import ORIGIN, SECRET, Connected, World, opened, receipts_of
from vestibule.connections import ending, listing
from vestibule.connections.grants import Scope
from vestibule.tlog.proof import TlogProof


def asked(world: World, connected: Connected, path: str, **headers: str) -> Any:
    fields = world.headers("jukebox", "GET", path, token=connected.token)
    return world.send(
        "GET", path, {**fields, **{name.replace("_", "-"): value for name, value in headers.items()}}
    )


def messages_of(connected: Connected, query: str = "") -> str:
    return f"/v1/conversations/{connected.refs[0]}/messages{query}"


def link(answer: Any, rel: str) -> str:
    [(address, found)] = re.findall(r'<([^>]+)>; rel="([a-z]+)"', answer.headers["link"])
    assert found == rel
    assert address.startswith(ORIGIN)
    return str(address.removeprefix(ORIGIN))


def test_what_a_partner_has_already_is_not_sent_again_and_is_a_recorded_read(
    world: World, ana: Connected
) -> None:
    first = asked(world, ana, messages_of(ana))
    assert first.headers["etag"].startswith('W/"')

    with world.recording() as events:
        second = asked(world, ana, messages_of(ana), if_none_match=f'"another", {first.headers["etag"]}')

    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    [event] = events
    assert (event.said, event.leaf.op, event.private.messages) == (("access", 0), "messages.read", ())
    assert event.private.conversation == ana.refs[0]
    receipts = world.signed("jukebox", "GET", link(second, "describedby"))
    assert [proof.index for proof in receipts_of(receipts)] == [event.index]


def test_a_new_message_or_a_tag_that_was_made_up_gets_the_whole_answer(world: World, ana: Connected) -> None:
    tag = asked(world, ana, messages_of(ana)).headers["etag"]
    group = world.conversation("ana", "bob")
    other = world.connect("ana", group)

    assert asked(world, other, messages_of(other), if_none_match=tag).status_code == 200
    assert asked(world, other, messages_of(other), if_none_match='W/"0123"').status_code == 200
    assert asked(world, other, messages_of(other), if_none_match="no tag").status_code == 200
    tag = asked(world, other, messages_of(other)).headers["etag"]
    world.says("ana", group, "something new")
    assert asked(world, other, messages_of(other), if_none_match=tag).status_code == 200
    assert asked(world, other, messages_of(other), if_none_match="*").status_code == 304


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/conversations", Scope.MESSAGES_READ),
        ("/v1/friends", Scope.FRIENDS_LIST),
        ("/v1/recommendations", Scope.RECOMMENDATIONS_RECEIVE),
    ],
)
def test_every_list_has_a_tag_and_says_when_it_is_unchanged(world: World, path: str, scope: Scope) -> None:
    connected = connected_with(world, "ana", world.conversation("ana", "bob"), scope)
    first = asked(world, connected, path)

    with world.recording() as events:
        second = asked(world, connected, path, if_none_match=first.headers["etag"])

    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
    assert [event.said for event in events] == [("access", 0)]


def test_a_page_leads_to_the_next_by_a_link_until_the_end(world: World, ana: Connected) -> None:
    path, seen = messages_of(ana, "?limit=1"), []
    while True:
        answer = asked(world, ana, path)
        seen += [message["body"] for message in answer.json()["messages"]]
        if "link" not in answer.headers:
            break
        path = link(answer, "next")
        assert set(path.partition("?")[2].split("&")) == {"limit=1", f"after={answer.json()['next']}"}

    assert (seen[-2:], answer.json()["next"]) == ([SECRET, "and another"], None)


def test_long_answers_are_compressed_for_whoever_takes_gzip(world: World, ana: Connected) -> None:
    path = messages_of(ana)
    for accepted in ("gzip", "br, GZIP;q=0.5"):
        fields = world.headers("jukebox", "GET", path, token=ana.token) | {"accept-encoding": accepted}
        answer = world.send("GET", path, fields)
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert int(answer.headers["content-length"]) < len(answer.content)
    for refused in ("", "gzip;q=0", "identity, br"):
        fields = world.headers("jukebox", "GET", path, token=ana.token) | {"accept-encoding": refused}
        answer = world.send("GET", path, fields)
        assert "content-encoding" not in answer.headers
        assert len(gzip.compress(answer.content)) < len(answer.content)
    assert "content-encoding" not in world.signed("jukebox", "GET", "/v1/counters").headers


def test_every_answer_to_a_partner_says_how_much_it_may_still_ask_for(tmp_path: Any) -> None:
    with opened(tmp_path, partner_rate=0.5, partner_burst=2) as slow:
        path = "/v1/conversations/any/messages"
        answers = [slow.signed("jukebox", "GET", path, token="vst_any") for _ in range(3)]
        unsigned = slow.get(None, path)
        other = slow.signed("marquee", "GET", "/v1/counters")

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"partner";q=2;w=4'}
    told = [answer.headers["ratelimit"] for answer in answers]
    assert told == ['"partner";r=1;t=2', '"partner";r=0;t=2', '"partner";r=0;t=2']
    assert answers[2].headers["retry-after"] == "2"
    assert "ratelimit" not in unsigned.headers
    assert other.headers["ratelimit"].startswith('"partner";r=1')


def test_a_partner_gets_its_receipts_once_more_in_the_order_of_the_log(world: World, ana: Connected) -> None:
    start = world.size() - 1
    first = asked(world, ana, messages_of(ana))
    refused = asked(world, ana, "/v1/conversations/another/messages")
    expected = sorted(proof.index for answer in (first, refused) for proof in receipts_of(answer))

    page = world.signed("jukebox", "GET", f"/v1/receipts?after={start}&limit=1")
    rest = world.signed("jukebox", "GET", link(page, "next"))
    again = [*receipts_of(page), *receipts_of(rest)]

    assert [proof.index for proof in again] == expected
    private = {proof.index: proof.extra for proof in again}
    for proof in (*receipts_of(first), *receipts_of(refused)):
        assert private[proof.index] == proof.extra
    others = world.signed("echo", "GET", f"/v1/receipts?after={start}").json()
    assert others == {"receipts": [], "next": None}


def test_the_receipt_of_an_answer_that_never_left_opens_nothing(world: World, ana: Connected) -> None:
    anas, start = world.people["ana"].account.user_id, world.size() - 1

    async def over() -> bool:
        return await listing.connection_with(world.store, anas, "jukebox") is None

    end = lambda: ending.end(world.store, world.platform.outbox, anas, "jukebox", world.now)  # noqa: E731  (passed on)
    world.meanwhile(end, over)
    answer = asked(world, ana, messages_of(ana))
    assert answer.json()["code"] == "overtaken"

    found = world.signed("jukebox", "GET", f"/v1/receipts?after={start}").json()["receipts"]
    kinds = {}
    for text in found:
        extra = TlogProof.parse(text).extra or b""
        kind = re.search(rb'\\"k\\":\\"([a-z]+)', extra)
        assert kind is not None
        kinds[kind[1].decode()] = b'"private"' in extra
    assert kinds == {"access": False, "refusal": True, "end": True}


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?after=-2", "?after=x"])
def test_what_is_no_place_in_the_log_is_refused(world: World, query: str) -> None:
    assert world.signed("jukebox", "GET", f"/v1/receipts{query}").status_code == 400


def test_the_counters_are_those_of_the_log(world: World, ana: Connected) -> None:
    def today() -> dict[str, Any]:
        answer = world.signed("jukebox", "GET", "/v1/counters")
        return dict(answer.json()["days"][-1]["counts"])

    before = today()
    with world.recording() as events:
        asked(world, ana, messages_of(ana))
        after = today()

    assert [event.leaf.kind for event in events] == ["access"]
    assert before.keys() <= after.keys()
    changed = {name: count for name, count in after.items() if count != before.get(name)}
    was = before.get("access/messages.read", [0, 0])
    assert changed == {"access/messages.read": [was[0] + 1, was[1] + events[0].leaf.n]}


@pytest.mark.parametrize("query", ["?from=2&to=1", "?from=0&to=366", "?from=x"])
def test_what_is_no_span_of_days_is_refused(world: World, query: str) -> None:
    assert world.signed("jukebox", "GET", f"/v1/counters{query}").status_code == 400
