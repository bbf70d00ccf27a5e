"""What is refused, on record or before anything is, and what a partner learns of it."""

from pathlib import Path

import pytest

from tests.gate.a_platform import ORIGIN, PURPOSE, READ, Connected, World, opened, refused
from vestibule.connections import tokens
from vestibule.ledger import tags


def test_a_refusal_stands_in_the_lane_of_the_tokens_person(world: World, ana: Connected) -> None:
    with world.recording() as events:
        answer = world.read(Connected(ana.token, ("made-up",), ""))

    refused(answer, "not_selected")
    [event] = events
    assert (event.leaf.kind, event.leaf.op, event.leaf.n) == ("refusal", READ, 0)
    assert (event.subject, event.lane) == (world.subject("ana"), tags.SHARED)
    assert event.private.request is not None
    assert event.private.conversation == ""


@pytest.mark.parametrize("token", ["vst_made_up", "another partner's"])
def test_a_refusal_without_a_live_token_of_ones_own_is_nobodys(
    world: World, ana: Connected, token: str
) -> None:
    with world.recording() as events:
        path = f"/v1/conversations/{ana.refs[0]}/messages"
        answer = world.signed("echo", "GET", path, token=ana.token if token == "another partner's" else token)

    refused(answer, "dead_token")
    assert [(event.leaf.kind, event.leaf.partner) for event in events] == [("refusal", "echo")]
    assert events[0].subject == tags.NOBODY


def test_anothers_token_is_answered_as_one_that_never_was(world: World, ana: Connected) -> None:
    path = f"/v1/conversations/{ana.refs[0]}/messages"

    told = [world.signed("echo", "GET", path, token=token).json() for token in (ana.token, "vst_made_up")]

    others, made_up = ({**one, "receipts": []} for one in told)
    assert others == made_up


def test_a_partner_without_the_privilege_is_refused_on_record(world: World, ana: Connected) -> None:
    with world.recording() as events:
        answer = world.signed("jukebox", "GET", "/v1/friends", token=ana.token)

    refused(answer, "no_privilege")
    assert [(event.leaf.op, event.subject) for event in events] == [("friends.list", world.subject("ana"))]


def test_a_dead_token_is_said_to_be_dead_before_any_privilege_is_looked_at(
    world: World, ana: Connected
) -> None:
    refused(world.read(ana, partner="marquee"), "dead_token")
    refused(world.signed("jukebox", "GET", "/v1/friends", token="vst_made_up"), "dead_token")


def test_a_refusal_names_what_is_missing_and_where_it_can_be_asked_for(world: World, ana: Connected) -> None:
    path = f"/v1/conversations/{ana.refs[0]}/messages"
    scope = world.signed("jukebox", "GET", "/v1/friends", token=ana.token).json()
    refusals = {
        "token": world.signed("jukebox", "GET", path, token="vst_made_up").json(),
        "selection": world.read(Connected(ana.token, ("made-up",), "")).json(),
    }

    assert (scope["missing"], scope["scope"], scope["where"]) == (
        "privilege",
        "friends.list",
        f"{ORIGIN}/console/jukebox/privileges",
    )
    for missing, refusal in refusals.items():
        assert (refusal["missing"], refusal["scope"]) == (missing, READ)
    assert refusals["token"]["where"] == f"{ORIGIN}/oauth/token"
    assert refusals["selection"]["where"] == f"{ORIGIN}/oauth/par"
    world.operate("members", {"partner": "jukebox", "handle": "cleo", "member": True})
    assert world.get("cleo", scope["where"]).status_code == 200


def test_an_expired_token_is_refused(world: World, ana: Connected) -> None:
    world.now += tokens.LIFETIME_MICROSECONDS

    with world.recording() as events:
        answer = world.read(ana)

    refused(answer, "dead_token")
    assert [(*event.said, event.subject) for event in events] == [("refusal", 0, tags.NOBODY)]


def test_someone_elses_conversation_is_refused_under_every_name(world: World, ana: Connected) -> None:
    pair = world.conversation("bob", "ana")
    bobs = world.connect("bob", pair)

    with world.recording() as events:
        answer = world.read(Connected(ana.token, bobs.refs, ""))

    refused(answer, "not_selected")
    assert len(events) == 1


@pytest.mark.parametrize(
    ("query", "named"),
    [("?limit=0", "limit"), ("?limit=201", "limit"), ("?after=made-up", "message"), ("?limit=x", "limit")],
)
def test_a_request_that_cannot_be_understood_says_why_and_records_nothing(
    world: World, ana: Connected, query: str, named: str
) -> None:
    with world.recording() as events:
        answer = world.read(ana, query)

    assert answer.status_code == 400
    assert named in answer.text
    assert events == []


def test_over_its_rate_a_partner_is_told_when_to_come_back_and_no_leaf_is_written(tmp_path: Path) -> None:
    with opened(tmp_path, partner_rate=0.5, partner_burst=2) as slow:
        path = "/v1/conversations/any/messages"
        with slow.recording() as events:
            answers = [slow.signed("jukebox", "GET", path, token="vst_any") for _ in range(4)]
        others = slow.signed("marquee", "GET", path, token="vst_any")
        slow.now += 2_000_000
        later = slow.signed("jukebox", "GET", path, token="vst_any")

    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert answers[2].headers["retry-after"] == "2"
    assert "receipts" not in answers[2].json()
    assert len(events) == 2
    assert (others.status_code, later.status_code) == (401, 401)


def test_reconciliations_and_connections_count_against_the_rate_as_well(tmp_path: Path) -> None:
    with opened(tmp_path, partner_rate=0.001, partner_burst=1) as slow:
        slow.signed("jukebox", "GET", "/v1/conversations/any/messages", token="vst_any")
        with slow.recording():
            size = slow.committed()
            filed = slow.signed("jukebox", "POST", "/v1/reconciliations", b"{}")
            shown = slow.signed("jukebox", "GET", "/v1/connection", token="vst_any")

            assert slow.committed() == size
    assert (filed.status_code, shown.status_code) == (429, 429)


def test_the_connection_shows_the_grant_and_is_no_event(world: World, ana: Connected) -> None:
    with world.recording() as events:
        answer = world.signed("jukebox", "GET", "/v1/connection", token=ana.token).json()

    assert answer["scopes"] == [READ]
    assert [ref["id"] for ref in answer["conversations"]] == list(ana.refs)
    assert (answer["person"], answer["purposes"]) == (ana.person, {READ: PURPOSE})
    assert events == []


def test_the_connection_is_shown_to_its_own_partner_only_and_only_while_it_lives(
    world: World, ana: Connected
) -> None:
    theirs = world.signed("echo", "GET", "/v1/connection", token=ana.token)
    world.post("ana", "/apps/jukebox/end")
    ended = world.signed("jukebox", "GET", "/v1/connection", token=ana.token)

    refused(theirs, "dead_token")
    refused(ended, "connection_ended")
    assert "messages.read" not in theirs.text + ended.text


def test_a_token_of_an_ended_connection_fills_nobodys_lane_with_refusals_but_not_hers(
    world: World, ana: Connected
) -> None:
    world.post("ana", "/apps/jukebox/end")

    with world.recording() as events:
        read = world.read(ana)
        shown = world.signed("jukebox", "GET", "/v1/connection", token=ana.token)

    refused(read, "connection_ended")
    refused(shown, "connection_ended")
    ours = [event for event in events if event.leaf.kind == "refusal"]
    assert [(event.leaf.op, event.subject) for event in ours] == [
        (READ, tags.NOBODY),
        ("connection", tags.NOBODY),
    ]
